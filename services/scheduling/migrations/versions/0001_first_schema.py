"""The first schema: scheduling's own rows, and what every ledger keeps beside them."""

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
        sa.Column("mentee", sa.String(length=64), nullable=False),
        sa.Column("mentor", sa.String(length=64), nullable=False),
        sa.Column("rules", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
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
        sa.Column("mentee", sa.String(length=64), nullable=False),
        sa.Column("mentor", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("uid", sa.String(length=255), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("replaces", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("state", Json(), nullable=False),
        sa.Column("proof", Json(), nullable=False),
        sa.Column("evidence", Json(), nullable=False),
        sa.PrimaryKeyConstraint("program", "cycle", "meeting"),
    )
    op.create_index("ix_meeting_mentee", "meeting", ["program", "mentee", "status"], unique=False)
    op.create_index("ix_meeting_mentor", "meeting", ["program", "mentor", "status"], unique=False)
    op.create_table(
        "person",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("stated", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=8), nullable=True),
        sa.Column("weekly", Json(), nullable=False),
        sa.Column("exceptions", Json(), nullable=False),
        sa.Column("leaving", Json(), nullable=False),
        sa.Column("left", Json(), nullable=False),
        sa.Column("round", Json(), nullable=False),
        sa.PrimaryKeyConstraint("program", "person"),
    )
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
        "rules",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=36), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("holidays", Json(), nullable=False),
        sa.Column("evidence", sa.String(length=16), nullable=False),
        sa.Column("overlap_min", sa.Integer(), nullable=False),
        sa.Column("dispute", Json(), nullable=False),
        sa.Column("notice", Json(), nullable=False),
        sa.Column("buffer", sa.Integer(), nullable=False),
        sa.Column("weekly_max", sa.Integer(), nullable=False),
        sa.Column("reminders", Json(), nullable=False),
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
    op.drop_table("position")
    op.drop_table("pod")
    op.drop_table("person")
    op.drop_index("ix_meeting_mentor", table_name="meeting")
    op.drop_index("ix_meeting_mentee", table_name="meeting")
    op.drop_table("meeting")
    op.drop_table("fold_version")
    op.drop_index("ix_dead_letter_state", table_name="dead_letter")
    op.drop_index("ix_dead_letter_about", table_name="dead_letter")
    op.drop_table("dead_letter")
    op.drop_index("ix_cycle_mentor", table_name="cycle")
    op.drop_index("ix_cycle_mentee", table_name="cycle")
    op.drop_table("cycle")
    op.drop_table("clock")
