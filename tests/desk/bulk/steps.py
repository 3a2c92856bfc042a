"""The steps of a run through its pages."""

import re
from html import unescape

from app.desk.bulk.models import BulkRun
from app.rental.vehicles.models import Vehicle


async def choose(client, action, *, query="", ids=(), all_rows=False, kind="vehicle"):
    """Select rows and the action; answers where the draft is."""
    form = {"kind": kind, "action": action, "query": query, "id": [str(one) for one in ids]}
    answer = await client.post("/bulk", data=form | ({"all": "true"} if all_rows else {}))
    assert answer.status_code == 303, unescape(answer.text)
    return answer.headers["location"]


async def prepared(client, action, fields, **selected):
    """A draft whose questions are answered; answers where it is and how many records it shows."""
    address = await choose(client, action, **selected)
    if fields:
        answer = await client.post(f"{address}/fields", data=fields)
        assert answer.status_code == 303, unescape(answer.text)
    page = unescape((await client.get(address)).text)
    return address, int(re.search(r'name="count" value="(\d+)"', page).group(1))


async def started(client, action, fields, **selected):
    address, count = await prepared(client, action, fields, **selected)
    answer = await client.post(f"{address}/start", data={"count": count})
    assert answer.status_code == 303, unescape(answer.text)
    return address


async def run_of(session, address) -> BulkRun:
    return await session.get(BulkRun, address.rpartition("/")[2], populate_existing=True)


async def states(session, vehicles) -> list[str]:
    return [(await session.get(Vehicle, one.id, populate_existing=True)).state.value for one in vehicles]
