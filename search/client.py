"""The connection to the search cluster: deadlines, a circuit breaker and typed errors."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import OpenSearchException, SerializationError, TransportError
from opensearchpy.serializer import JSONSerializer

from search.breaker import Breaker
from search.errors import IndexMissing, SearchRefused, SearchUnavailable

QUERY_SECONDS: Final = 1.0
COMMAND_SECONDS: Final = 30.0
CONNECTIONS: Final = 32
TRANSIENT: Final = frozenset({401, 403, 408, 429, 500, 502, 503, 504})
MISSING: Final = frozenset({"index_not_found_exception", "index_closed_exception"})

NDJSON: Final = {"content-type": "application/x-ndjson"}
JSON: Final = {"content-type": "application/json"}


class _FastSerializer(JSONSerializer):
    def loads(self, s: str) -> Any:
        try:
            return msgspec.json.decode(s)
        except msgspec.DecodeError as error:
            raise SerializationError(s[:200], error) from error


def error_of(status: int, kind: str, reason: str) -> SearchRefused | SearchUnavailable:
    """The typed error for an answer of the cluster: its status, the error's type and its wording."""
    if kind in MISSING:
        return IndexMissing(reason)
    if status in TRANSIENT:
        return SearchUnavailable(f"{status} {kind}: {reason}")
    return SearchRefused(status, f"{kind}: {reason}")


def _typed(error: OpenSearchException) -> SearchRefused | SearchUnavailable:
    if not isinstance(error, TransportError) or not isinstance(error.status_code, int):
        return SearchUnavailable(f"no answer: {error}")
    answer = error.info if isinstance(error.info, dict) else {}
    cause = answer.get("error")
    reason = str(cause.get("reason")) if isinstance(cause, dict) else str(cause or error.error)
    return error_of(error.status_code, str(error.error), reason)


class SearchClient:
    """One cluster; make it in the event loop that uses it and close it there."""

    def __init__(self, url: str, *, query_seconds: float = QUERY_SECONDS, breaker: Breaker | None = None) -> None:
        self.query_seconds = query_seconds
        self.breaker = breaker or Breaker()
        self._cluster = AsyncOpenSearch(
            hosts=[url], max_retries=0, pool_maxsize=CONNECTIONS, serializer=_FastSerializer()
        )

    async def close(self) -> None:
        await self._cluster.close()

    async def query(
        self,
        path: str,
        body: bytes,
        *,
        seconds: float | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] = JSON,
    ) -> Any:
        """Ask for something a person waits for; refuses at once while the breaker is open."""
        limit = self.query_seconds if seconds is None else seconds
        with self.breaker.attempt():
            if limit <= 0:
                raise SearchUnavailable("the deadline has passed")
            return await self.send("POST", path, body, seconds=limit, params=params, headers=headers)

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        seconds: float = COMMAND_SECONDS,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] = JSON,
    ) -> Any:
        """Send one request without the breaker: what the indexer and the commands use, which retry on their own."""
        try:
            return await self._cluster.transport.perform_request(
                method, path, params=dict(params or {}), body=body, timeout=seconds, headers=headers
            )
        except OpenSearchException as error:
            raise _typed(error) from error

    async def command(self, method: str, path: str, content: Any = None, **params: str) -> Any:
        """Send one JSON command."""
        return await self.send(method, path, None if content is None else msgspec.json.encode(content), params=params)

    async def exists(self, path: str) -> bool:
        return bool(await self.send("HEAD", path))
