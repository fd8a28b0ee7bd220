"""What scheduling knows, in words for people."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from services.cli.schedule.clock import Clock, lasting
from services.scheduling.evidence import weigh
from services.scheduling.model import (
    Confirmed,
    Dropped,
    Held,
    Meeting,
    NotHeld,
    Revision,
)


class Told(NamedTuple):
    """Words, and the style that they are shown in."""

    words: str
    style: str


_CAUSES = {
    "planned": "planned with the rest",
    "replanned": "planned anew",
    "moved": "moved",
    "cancelled": "cancelled",
    "replaced": "planned to make up for a missed one",
    "cycle_ended": "cancelled: the pair has ended",
    "corrected": "cancelled: the one that it made up for was held after all",
}
"""Causes of `scheduled` in words; another one is told as it is."""
_DROPPED = {"replanned": "cancelled when planned anew"}
"""The same of one that drops a meeting, where it needs other words."""


def purpose(meeting: Meeting) -> str:
    """What a meeting is for, and its number in the plan."""
    kind = meeting.type.replace("_", " ")
    return f"{meeting.number} {kind}" if meeting.planned else "unplanned"


def standing(meeting: Meeting, clock: Clock) -> Told:
    """How a meeting stands."""
    match meeting.state:
        case Confirmed():
            return Told("stands", "green")
        case Dropped():
            _, words = changes(meeting)[-1]
            return Told(words, "dim")
        case Held(overlap=overlap):
            return Told(f"held: {lasting(timedelta(minutes=overlap))} together", "bold green")
        case NotHeld() as state:
            return Told(_missed(meeting, state, clock), "red")
    return Told("not proven so far", "yellow")


def briefly(meeting: Meeting) -> Told:
    """The same in a word or two."""
    match meeting.state:
        case Confirmed():
            return Told("stands", "green")
        case Dropped():
            return Told("cancelled", "dim")
        case Held(overlap=overlap):
            return Told(f"held {overlap}′", "bold green")
        case NotHeld(reason=reason):
            return Told(f"missed: {coded(reason)}", "red")
    return Told("not proven", "yellow")


def _missed(meeting: Meeting, state: NotHeld, clock: Clock) -> str:
    absent = " and ".join(weigh(meeting).absent) or "somebody"
    why = {"absent": f"without {absent}", "too_short": "too short", "no_evidence": "no evidence"}[
        state.reason
    ]
    final = "" if state.final else f"; evidence counts until {clock.moment(state.final_at)}"
    return f"missed: {why}{final}"


def changes(meeting: Meeting) -> list[tuple[Revision, str]]:
    """How a meeting came to stand as it does, the oldest first: each revision in words."""
    last = meeting.history[-1] if meeting.status == "cancelled" and meeting.history else None
    return [(each, _change(each, drops=each is last)) for each in meeting.history]


def _change(revision: Revision, *, drops: bool) -> str:
    told = _CAUSES.get(revision.cause, coded(revision.cause))
    if drops and not told.startswith("cancelled"):
        told = _DROPPED.get(revision.cause, f"cancelled: {told}")
    return f"{told} by {revision.by}{_because(revision)}" if revision.by else told


def _because(revision: Revision) -> str:
    return f" ({coded(revision.reason)})" if revision.reason else ""


def coded(code: str) -> str:
    """A code in words."""
    return code.replace("_", " ")


def several(count: int, one: str, many: str | None = None) -> str:
    """So many of something: 1 meeting, 2 meetings."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
