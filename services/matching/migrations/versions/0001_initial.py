"""The first schema: matching's own rows, and what every ledger keeps beside them."""

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
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("wishes", Json(), nullable=True),
        sa.Column("state", Json(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("mentor", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("program", "cycle"),
    )
    op.create_index("ix_cycle_mentee", "cycle", ["program", "mentee", "live"])
    op.create_index("ix_cycle_mentor", "cycle", ["program", "mentor", "live"])
    op.create_index("ix_cycle_request", "cycle", ["program", "request"])
    op.create_index("ix_cycle_status", "cycle", ["program", "status"])

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
    op.create_index("ix_dead_letter_about", "dead_letter", ["program", "about"])
    op.create_index("ix_dead_letter_state", "dead_letter", ["kind", "state"])

    op.create_table(
        "fold_version",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "mentor",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("mentor", sa.String(length=64), nullable=False),
        sa.Column("offer", Json(), nullable=False),
        sa.Column("load", sa.Integer(), nullable=False),
        sa.Column("paused_until", Instant(), nullable=True),
        sa.Column("left", sa.Boolean(), nullable=False),
        sa.Column("free", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("program", "mentor"),
    )
    op.create_index("ix_mentor_free", "mentor", ["program", "free"])

    op.create_table(
        "person",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("time", Json(), nullable=True),
        sa.Column("likes", Json(), nullable=True),
        sa.Column("mentors", Json(), nullable=False),
        sa.Column("never", Json(), nullable=False),
        sa.Column("left", Json(), nullable=False),
        sa.Column("leaving", Json(), nullable=True),
        sa.Column("erased", sa.Boolean(), nullable=False),
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
        "program",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("rules", Json(), nullable=True),
        sa.Column("coming", Json(), nullable=True),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("program"),
    )
    op.create_table(
        "queue",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("arrivals", sa.Integer(), nullable=False),
        sa.Column("next_round", Instant(), nullable=True),
        sa.Column("again", Instant(), nullable=True),
        sa.Column("left_over", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("program"),
    )
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
    op.drop_table("queue")
    op.drop_table("program")
    op.drop_table("position")
    op.drop_table("pod")
    op.drop_table("person")
    op.drop_index("ix_mentor_free", table_name="mentor")

    op.drop_table("mentor")
    op.drop_table("fold_version")
    op.drop_index("ix_dead_letter_state", table_name="dead_letter")
    op.drop_index("ix_dead_letter_about", table_name="dead_letter")

    op.drop_table("dead_letter")
    op.drop_index("ix_cycle_status", table_name="cycle")
    op.drop_index("ix_cycle_request", table_name="cycle")
    op.drop_index("ix_cycle_mentor", table_name="cycle")
    op.drop_index("ix_cycle_mentee", table_name="cycle")

    op.drop_table("cycle")
    op.drop_table("clock")
