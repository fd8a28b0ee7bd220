"""What rounds came to and have yet to say, and what mentees said of their mentors."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Instant, Json

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RATINGS = (
    ("ratings_sum", sa.BigInteger()),
    ("ratings_count", sa.Integer()),
    ("fresh_sum", sa.BigInteger()),
    ("fresh_count", sa.Integer()),
)


def upgrade() -> None:
    with op.batch_alter_table("mentor") as mentor:
        for name, kind in RATINGS:
            mentor.add_column(sa.Column(name, kind, server_default="0", nullable=False))
    with op.batch_alter_table("cycle") as cycle:
        cycle.add_column(sa.Column("reviews", Json(), server_default="{}", nullable=False))
    op.create_table(
        "ratings",
        sa.Column("program", sa.String(length=64), nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in RATINGS),
        sa.PrimaryKeyConstraint("program"),
    )
    op.create_table(
        "round",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("rules", sa.String(length=64), nullable=False),
        sa.Column("policy", sa.String(length=16), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("worst", sa.Float(), nullable=True),
        sa.Column("waiting", sa.Integer(), nullable=True),
        sa.Column("mentors", sa.Integer(), nullable=True),
        sa.Column("places", sa.BigInteger(), nullable=True),
        sa.Column("unmatched", sa.Integer(), nullable=True),
        sa.Column("blocking", sa.BigInteger(), nullable=True),
        sa.Column("reached", sa.Float(), nullable=True),
        sa.Column("least", sa.Float(), nullable=True),
        sa.Column("median", sa.Float(), nullable=True),
        sa.Column("most", sa.Float(), nullable=True),
        sa.Column("milliseconds", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("program", "round"),
    )
    op.create_index("ix_round_at", "round", ["program", "at"])
    _upgrade_plans()


def _upgrade_plans() -> None:
    op.create_table(
        "plan",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("again", Instant(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("program"),
    )
    op.create_table(
        "part",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("pairs", Json(), nullable=False),
        sa.PrimaryKeyConstraint("program", "round", "part"),
    )
    with op.batch_alter_table("queue") as queue:
        queue.drop_column("again")
        queue.drop_column("left_over")


def downgrade() -> None:
    with op.batch_alter_table("queue") as queue:
        queue.add_column(sa.Column("again", Instant(), nullable=True))
        queue.add_column(sa.Column("left_over", sa.Integer(), server_default="0", nullable=False))
    op.drop_table("part")
    op.drop_table("plan")
    op.drop_index("ix_round_at", table_name="round")
    op.drop_table("round")
    op.drop_table("ratings")
    with op.batch_alter_table("cycle") as cycle:
        cycle.drop_column("reviews")
    with op.batch_alter_table("mentor") as mentor:
        for name, _ in RATINGS:
            mentor.drop_column(name)
