"""What a client claims about itself changes no address of ours, no route and no mail; nor does a way back lead away."""

from urllib.parse import urlsplit

import pytest

from app.core.http import local_address
from app.core.permissions import PUBLIC
from tests.conftest import BASE_URL
from tests.security.conftest import address_of

PART = "headers and redirects"
EVIL = "evil.example"
CLAIMS = (
    {"host": EVIL},
    {"x-forwarded-host": EVIL},
    {"x-forwarded-proto": "https"},
    {"x-forwarded-for": "10.9.8.7"},
    {"forwarded": f"host={EVIL};proto=https;for=10.9.8.7"},
    {"x-original-url": f"/{EVIL}"},
    {"x-rewrite-url": f"/{EVIL}"},
    {"referer": f"https://{EVIL}/x"},
    {"x-http-method-override": "DELETE"},
    {"x-host": EVIL},
    {"x-forwarded-prefix": f"//{EVIL}"},
)
AWAY = (
    f"https://{EVIL}",
    f"//{EVIL}",
    f"///{EVIL}",
    f"/\\{EVIL}",
    f"\\\\{EVIL}",
    f"/\t/{EVIL}",
    f"/\n/{EVIL}",
    f" //{EVIL}",
    f"https:{EVIL}",
    f"https:///{EVIL}",
    f"/..//{EVIL}",
    f"/.//{EVIL}",
    f"http:/{EVIL}",
    f"/%09/{EVIL}",
    f"//{EVIL}@127.0.0.1",
    "javascript:alert(1)",
    "data:text/html,x",
    f"/\r\nLocation: https://{EVIL}",
    f"{EVIL}",
    f"@{EVIL}",
    f"/x\\..\\//{EVIL}",
)
NOT_ASKED = ("/live", "/api/v1/live", "/health", "/metrics", "/sign-in/identity")


def leads_away(location: str) -> bool:
    """As a browser reads an address: without tabs and line ends, and with \\ for /."""
    plain = location.strip().translate({9: None, 10: None, 13: None}).replace("\\", "/")
    parts = urlsplit(plain)
    return plain.startswith("//") or (bool(parts.scheme) and not plain.startswith(BASE_URL))


class TestClaims:
    @pytest.mark.parametrize("claim", CLAIMS, ids=str)
    async def test_never_show_and_never_route(self, client_for, visitor, routes, world, claim, tried):
        admin = await client_for("admin")
        wrong, count = [], 0
        for route in routes:
            if route.method != "GET" or route.is_api or route.parameters or route.path.startswith(NOT_ASKED):
                continue
            for client in (admin, visitor) if route.permission == PUBLIC else (admin,):
                answer = await client.get(address_of(route, world.ids), headers=claim)
                count += 1
                told = answer.text + str(answer.headers)
                if EVIL in told or "10.9.8.7" in told or answer.status_code >= 500:
                    wrong.append(f"{route}: {answer.status_code}")
        assert wrong == []
        tried(PART, count)

    async def test_a_mail_leads_to_the_configured_address(self, visitor, app, runtime, world, session, tried):
        page = await visitor.get("/password/forgotten")
        token = page.text.partition('name="_csrf" value="')[2].partition('"')[0]
        for claim in (
            {"host": EVIL},
            {"x-forwarded-host": EVIL},
            {"origin": f"https://{EVIL}"},
            {"referer": f"//{EVIL}"},
        ):
            form = {"email": world.records["staff"].email, "_csrf": token}
            await visitor.post("/password/forgotten", data=form, headers=claim)
        mails = await visitor.get("/_mail")
        assert EVIL not in mails.text
        tried(PART, 4)


class TestWaysBack:
    @pytest.mark.parametrize("address", AWAY)
    def test_an_address_of_others_is_none_of_ours(self, address):
        assert not leads_away(local_address(address))

    @pytest.mark.parametrize(
        "address", ["/vehicles/\N{CYRILLIC CAPITAL LETTER ZHE}?q=\N{EURO SIGN}", "/x y", "/vehicles?q=a%20b&c"]
    )
    async def test_a_way_back_is_always_a_header(self, client_for, address):
        admin = await client_for("admin")
        answer = await admin.get("/sign-in", params={"next": address})
        assert answer.status_code == 303
        assert answer.headers["location"].isascii()

    async def test_no_parameter_and_no_referer_leads_away(self, client_for, visitor, routes, world, tried):
        admin = await client_for("admin")
        wrong, count = [], 0
        for address in AWAY:
            for path in ("/sign-in", "/sign-in/code", "/sign-in/enrolment", "/vehicles", "/search"):
                for name in ("next", "return", "return_to", "url", "redirect", "q"):
                    for client in (admin, visitor):
                        answer = await client.get(path, params={name: address})
                        count += 1
                        if leads_away(answer.headers.get("location", "")):
                            wrong.append(f"{path}?{name}={address!r}: {answer.headers['location']}")
            if address.isprintable():
                answer = await admin.post("/theme", data={"theme": "dark"}, headers={"referer": address})
                count += 1
                if leads_away(answer.headers.get("location", "")):
                    wrong.append(f"referer {address!r}: {answer.headers['location']}")
        assert wrong == []
        tried(PART, count)
