"""What a person does in a browser without JavaScript."""

import re

import httpx

PASSWORD = "a long enough password"
_CSRF = re.compile(r'name="_csrf" value="([0-9a-f]+)"')


def csrf_in(page: httpx.Response) -> str:
    found = _CSRF.search(page.text)
    assert found, f"no form on {page.url} ({page.status_code})"
    return found.group(1)


async def submit(client: httpx.AsyncClient, form_at: str, to: str, **fields: object) -> httpx.Response:
    """Load a page and send its form."""
    token = csrf_in(await client.get(form_at))
    return await client.post(to, data={"_csrf": token, **fields})


async def sign_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD, **fields: object) -> httpx.Response:
    return await submit(client, "/sign-in", "/sign-in", email=email, password=password, **fields)


async def is_signed_in(client: httpx.AsyncClient) -> bool:
    return (await client.get("/account/sessions")).status_code == 200
