"""The bare client: one `_search` as it stands, its answer read and written by msgspec; nobody is asked who they are."""

import os
from contextlib import suppress
from pathlib import Path

import msgspec
from opensearchpy import AsyncOpenSearch

BODY = Path(os.environ["SEARCH_BODY"]).read_bytes()
PATH = os.environ["SEARCH_PATH"]
HEADERS = {"content-type": "application/json"}
encode = msgspec.json.Encoder().encode
client = None


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        with suppress(KeyError):
            while (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = b"{}" if scope["path"] == "/ready" else await search()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def search():
    global client
    if client is None:
        client = AsyncOpenSearch(hosts=[os.environ["OPENSEARCH_URL"]], pool_maxsize=32)
    answer = await client.transport.perform_request("POST", PATH, body=BODY, headers=HEADERS)
    hits = answer["hits"]
    items = [hit["_source"] | {"highlight": hit.get("highlight")} for hit in hits["hits"]]
    return encode({"items": items, "total": hits["total"]["value"], "facets": answer["aggregations"]})
