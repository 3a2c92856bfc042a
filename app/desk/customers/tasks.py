"""How customers leave in a file: numbers of identity and account masked, as on their page."""

from app.core.exporting import FileColumn, Listing
from app.desk.customers import queries
from app.desk.customers.schemas import KIND_WORDS, CustomerItem


def _address(part: str) -> FileColumn:
    return FileColumn(
        part,
        part.replace("_", " ").capitalize(),
        value=lambda item: getattr(item.address, part) if item.address else None,
    )


def label(item: CustomerItem) -> str:
    return item.name


LISTING = Listing(
    queries.customers,
    queries.SPEC,
    label,
    columns=(
        FileColumn("name", "Name"),
        FileColumn("kind", "Kind", "words", words=KIND_WORDS),
        FileColumn("born_on", "Born", "day", shown_as="born"),
        FileColumn("identity_number_masked", "Identity number", shown_as="identity_number"),
        FileColumn("email", "E-mail"),
        FileColumn("phone", "Phone"),
        _address("street"),
        _address("postal_code"),
        _address("city"),
        _address("country"),
        FileColumn("market", "Market"),
        FileColumn("iban_masked", "IBAN", shown_as="iban"),
        FileColumn("language", "Language"),
        FileColumn("created_at", "Added", "moment", shown_as="created"),
        FileColumn("updated_at", "Changed", "moment", shown_as="updated"),
        FileColumn("id", "Id"),
    ),
)
