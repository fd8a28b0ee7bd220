"""Generations of a store, whether its timers are in the log, and what operators did to it."""

import sqlalchemy as sa
from alembic import op

from shared.tables import Instant, Json

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("position") as position:
        position.add_column(
            sa.Column("generation", sa.Integer(), server_default="0", nullable=False)
        )
        position.add_column(
            sa.Column("timers_set", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    # Whoever has folded before has told the log of every timer.
    op.execute("UPDATE position SET timers_set = TRUE")
    op.create_table(
        "operation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started", Instant(), nullable=False),
        sa.Column("ended", Instant(), nullable=True),
        sa.Column("program", sa.String(length=256), nullable=True),
        sa.Column("from_seq", sa.BigInteger(), nullable=True),
        sa.Column("to_seq", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("digest_before", sa.String(length=64), nullable=False),
        sa.Column("digest_after", sa.String(length=64), nullable=False),
        sa.Column("detail", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_operation_state", "operation", ["kind", "state"])


def downgrade() -> None:
    op.drop_index("ix_operation_state", table_name="operation")
    op.drop_table("operation")
    with op.batch_alter_table("position") as position:
        position.drop_column("timers_set")
        position.drop_column("generation")
