"""Each data key names the key-encryption key that wraps it; the proof names the one that wraps new ones."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("data_key", "proof"):
        op.add_column(table, sa.Column("kek", sa.String(length=16), nullable=True))


def downgrade() -> None:
    for table in ("data_key", "proof"):
        op.drop_column(table, "kek")
