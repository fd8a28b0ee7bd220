"""No person is booked twice at a time, whatever the rest of the service does: the database refuses it.

PostgreSQL has an exclusion constraint. A person stands in it as a range of one number, 63 bits of the hash of program
and person, since GiST compares ranges without an extension, but no text. Two persons of the same number would keep
each other's time: for a million persons the chance is one in eighteen million.

SQLite has a trigger. Of what stands before a booking ends, only the last to begin can reach into it, since none of
those overlap.
"""

from __future__ import annotations

from sqlalchemy import DDL, Table, event

EXCLUSION = """
ALTER TABLE booking ADD CONSTRAINT booking_once EXCLUDE USING gist (
    int8range(
        hashtextextended(program || '/' || person, 0) >> 1,
        (hashtextextended(program || '/' || person, 0) >> 1) + 1
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
