"""Tags: a vocabulary for each kind of record, and which records bear them."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NAMES = "JSON_TABLE(a.tags, '$[*]' COLUMNS (name VARCHAR(60) COLLATE utf8mb4_bin PATH '$')) j"


def upgrade() -> None:
    op.create_table(
        "tag",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("kind", columns.code(32), nullable=False),
        sa.Column("name", columns.exact(60), nullable=False),
        sa.Column("state", columns.choice(32), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
    )
    op.create_index("uq_tag_kind_name", "tag", ["kind", "name"], unique=True)
    op.create_index("ix_tag_name", "tag", ["name", "id"], unique=False)
    op.create_index("ix_tag_created_at", "tag", ["created_at", "id"], unique=False)
    op.create_table(
        "record_tag",
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", columns.moment(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_record_tag_tag_id")),
        sa.PrimaryKeyConstraint("tag_id", "subject_id", name=op.f("pk_record_tag")),
    )
    op.create_index("ix_record_tag_subject", "record_tag", ["subject_id", "tag_id"], unique=False)
    for table in ("vehicle", "customer"):
        op.add_column(table, sa.Column("tags", columns.document(), server_default=sa.text("'[]'"), nullable=False))
    # Applications had words of their own before there was a vocabulary.
    op.execute(
        "INSERT INTO tag (id, version, created_at, updated_at, kind, name, state) "  # noqa: S608 - our own words
        "SELECT UUID(), 1, NOW(6), NOW(6), 'application', found.name, 'active' "
        f"FROM (SELECT DISTINCT j.name FROM application a, {_NAMES}) found"
    )
    op.execute(
        "INSERT IGNORE INTO record_tag (tag_id, subject_id, added_at) SELECT t.id, a.id, a.created_at "  # noqa: S608
        f"FROM application a, {_NAMES} JOIN tag t ON t.kind = 'application' AND t.name = j.name"
    )


def downgrade() -> None:
    for table in ("customer", "vehicle"):
        op.drop_column(table, "tags")
    op.drop_table("record_tag")
    op.drop_table("tag")
