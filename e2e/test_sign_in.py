"""Signing in and out, one's sessions, and the theme."""

import re

from playwright.sync_api import expect

from e2e.conftest import Browse
from e2e.people import toast
from e2e.stack import PASSWORD

EMAIL = "auditor@demo.test"


class TestSignIn:
    def test_refuses_a_wrong_password_then_takes_the_right_one_and_signs_out(self, browse: Browse) -> None:
        person = browse()
        page = person.page
        page.goto("/vehicles")
        expect(page).to_have_url(re.compile(r"/sign-in\?next="))
        person.look("sign-in")

        person.expect(422)
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_be_focused()
        expect(page.get_by_label("E-mail")).to_have_value(EMAIL)
        expect(page.get_by_label("Password")).to_have_value("")
        person.look("sign-in-refused")

        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Vehicles", level=1)).to_be_visible()

        page.locator("button.person").click()
        page.get_by_role("button", name="Sign out").click()
        expect(toast(page, "You are signed out")).to_be_visible()
        page.goto("/vehicles")
        expect(page).to_have_url(re.compile("/sign-in"))
        page.go_back()
        expect(page.locator("nav.sidebar")).to_have_count(0)

    def test_goes_on_to_the_page_that_was_asked_for(self, browse: Browse) -> None:
        page = browse().page
        page.goto("/vehicles?state=blocked")
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/vehicles\?state=blocked$"))


class TestSessions:
    def test_lists_the_browsers_and_ends_another(self, browse: Browse) -> None:
        here, elsewhere = browse(EMAIL), browse(EMAIL, user_agent="Elsewhere/1.0")
        page = here.go("/account/sessions")
        own = page.get_by_role("row", name="this one")
        expect(own).to_have_count(1)
        other = page.get_by_role("row", name="Elsewhere")
        other.get_by_role("button", name="End").click()
        expect(other).to_have_count(0)
        elsewhere.page.goto("/")
        expect(elsewhere.page).to_have_url(re.compile("/sign-in"))


class TestTheme:
    def test_changes_at_once_and_is_there_before_the_first_paint(self, browse: Browse) -> None:
        person = browse(EMAIL)
        page = person.page
        root = page.locator("html")
        expect(root).to_have_attribute("data-bs-theme", "light")
        page.locator("button.person").click()
        page.get_by_role("button", name="Dark").click()
        expect(root).to_have_attribute("data-bs-theme", "dark")
        expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")

        page.add_init_script("""
            window.themesPainted = [];
            const note = () => window.themesPainted.push(document.documentElement?.dataset.bsTheme ?? "none");
            new MutationObserver((_, self) => {
              if (!document.body) return;
              self.disconnect();
              requestAnimationFrame(note);
            }).observe(document, { childList: true, subtree: true });
        """)
        page.reload()
        page.wait_for_function("window.themesPainted.length > 0")
        assert page.evaluate("window.themesPainted") == ["dark"]
        assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
