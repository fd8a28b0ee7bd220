"""A program's story for tests of `mentoring schedule`: folded in memory, and put on a real log.

Ada in New York and Grace in Berlin meet on Tuesdays: four meetings of an hour. The second was moved by Ada, the third
cancelled by Grace; in the first, the conference system saw Ada only, and Grace says that she was there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta

from services.cli.schedule.reading import Found
from shared.entry import Entry
from shared.events import outside
from shared.events.envelope import encode
from shared.events.types import Duration
from tests.scheduling.history import (
    HOUR,
    MENTEE,
    MENTOR,
    PROGRAM,
    History,
    available,
    opened,
    paired,
    utc,
)

NEW_YORK, BERLIN, KOLKATA = "America/New_York", "Europe/Berlin", "Asia/Kolkata"
SKILL = "19a8293b-8e95-4de3-983f-77484079c389"
"""Java (computer programming), in ESCO."""


def a_story() -> History:
    """Ada and Grace in the week of their third meeting; Eve has hours, and nobody to meet."""
    history = planned()
    second, third = history.meeting(2), history.meeting(3)
    ask(history, outside.Moved, second.meeting, MENTEE, starts_at=second.starts_at + 24 * HOUR)
    first = history.meeting(1)
    history.wait_until(first.ends_at + HOUR)
    history.attend(first, MENTEE, late=3, minutes=50)
    history.attend(first, MENTOR, source="self")
    history.wait_until(third.starts_at - timedelta(days=3))
    ask(history, outside.Cancelled, third.meeting, MENTOR)
    history.say("eve", available())
    return history


def planned(**rules: object) -> History:
    """The pair right after it was made."""
    history = History()
    history.say(PROGRAM, opened(buffer=Duration(clock=30), **rules))
    history.say(MENTEE, available("08:00", "PT4H", zone=NEW_YORK, region="US"))
    history.say(MENTOR, available("13:00", "PT6H", zone=BERLIN, region="DE"))
    data = paired(focus=("skill_gap",), skills=(SKILL,))
    history.say("c1", data, source="/mentoring/matching")
    return history


def ask(
    history: History,
    kind: type[outside.Moved | outside.Cancelled],
    meeting: str,
    by: str,
    **more: object,
) -> None:
    """One of the two asks for a change of a meeting as it stands."""
    sequence = next(row.sequence for row in history.meetings() if row.meeting == meeting)
    history.say("c1", kind(meeting=meeting, sequence=sequence, by=by, reason="travel", **more))  # type: ignore[arg-type]


def found(history: History) -> Found:
    """What the commands read of it."""
    world = history.rebuilt()
    world.now = history.world.now
    return Found(PROGRAM, len(history.log), world)


def on_the_log(history: History) -> list[Entry]:
    """The story as entries of a log: answers right behind what caused them."""
    return list(_entries(history))


def _entries(history: History) -> Iterator[Entry]:
    numbers = itertools.count(1)
    for entry, answers in history.log:
        cause = next(numbers)
        yield entry._replace(seq=cause)
        for each in answers:
            yield Entry(next(numbers), each.subject, encode(each), cause, "scheduling")


__all__ = ["MENTEE", "MENTOR", "PROGRAM", "a_story", "ask", "found", "on_the_log", "planned", "utc"]
