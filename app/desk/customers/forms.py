"""The form of customer pages."""

from datetime import date
from typing import Any, ClassVar, Self

from pydantic import Field

from app.core.conflicts import BASE_FIELD, changed
from app.core.errors import InvalidFields
from app.core.forms import Form
from app.desk.customers.models import Customer
from app.desk.customers.services import SEALED

ADDRESS = ("street", "postal_code", "city", "region", "country")
PLAIN = (
    "market",
    "kind",
    "given_name",
    "family_name",
    "company_name",
    "born_on",
    "email",
    "phone",
    "language",
    "version",
)
TRANSPORT = ("version", "confirm_duplicate")


class CustomerForm(Form):
    """New and edit. Secrets are typed only to set or replace them: an empty one stays as it is."""

    money: ClassVar[frozenset[str]] = frozenset()

    version: int | None = None
    confirm_duplicate: bool | None = None
    market: str | None = None
    kind: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    company_name: str | None = None
    born_on: date | None = None
    identity_number: str | None = None
    email: str | None = None
    phone: str | None = None
    iban: str | None = None
    language: str | None = None
    address_street: str | None = Field(default=None, alias="address.street")
    address_postal_code: str | None = Field(default=None, alias="address.postal_code")
    address_city: str | None = Field(default=None, alias="address.city")
    address_region: str | None = Field(default=None, alias="address.region")
    address_country: str | None = Field(default=None, alias="address.country")

    @classmethod
    def of_customer(cls, customer: Customer) -> Self:
        """The form showing a customer, without what is secret."""
        shown = {name: getattr(customer, name) for name in PLAIN}
        return cls.of(shown | {f"address.{part}": customer.address.get(part, "") for part in ADDRESS})

    def over(self, customer: Customer) -> Self:
        """The customer's present values with what the person changed."""
        present = self.of_customer(customer).raw
        return self.from_raw(present | changed(self.raw) | {BASE_FIELD: self.raw.get(BASE_FIELD, "")})

    def take(self, refused: InvalidFields) -> None:
        super().take(refused)
        if any(problem.field == "market" and problem.code == "required" for problem in refused.problems):
            self.errors["market"] = "Choose a market"

    def values(self) -> dict[str, Any]:
        given = super().values()
        parts = {part: given.pop(f"address_{part}") for part in ADDRESS}
        given["address"] = {part: text for part, text in parts.items() if text} or None
        kept = {name: value for name, value in given.items() if name not in TRANSPORT}
        return {name: value for name, value in kept.items() if name not in SEALED or value}
