"""Sums of counted days beside the rows that they are of: by branch, by class and by market."""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

LEVEL = "level VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'detail'"
COUNTED = {
    "day_figure": (
        ", currency",
        ("rented_minutes", "revenue_minor", "booked", "pickups", "cancelled", "no_shows"),
    ),
    "day_fleet": ("", ("vehicles", "available_minutes")),
}
CODES = {"branch": ("location_code", "''"), "class": ("''", "class_code"), "market": ("''", "''")}


def upgrade() -> None:
    for table, (currency, names) in COUNTED.items():
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {LEVEL} FIRST, DROP PRIMARY KEY, "
            f"ADD PRIMARY KEY (level, day, market, location_code, class_code{currency})"
        )
        sums = ", ".join(f"SUM({name})" for name in names)
        for level, (location, code) in CODES.items():
            by = "".join(f", {name}" for name in (location, code) if name != "''")
            op.execute(
                f"INSERT IGNORE INTO {table} (level, day, market, location_code, class_code{currency}, "  # noqa: S608
                f"{', '.join(names)}) SELECT '{level}', day, market, {location}, {code}{currency}, {sums} "
                f"FROM {table} WHERE level = 'detail' GROUP BY day, market{by}{currency}"
            )
    op.drop_index("ix_day_figure_market", "day_figure")


def downgrade() -> None:
    op.create_index("ix_day_figure_market", "day_figure", ["market", "day"])
    for table, (currency, _) in COUNTED.items():
        op.execute(f"DELETE FROM {table} WHERE level <> 'detail'")  # noqa: S608
        op.execute(
            f"ALTER TABLE {table} DROP COLUMN level, DROP PRIMARY KEY, "
            f"ADD PRIMARY KEY (day, location_code, class_code{currency})"
        )
