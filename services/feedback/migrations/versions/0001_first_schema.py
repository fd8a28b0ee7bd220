"""The first schema: feedback's own rows, and what every ledger keeps beside them."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Instant, Json

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clock",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("program"),
    )
    op.create_table(
        "cycle",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("cycle", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("mentee", sa.String(length=64), nullable=False),
        sa.Column("mentor", sa.String(length=64), nullable=True),
        sa.Column("rules", sa.String(length=64), nullable=True),
        sa.Column("state", Json(), nullable=False),
        sa.PrimaryKeyConstraint("program", "cycle"),
    )
    op.create_index("ix_cycle_mentee", "cycle", ["program", "mentee", "status"], unique=False)
    op.create_index("ix_cycle_mentor", "cycle", ["program", "mentor", "status"], unique=False)
    op.create_table(
        "dead_letter",
        sa.Column("program", sa.String(length=256), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("about", sa.String(length=256), nullable=False),
        sa.Column("word", sa.String(length=256), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("program", "seq"),
    )
    op.create_index("ix_dead_letter_about", "dead_letter", ["program", "about"], unique=False)
    op.create_index("ix_dead_letter_state", "dead_letter", ["kind", "state"], unique=False)
    op.create_table(
        "fold_version",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "meeting",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("cycle", sa.String(length=64), nullable=False),
        sa.Column("meeting", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("rules", sa.String(length=64), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("state", Json(), nullable=False),
        sa.PrimaryKeyConstraint("program", "cycle", "meeting"),
    )
    op.create_table(
        "note",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("cycle", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("program", "cycle", "note"),
    )
    op.create_table(
        "person",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("mentee", Json(), nullable=False),
        sa.Column("mentor", Json(), nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("program", "person"),
    )
    op.create_index("ix_person_erased", "person", ["erased"], unique=False)
    op.create_table(
        "pod",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("heard", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "position",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("log", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("partition"),
    )
    op.create_table(
        "review",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("cycle", sa.String(length=64), nullable=False),
        sa.Column("meeting", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("entries", Json(), nullable=False),
        sa.Column("state", Json(), nullable=False),
        sa.PrimaryKeyConstraint("program", "cycle", "meeting"),
    )
    op.create_table(
        "rules",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=36), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("completes_at", Json(), nullable=False),
        sa.Column("review_within", Json(), nullable=False),
        sa.Column("rematch", sa.Boolean(), nullable=False),
        sa.Column("missed_limit", sa.Integer(), nullable=True),
        sa.Column("forms", Json(), nullable=False),
        sa.PrimaryKeyConstraint("program", "version", "place"),
    )
    op.create_index("ix_rules_event", "rules", ["program", "event"], unique=False)
    op.create_table(
        "seen",
        sa.Column("fingerprint", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "timer",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("program", "about", "name"),
    )


def downgrade() -> None:
    op.drop_table("timer")
    op.drop_table("seen")
    op.drop_index("ix_rules_event", table_name="rules")
    op.drop_table("rules")
    op.drop_table("review")
    op.drop_table("position")
    op.drop_table("pod")
    op.drop_index("ix_person_erased", table_name="person")
    op.drop_table("person")
    op.drop_table("note")
    op.drop_table("meeting")
    op.drop_table("fold_version")
    op.drop_index("ix_dead_letter_state", table_name="dead_letter")
    op.drop_index("ix_dead_letter_about", table_name="dead_letter")
    op.drop_table("dead_letter")
    op.drop_index("ix_cycle_mentor", table_name="cycle")
    op.drop_index("ix_cycle_mentee", table_name="cycle")
    op.drop_table("cycle")
    op.drop_table("clock")
