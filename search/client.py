"""The connection to the search cluster: deadlines, a circuit breaker and typed errors."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from search.breaker import SearchBreaker
from search.errors import IndexMissing, SearchRefused, SearchUnavailable

QUERY_SECONDS: Final = 1.0
COMMAND_SECONDS: Final = 30.0
CONNECTIONS: Final = 32
TRANSIENT: Final = frozenset({401, 403, 408, 429, 500, 502, 503, 504})
MISSING: Final = frozenset({"index_not_found_exception", "index_closed_exception"})

NDJSON: Final = {"content-type": "application/x-ndjson"}
JSON: Final = {"content-type": "application/json"}
_FIRST_ERROR: Final = 300
_NOT_FOUND: Final = 404


def error_of(status: int, kind: str, reason: str) -> SearchRefused | SearchUnavailable:
    """The typed error for an answer of the cluster: its status, the error's type and its wording."""
    if kind in MISSING:
        return IndexMissing(reason)
    if status in TRANSIENT:
        return SearchUnavailable(f"{status} {kind}: {reason}")
    return SearchRefused(status, f"{kind}: {reason}")


def _error_in(status: int, content: bytes) -> SearchRefused | SearchUnavailable:
    """The error that an answer tells; a proxy in between may answer something else than JSON."""
    try:
        answer = msgspec.json.decode(content)
    except msgspec.DecodeError:
        answer = None
    cause = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(cause, dict):
        return error_of(status, str(cause.get("type")), str(cause.get("reason")))
    return error_of(status, "no reason", str(cause or content[:200].decode(errors="replace")))


class SearchClient:
    """One cluster; make it in the event loop that uses it and close it there."""

    def __init__(
        self,
        url: str,
        *,
        query_seconds: float = QUERY_SECONDS,
        breaker: SearchBreaker | None = None,
        connections: int = CONNECTIONS,
    ) -> None:
        self.query_seconds = query_seconds
        self.breaker = breaker or SearchBreaker()
        self._url = url.rstrip("/")
        self._http = ClientSession(connector=TCPConnector(limit=connections))

    async def close(self) -> None:
        await self._http.close()

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
        status, content = await self._exchange(method, path, body, seconds, params, headers)
        if status >= _FIRST_ERROR:
            raise _error_in(status, content)
        try:
            return msgspec.json.decode(content) if content else None
        except msgspec.DecodeError as error:
            raise SearchUnavailable(f"no JSON in the answer: {content[:200].decode(errors='replace')}") from error

    async def command(self, method: str, path: str, content: Any = None, **params: str) -> Any:
        """Send one JSON command."""
        return await self.send(method, path, None if content is None else msgspec.json.encode(content), params=params)

    async def exists(self, path: str) -> bool:
        status, _ = await self._exchange("HEAD", path, None, COMMAND_SECONDS, None, JSON)
        if status >= _FIRST_ERROR and status != _NOT_FOUND:
            raise error_of(status, "no reason", f"HEAD {path}")
        return status != _NOT_FOUND

    async def _exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        seconds: float,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str],
    ) -> tuple[int, bytes]:
        try:
            async with self._http.request(
                method, self._url + path, params=params, data=body, headers=headers, timeout=ClientTimeout(seconds)
            ) as answer:
                return answer.status, await answer.read()
        except (ClientError, TimeoutError, OSError) as error:
            raise SearchUnavailable(f"no answer: {error!r}") from error
