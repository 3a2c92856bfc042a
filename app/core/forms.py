"""Form text to typed values, with one message per field, and everything typed by the person kept."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Self, TypeVar, cast

from litestar.datastructures import FormMultiDict, UploadFile
from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError

from app.core.conflicts import BASE_FIELD, base_text, changed
from app.core.errors import InvalidFields
from app.core.http import Request
from app.kit.money import Money, MoneyError
from app.kit.numbers_in_text import MASKS, WORDS, find_card
from app.kit.problems import Problem

T = TypeVar("T")

MAX_TEXT = 20_000
TRANSPORT_FIELDS = frozenset({"_csrf", "_key"})
MESSAGES = {
    "missing": "Enter a value",
    "int_parsing": "Enter a whole number",
    "int_type": "Enter a whole number",
    "decimal_parsing": "Enter a number",
    "date_from_datetime_parsing": "Enter a date such as 2026-06-25",
    "date_parsing": "Enter a date such as 2026-06-25",
    "datetime_from_date_parsing": "Enter a date and time such as 2026-06-25T10:00",
    "datetime_parsing": "Enter a date and time such as 2026-06-25T10:00",
    "enum": "Choose one of the list",
    "literal_error": "Choose one of the list",
    "bool_parsing": "Choose yes or no",
    "string_too_long": "This is too long",
    "string_too_short": "Enter a value",
    "greater_than_equal": "This is too small",
    "less_than_equal": "This is too large",
}


class Form(BaseModel):
    """A submitted form. Empty inputs count as absent; `many` names fields with several values."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, arbitrary_types_allowed=True)
    many: ClassVar[frozenset[str]] = frozenset()
    money: ClassVar[frozenset[str]] = frozenset()

    _errors: dict[str, str] = PrivateAttr(default_factory=dict[str, str])
    _raw: dict[str, Any] = PrivateAttr(default_factory=dict[str, Any])

    @classmethod
    async def from_request(cls, request: Request) -> Self:
        """Read the request's form. Never raises for what a person typed: look at `errors`."""
        return cls.from_form(await request.form())

    @classmethod
    def from_form(cls, form: FormMultiDict) -> Self:
        raw: dict[str, Any] = {}
        for name in form:
            if name in TRANSPORT_FIELDS:
                continue
            raw[name] = [str(value) for value in form.getall(name)] if name in cls.many else form[name]
        return cls.from_raw(raw)

    @classmethod
    def from_raw(cls, raw: Mapping[str, Any]) -> Self:
        cards = {name for name, value in raw.items() if name != BASE_FIELD and _has_card(value)}
        raw = {name: MASKS["card"] if name in cards else value for name, value in raw.items()}
        given = {name: value for name, value in raw.items() if value not in ("", [""], [])}
        errors = {name.removesuffix(".amount"): WORDS["card"] for name in cards}
        for name, value in given.items():
            if isinstance(value, str) and len(value) > MAX_TEXT:
                errors[name] = MESSAGES["string_too_long"]
        cls._read_money(given, errors)
        try:
            form = cls.model_validate({name: value for name, value in given.items() if name not in errors})
        except ValidationError as refused:
            form = cls.model_construct()
            for found in refused.errors():
                name = ".".join(str(part) for part in found["loc"])
                errors.setdefault(name, MESSAGES.get(found["type"], found["msg"].removeprefix("Value error, ")))
        form._hold(raw, errors)
        return form

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """A form showing present values, before anybody typed."""
        raw: dict[str, Any] = {}
        for name, value in values.items():
            if isinstance(value, Money):
                raw[f"{name}.amount"], raw[f"{name}.currency"] = value.amount, value.currency
            elif isinstance(value, list):
                raw[name] = [str(part) for part in value]
            else:
                raw[name] = "" if value is None else getattr(value, "value", value)
        form = cls.model_construct()
        form._hold(raw, {})
        return form

    @classmethod
    def _read_money(cls, given: dict[str, Any], errors: dict[str, str]) -> None:
        for name in cls.money:
            amount, currency = given.pop(f"{name}.amount", None), given.pop(f"{name}.currency", None)
            if not amount:
                continue
            try:
                given[name] = Money.parse(str(amount).replace(",", "").replace(" ", ""), str(currency or ""))
            except MoneyError as error:
                errors[name] = str(error)

    def _hold(self, raw: Mapping[str, Any], errors: dict[str, str]) -> None:
        self._raw, self._errors = dict(raw), errors

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong, by field name; empty when all is well."""
        return self._errors

    def refuse(self, name: str, message: str) -> None:
        """Add a message of our own."""
        self._errors[name] = message

    def text(self, name: str) -> str:
        """What the person typed into a field."""
        value = self._raw.get(name)
        return "" if value is None else str(value)

    def chosen(self, name: str) -> list[str]:
        """The values chosen in a field of several."""
        value = self._raw.get(name)
        return list(value) if isinstance(value, list | tuple) else ([str(value)] if value else [])

    def values(self) -> dict[str, Any]:
        """The typed values of all fields; absent ones are None."""
        return {name: getattr(self, name) for name in type(self).model_fields}

    @property
    def raw(self) -> dict[str, Any]:
        """Everything as it was typed."""
        return self._raw

    @property
    def base(self) -> str:
        """What the form was shown with, for its hidden field: carried on when the form is shown again."""
        return self._raw.get(BASE_FIELD) or base_text(self._raw)

    def changed_values(self) -> dict[str, Any]:
        """The typed values of the fields that the person changed."""
        names = {name.partition(".")[0] for name in changed(self._raw)}
        return {name: value for name, value in self.values().items() if name in names}

    async def submit(
        self, service: Callable[..., Awaitable[T]], *args: Any, fields: dict[str, Any] | None = None, **kwargs: Any
    ) -> T | None:
        """Run a service with `fields` when the form is clean; values that it refuses become errors here."""
        if self._errors:
            return None
        try:
            return await service(*args, fields=self.values() if fields is None else fields, **kwargs)
        except InvalidFields as refused:
            self.take(refused)
            return None

    def require_clean(self) -> None:
        """Raises InvalidFields with what is wrong, before a service that takes single values."""
        if self._errors:
            raise InvalidFields([Problem(name, "invalid", message) for name, message in self._errors.items()])

    def take(self, refused: InvalidFields) -> None:
        """Show what a service refused beside the fields."""
        for problem in refused.problems:
            self._errors.setdefault(problem.field, problem.detail)


def _has_card(value: Any) -> bool:
    """Also one that was refused and forgotten before: it is not even shown again to who typed it."""
    if isinstance(value, list):
        return any(map(_has_card, cast("list[Any]", value)))
    text = value.filename if isinstance(value, UploadFile) else str(value)
    return text == MASKS["card"] or find_card(text)
