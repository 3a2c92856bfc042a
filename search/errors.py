"""What can go wrong between the engine and the search cluster."""


class SearchError(Exception):
    """Anything the search cluster did not do."""


class SearchUnavailable(SearchError):
    """The cluster is away, too slow, overloaded or blocked: answer without it and try again later."""


class IndexMissing(SearchUnavailable):
    """The kind has no index yet, or it was closed."""


class SearchRefused(SearchError):
    """The cluster understood the request and refused it: a mistake of ours, which a retry does not cure."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason


class ReindexRefused(SearchError):
    """The new index lacks too many documents to go live; the old one stays."""


class BadCursor(ValueError):
    """A page address that this list did not give out."""


class UnknownField(ValueError):
    """A filter, facet or order names a field that its kind does not have."""
