"""Bookings that the database guards, why meetings stand as they do, and generations of calendar feeds.

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
POSTGRESQL = """
ALTER TABLE booking ADD CONSTRAINT booking_once EXCLUDE USING gist (
    int8range(
        hashtextextended(program || '/' || person, 0) >> 1,
        (hashtextextended(program || '/' || person, 0) >> 1) + 1
    ) WITH =,
    tstzrange(starts_at, ends_at) WITH &&
)
"""
SQLITE = """
CREATE TRIGGER booking_once BEFORE INSERT ON booking
WHEN (
    SELECT ends_at FROM booking
    WHERE program = NEW.program AND person = NEW.person AND starts_at < NEW.ends_at
        AND NOT (
            starts_at = NEW.starts_at AND ends_at = NEW.ends_at
            AND cycle = NEW.cycle AND meeting = NEW.meeting
        )
    ORDER BY starts_at DESC LIMIT 1
) > NEW.starts_at
BEGIN
    SELECT RAISE(ABORT, 'double booking');
END
"""


def upgrade() -> None:
    _make_bookings()
    first = FIRST + ("+00" if _is_postgresql() else "")
    with op.batch_alter_table("rules") as rules:
        rules.add_column(sa.Column("effective_at", Instant(), server_default=first, nullable=False))
    with op.batch_alter_table("person") as person:
        person.add_column(sa.Column("feed", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("meeting") as meeting:
        meeting.add_column(sa.Column("skills", Json(), server_default="[]", nullable=False))
        meeting.add_column(sa.Column("outside_mentee", sa.Integer(), nullable=True))
        meeting.add_column(sa.Column("outside_mentor", sa.Integer(), nullable=True))
        meeting.add_column(sa.Column("history", Json(), server_default="[]", nullable=False))
    op.create_index("ix_meeting_status", "meeting", ["program", "status"])


def _make_bookings() -> None:
    op.create_table(
        "booking",
        sa.Column("program", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("cycle", sa.String(length=64), nullable=False),
        sa.Column("meeting", sa.String(length=64), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name="booking_has_length"),
        sa.PrimaryKeyConstraint("program", "person", "starts_at", "ends_at", "cycle", "meeting"),
    )
    op.execute(POSTGRESQL if _is_postgresql() else SQLITE)


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def downgrade() -> None:
    op.drop_index("ix_meeting_status", table_name="meeting")
    with op.batch_alter_table("meeting") as meeting:
        for name in ("history", "outside_mentor", "outside_mentee", "skills"):
            meeting.drop_column(name)
    with op.batch_alter_table("person") as person:
        person.drop_column("feed")
    with op.batch_alter_table("rules") as rules:
        rules.drop_column("effective_at")
    op.drop_table("booking")
