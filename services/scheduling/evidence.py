"""Was a meeting held? What presences prove it, merged by person, and for how long both were there.

Presence counts within the meeting's window only: from an hour before its planned start to an hour after its planned
end. So a room that was never left proves nothing about the hours around the meeting, and one whose end nobody stated
lasts to the planned end at most. A meeting that nobody planned lasts a day at most from when the first joined.

The functions are pure: they read a meeting's row and no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.scheduling.model import SIDES, EvidenceRule, Meeting, Presence
from shared.events.scheduling import Source
from shared.events.types import Side
from shared.intervals import Interval, clip, intersect, merge, minutes

EARLY_OR_LATE = timedelta(hours=1)
"""Presence further than this from a planned meeting is not about it."""
UNPLANNED_AT_MOST = timedelta(hours=24)
"""How long a meeting that nobody planned can last."""

COUNTED: Mapping[EvidenceRule, frozenset[Source]] = {
    "system": frozenset({"conference"}),
    "both": frozenset({"conference", "coordinator", "self"}),
    "one": frozenset({"conference", "coordinator", "self", "other_side"}),
}
"""Whose word counts: under `both` each side speaks for itself, under `one` either speaks for both."""

SOURCES: tuple[Source, ...] = ("conference", "coordinator", "self", "other_side")
"""All who may say that somebody was there, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the evidence shows: whether it suffices, common minutes, who was absent, since when both were there."""

    suffices: bool
    overlap: int
    reason: Literal["absent", "too_short", "no_evidence"]
    absent: tuple[str, ...]
    began_at: datetime | None


# -- verdict ------------------------------------------------------------------------------------


def weigh(meeting: Meeting) -> Finding:
    """Weigh a meeting's evidence by the rule that was bound when it was scheduled."""
    common = together(meeting)
    pair = dict.fromkeys((meeting.mentee, meeting.mentor))
    known = {person for person in pair if _counted(meeting, person)}
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
    return _is_enough(meeting, together(meeting))


def _is_enough(meeting: Meeting, common: list[Interval]) -> bool:
    return bool(common) and minutes(common) >= meeting.proof.overlap_min


def _reason(
    known: set[str], absent: tuple[str, ...]
) -> Literal["absent", "too_short", "no_evidence"]:
    if not known:
        return "no_evidence"
    return "absent" if absent else "too_short"


# -- presence -----------------------------------------------------------------------------------


def window(meeting: Meeting) -> Interval:
    """Return the time within which presence is about the meeting, its start included and its end excluded."""
    if meeting.planned:
        return meeting.starts_at - EARLY_OR_LATE, meeting.ends_at + EARLY_OR_LATE
    first = min((one.joined_at for one in meeting.evidence), default=meeting.starts_at)
    return first, first + UNPLANNED_AT_MOST


def belongs(meeting: Meeting, one: Presence) -> bool:
    """Say whether a statement can be about the meeting: its window, or one day with all others when unplanned.

    One without an end is about the meeting only when the person joined within the window: who joined the day before
    and was not seen to leave need not have been there.
    """
    if meeting.planned:
        return _within(window(meeting), one)
    joined = [one.joined_at, *(other.joined_at for other in meeting.evidence)]
    return max(joined) - min(joined) < UNPLANNED_AT_MOST


def presence(meeting: Meeting, person: str) -> list[Interval]:
    """Return when a person was there by all whose word counts, merged, within the window; tidy."""
    return _times(meeting, _counted(meeting, person))


def together(meeting: Meeting) -> list[Interval]:
    """Return when both were there by all whose word counts; tidy. Its whole minutes are the meeting's overlap."""
    mentee = presence(meeting, meeting.mentee)
    return intersect(mentee, presence(meeting, meeting.mentor)) if mentee else []


def counts(meeting: Meeting, one: Presence) -> bool:
    """Say whether a statement counts: its source does under the meeting's rule, and it is about the meeting's time."""
    return one.source in COUNTED[meeting.proof.rule] and _within(window(meeting), one)


def statements(meeting: Meeting, person: str) -> dict[Source, list[Presence]]:
    """Return what is said of a person within the window, by source and in the order of `SOURCES`, counted or not."""
    said: dict[Source, list[Presence]] = {source: [] for source in SOURCES}
    about = window(meeting)
    for one in meeting.evidence:
        if one.person == person and _within(about, one):
            said[one.source].append(one)
    return {source: found for source, found in said.items() if found}


def times_by_source(meeting: Meeting, person: str) -> dict[Source, list[Interval]]:
    """Return when each source says that a person was there, within the window; tidy, whether it counts or not."""
    found = statements(meeting, person).items()
    return {source: _times(meeting, said) for source, said in found}


def minutes_by_source(meeting: Meeting, person: str) -> dict[Source, int]:
    """Return for how many whole minutes each source says that a person was there, within the window."""
    return {source: minutes(times) for source, times in times_by_source(meeting, person).items()}


def sources(meeting: Meeting) -> dict[Side, tuple[Source, ...]]:
    """Return for each side who says that it was there, whether it counts or not."""
    said = {
        side: tuple(sorted(statements(meeting, person)))
        for side, person in zip(SIDES, (meeting.mentee, meeting.mentor), strict=True)
    }
    return {side: found for side, found in said.items() if found}


def _counted(meeting: Meeting, person: str) -> list[Presence]:
    words, about = COUNTED[meeting.proof.rule], window(meeting)
    return [
        one
        for one in meeting.evidence
        if one.person == person and one.source in words and _within(about, one)
    ]


def _within(about: Interval, one: Presence) -> bool:
    opens, closes = about
    return one.joined_at < closes and (
        one.joined_at >= opens or (one.left_at is not None and one.left_at > opens)
    )


def _times(meeting: Meeting, said: Iterable[Presence]) -> list[Interval]:
    return clip(merge((one.joined_at, _end(meeting, one)) for one in said), *window(meeting))


def _end(meeting: Meeting, one: Presence) -> datetime:
    """One whose end nobody stated lasts to the planned end; where none was planned it proves nothing."""
    if one.left_at is not None:
        return one.left_at
    return max(one.joined_at, meeting.ends_at) if meeting.planned else one.joined_at


# -- keeping ------------------------------------------------------------------------------------


def added(evidence: tuple[Presence, ...], new: Presence) -> tuple[Presence, ...]:
    """Return the evidence with one more statement.

    A later statement of the same source about the same joining replaces the earlier one: so the end becomes known, or
    is corrected. One without an end takes no known end back: what tells of joining may arrive behind what tells of
    leaving.
    """
    same = (new.person, new.source, new.joined_at)
    known = next((one for one in evidence if (one.person, one.source, one.joined_at) == same), None)
    if known is not None and new.left_at is None:
        return evidence
    return tuple(sorted([*(one for one in evidence if one is not known), new], key=_order))


def _order(one: Presence) -> tuple[str, str, datetime]:
    return one.person, one.source, one.joined_at
