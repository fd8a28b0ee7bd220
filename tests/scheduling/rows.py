"""The first meeting of Ada and Grace: just over in a history, or as a row with evidence of one's own."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from services.scheduling.model import EvidenceRule, Meeting, Presence, Unplanned
from shared.events.envelope import EventData
from shared.events.scheduling import Source
from shared.frozen import replace
from shared.intervals import Interval
from tests.scheduling.history import History, a_pair, utc

Said = tuple[str, Source, float, float | None]
"""Person, source, and minutes from the planned start to joining and leaving."""


def after_first(**rules: Any) -> History:
    """The first meeting, Tuesday 3 March 9:00 to 10:00, is just over."""
    history = a_pair(**rules)
    history.wait_until(utc("2026-03-03T10:00"))
    return history


def settle(history: History) -> list[EventData]:
    """Wait until the dispute time after the first meeting is over."""
    return history.wait_until(utc("2026-03-05T10:00"))


@cache
def planned() -> Meeting:
    """The first meeting of Ada and Grace: an hour, of which 15 minutes together prove it, by the conference alone."""
    return a_pair(evidence="system", overlap_min="PT15M").meeting(1)


def meeting(*said: Said, rule: EvidenceRule = "one", overlap_min: int = 15) -> Meeting:
    """The planned meeting with this evidence."""
    proof = replace(planned().proof, rule=rule, overlap_min=overlap_min)
    return replace(planned(), proof=proof, evidence=tuple(presence(*one) for one in said))


def unplanned(*said: Said, rule: EvidenceRule = "one") -> Meeting:
    """A meeting that nobody planned, begun by the first of these statements."""
    row = meeting(*said, rule=rule)
    began = row.evidence[0].joined_at if said else row.starts_at
    state = Unplanned()
    return replace(row, number=0, starts_at=began, ends_at=began, status=state.kind, state=state)


def presence(person: str, source: Source, joined: float, left: float | None) -> Presence:
    return Presence(person, source, at(joined), None if left is None else at(left))


def at(minutes: float) -> datetime:
    """So many minutes after the planned start."""
    return planned().starts_at + timedelta(minutes=minutes)


def spans(times: list[Interval]) -> list[tuple[float, float]]:
    """Intervals as minutes from the planned start."""
    return [(_minutes(start), _minutes(end)) for start, end in times]


def _minutes(instant: datetime) -> float:
    return (instant - planned().starts_at) / timedelta(minutes=1)
