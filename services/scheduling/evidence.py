"""Was a meeting held? What presences prove it, merged by person, and for how long both were there.

A presence whose end nobody stated lasts to the meeting's planned end at most: a call that no one hung up
proves nothing about the hours after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.scheduling.model import SIDES, EvidenceRule, Meeting, Presence
from shared.events.scheduling import Source
from shared.events.types import Side
from shared.intervals import Interval, intersect, merge, minutes

COUNTED: Mapping[EvidenceRule, frozenset[Source]] = {
    "system": frozenset({"conference"}),
    "both": frozenset({"conference", "coordinator", "self"}),
    "one": frozenset({"conference", "coordinator", "self", "other_side"}),
}
"""Whose word counts: under `both` each side speaks for itself, under `one` either speaks for both."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the evidence shows: whether it suffices, common minutes, who was absent, since when both were there."""

    suffices: bool
    overlap: int
    reason: Literal["absent", "too_short", "no_evidence"]
    absent: tuple[str, ...]
    began_at: datetime | None


def weigh(meeting: Meeting) -> Finding:
    """Weigh a meeting's evidence by the rule that was bound when it was scheduled."""
    common = _common(meeting)
    pair = dict.fromkeys((meeting.mentee, meeting.mentor))
    known = {person for person in pair if _is_known(meeting, person)}
    absent = tuple(person for person in pair if person not in known) if known else ()
    return Finding(
        suffices=_is_enough(meeting, common),
        overlap=minutes(common),
        reason=_reason(known, absent),
        absent=absent,
        began_at=common[0][0] if common else None,
    )


def suffices(meeting: Meeting) -> bool:
    """Whether a meeting's evidence proves it. Asked with every statement, so in short: half of what `weigh` takes."""
    return _is_enough(meeting, _common(meeting))


def _common(meeting: Meeting) -> list[Interval]:
    """When both were there."""
    mentee = _counted(meeting, meeting.mentee)
    return intersect(mentee, _counted(meeting, meeting.mentor)) if mentee else []


def _is_enough(meeting: Meeting, common: list[Interval]) -> bool:
    return bool(common) and minutes(common) >= meeting.proof.overlap_min


def sources(meeting: Meeting) -> dict[Side, tuple[Source, ...]]:
    """Return for each side who says that it was there, whether it counts or not."""
    said: dict[Side, tuple[Source, ...]] = {}
    for side, person in zip(SIDES, (meeting.mentee, meeting.mentor), strict=True):
        found = sorted({one.source for one in meeting.evidence if one.person == person})
        if found:
            said[side] = tuple(found)
    return said


def _reason(
    known: set[str], absent: tuple[str, ...]
) -> Literal["absent", "too_short", "no_evidence"]:
    if not known:
        return "no_evidence"
    return "absent" if absent else "too_short"


def _counted(meeting: Meeting, person: str) -> list[Interval]:
    return merge(_intervals(_relevant(meeting, person), meeting.ends_at))


def _is_known(meeting: Meeting, person: str) -> bool:
    return any(_relevant(meeting, person))


def _relevant(meeting: Meeting, person: str) -> Iterable[Presence]:
    counted = COUNTED[meeting.proof.rule]
    return (one for one in meeting.evidence if one.person == person and one.source in counted)


def _intervals(presences: Iterable[Presence], planned_end: datetime) -> Iterable[Interval]:
    for one in presences:
        end = one.left_at if one.left_at is not None else max(one.joined_at, planned_end)
        yield one.joined_at, end


def added(evidence: tuple[Presence, ...], new: Presence) -> tuple[Presence, ...]:
    """Return the evidence with one more statement.

    A later statement of the same source about the same joining replaces the earlier one: so the end becomes
    known, or is corrected.
    """
    same = (new.person, new.source, new.joined_at)
    kept = [one for one in evidence if (one.person, one.source, one.joined_at) != same]
    return tuple(sorted([*kept, new], key=_order))


def _order(one: Presence) -> tuple[str, str, datetime]:
    return one.person, one.source, one.joined_at
