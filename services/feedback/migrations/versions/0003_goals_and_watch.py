"""Goals as rows, the program's risk rules, late reviews, action items, and who is willing to mentor.

The rows of before lack what only the log tells: a rebuild folds them anew, since the fold's version has risen.
"""

import sqlalchemy as sa
from alembic import op

from shared.tables import Instant, Json

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FIRST = "1970-01-01 00:00:00.000000"


def upgrade() -> None:
    _make_goals()
    first = FIRST + ("+00" if op.get_bind().dialect.name == "postgresql" else "")
    no = sa.false()
    with op.batch_alter_table("rules") as rules:
        rules.drop_column("missed_limit")
        rules.add_column(sa.Column("effective_at", Instant(), server_default=first, nullable=False))
        rules.add_column(sa.Column("risk", Json(), server_default="{}", nullable=False))
        rules.add_column(
            sa.Column("pay_it_forward", sa.Boolean(), server_default=no, nullable=False)
        )
    with op.batch_alter_table("person") as person:
        person.add_column(sa.Column("willing", sa.Boolean(), server_default=no, nullable=False))
    with op.batch_alter_table("cycle") as cycle:
        cycle.add_column(
            sa.Column(
                "confidentiality", sa.String(length=64), server_default="standard", nullable=False
            )
        )
        cycle.add_column(sa.Column("outcome", sa.String(length=16), nullable=True))
    with op.batch_alter_table("review") as review:
        review.add_column(sa.Column("late", Json(), server_default="{}", nullable=False))
        review.add_column(sa.Column("sides", sa.Integer(), server_default="0", nullable=False))
    _add_to_notes()
    op.create_index("ix_person_willing", "person", ["program", "willing"])
    op.create_index("ix_cycle_outcome", "cycle", ["program", "status", "outcome"])
    op.create_index("ix_review_sides", "review", ["program", "status", "sides"])


def _add_to_notes() -> None:
    with op.batch_alter_table("note") as note:
        note.add_column(sa.Column("goal", sa.String(length=64), nullable=True))
        note.add_column(sa.Column("due_on", sa.Date(), nullable=True))
        note.add_column(sa.Column("done", sa.Boolean(), server_default=sa.false(), nullable=False))
        note.add_column(
            sa.Column("audience", sa.String(length=16), server_default="author", nullable=False)
        )
    op.create_index("ix_note_kind", "note", ["program", "kind", "done"])


def _make_goals() -> None:
    op.create_table(
        "goal",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("cycle", sa.String(length=64), nullable=False),
        sa.Column("goal", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("of", sa.String(length=64), nullable=True),
        sa.Column("skill", sa.String(length=128), nullable=True),
        sa.Column("baseline", Json(), nullable=False),
        sa.Column("target", Json(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("target_on", sa.Date(), nullable=False),
        sa.Column("agreed_at", Instant(), nullable=False),
        sa.Column("value", Json(), nullable=True),
        sa.Column("as_of", Instant(), nullable=True),
        sa.Column("moved_at", Instant(), nullable=True),
        sa.Column("history", Json(), nullable=False),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("program", "cycle", "goal"),
    )


def downgrade() -> None:
    op.drop_index("ix_note_kind", table_name="note")
    op.drop_index("ix_review_sides", table_name="review")
    op.drop_index("ix_cycle_outcome", table_name="cycle")
    op.drop_index("ix_person_willing", table_name="person")
    added = {
        "note": ("audience", "done", "due_on", "goal"),
        "review": ("sides", "late"),
        "cycle": ("outcome", "confidentiality"),
        "person": ("willing",),
        "rules": ("pay_it_forward", "risk", "effective_at"),
    }
    for table, columns in added.items():
        with op.batch_alter_table(table) as changed:
            for name in columns:
                changed.drop_column(name)
    with op.batch_alter_table("rules") as rules:
        rules.add_column(sa.Column("missed_limit", sa.Integer(), nullable=True))
    op.drop_table("goal")
