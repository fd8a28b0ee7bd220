"""No person is booked twice at a time, whatever the rest of the service does: the database refuses it.

PostgreSQL has an exclusion constraint. The range of a person is the single point that is the hash of program and
person, since GiST compares ranges without an extension, but no text. Two persons of the same hash would keep each
other's time: for a million persons the chance is one in forty million.

SQLite has a trigger. Of what stands before a booking ends, only the last to begin can reach into it, since none of
those overlap.
"""

from __future__ import annotations

from sqlalchemy import DDL, Table, event

EXCLUSION = """
ALTER TABLE booking ADD CONSTRAINT booking_once EXCLUDE USING gist (
    numrange(
        hashtextextended(program || '/' || person, 0)::numeric,
        hashtextextended(program || '/' || person, 0)::numeric,
        '[]'
    ) WITH =,
    tstzrange(starts_at, ends_at) WITH &&
)
"""
TRIGGER = """
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


def guard(table: Table) -> None:
    """Let the table of bookings have its rule wherever it is made without the migrations."""
    for dialect, sql in (("postgresql", EXCLUSION), ("sqlite", TRIGGER)):
        event.listen(table, "after_create", DDL(sql).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
