"""Controllers of the API that fit every kind of record, made once per kind: `/api/v1/vehicles/{vehicle_id}/notes`."""

from collections.abc import Iterator, Sequence
from typing import ClassVar
from uuid import UUID

from litestar import Controller
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from app.core.actor import Actor
from app.core.area import RecordKind
from app.core.db import AsyncSession
from app.core.http import Request
from app.core.subjects import Subject, find_subject


class RecordApi(Controller):
    """Handlers beside a record. `{Kind}` in an operation's id and `{kind}` in its words become the kind's name."""

    collection: ClassVar[str] = ""
    """The last part of the address: `notes`."""
    kind: ClassVar[RecordKind]

    @classmethod
    def takes(cls, kind: RecordKind) -> bool:
        """Whether records of this kind have such a thing."""
        return kind.has_notes

    @classmethod
    def of(cls, kind: RecordKind) -> type["RecordApi"]:
        """The controller of one kind."""
        path = f"/api/v1/{kind.slug}/{{{kind.key}_id:uuid}}/{cls.collection}"
        facts = {"path": path, "tags": [kind.plural], "kind": kind, "__doc__": cls.__doc__}
        return type(f"{_camel(kind.key)}{cls.__name__}", (cls,), facts)

    def get_route_handlers(self) -> list[BaseRouteHandler]:
        handlers = super().get_route_handlers()
        for handler in handlers:
            if isinstance(handler, HTTPRouteHandler):
                handler.name = f"api.{self.kind.slug}.{handler.name}"
                handler.operation_id = str(handler.operation_id).format(Kind=_camel(self.kind.key))
                handler.summary = str(handler.summary).format(kind=self.kind.title.lower())
        return handlers

    async def subject(self, request: Request, session: AsyncSession, actor: Actor) -> Subject:
        """The record of the address. Raises NotFound outside of permission and scope."""
        record_id: UUID = request.path_params[f"{self.kind.key}_id"]
        return await find_subject(session, self.kind.key, record_id, actor, takes=self.takes)


def _camel(key: str) -> str:
    """`supplier_reservation` as names of operations have it: `SupplierReservation`."""
    return "".join(part.capitalize() for part in key.split("_"))


def record_controllers(
    kinds: Sequence[RecordKind], controllers: Sequence[type[RecordApi]]
) -> Iterator[type[Controller]]:
    """Every controller for every kind that takes it."""
    for kind in kinds:
        for controller in controllers:
            if controller.takes(kind):
                yield controller.of(kind)
