"""Evidence minute by minute, slowly and by no function of the service: what verdicts are held against."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.scheduling.model import Meeting, Presence

COUNTED = {
    "system": {"conference"},
    "both": {"conference", "coordinator", "self"},
    "one": {"conference", "coordinator", "self", "other_side"},
}
MINUTE = timedelta(minutes=1)
EARLY_OR_LATE = 60


def minutes_of(meeting: Meeting, person: str) -> set[int]:
    """The minutes from a planned meeting's start at which anybody whose word counts shows the person.

    Evidence must stand at whole minutes.
    """
    around = set(range(-EARLY_OR_LATE, _length(meeting) + EARLY_OR_LATE))
    shown: set[int] = set()
    for one in _counted(meeting, person):
        shown |= _shown(meeting, one) & around
    return shown


def minutes_together(meeting: Meeting) -> set[int]:
    return minutes_of(meeting, meeting.mentee) & minutes_of(meeting, meeting.mentor)


def is_known(meeting: Meeting, person: str) -> bool:
    """Whether anything that counts shows the person, if only for no time at all."""
    joined = (_minute(meeting, one.joined_at) for one in _counted(meeting, person))
    late = _length(meeting) + EARLY_OR_LATE
    return bool(minutes_of(meeting, person)) or any(-EARLY_OR_LATE <= at < late for at in joined)


def _counted(meeting: Meeting, person: str) -> list[Presence]:
    words = COUNTED[meeting.proof.rule]
    return [one for one in meeting.evidence if one.person == person and one.source in words]


def _shown(meeting: Meeting, one: Presence) -> set[int]:
    joined = _minute(meeting, one.joined_at)
    if one.left_at is not None:
        return set(range(joined, _minute(meeting, one.left_at)))
    return set(range(joined, _length(meeting))) if joined >= -EARLY_OR_LATE else set()


def _length(meeting: Meeting) -> int:
    return _minute(meeting, meeting.ends_at)


def _minute(meeting: Meeting, instant: datetime) -> int:
    whole, rest = divmod(instant - meeting.starts_at, MINUTE)
    assert not rest, "evidence must stand at whole minutes"
    return whole
