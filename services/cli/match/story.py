"""What became of a cycle, told from the events about it: each attempt to pair it, and how it ended.

Who declined, and why, is nobody's business here: an explanation may be read to either side. Neither is what made
matching look again, unless it was a round: it might tell of somebody's choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from shared.events import feedback, matching, outside, system
from shared.events.envelope import Event, EventData
from shared.events.matching import Reason
from shared.events.types import Part

End = Literal["paired", "declined", "expired", "withdrawn", "left", "paused", "superseded"]


@dataclass(frozen=True, slots=True)
class Near:
    """A mentor who was near: allowed, with room, and not chosen."""

    mentor: str
    score: float


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended, and when."""

    how: End
    seq: int
    at: datetime


@dataclass
class Attempt:
    """A mentor for the cycle: proposed, or paired without asking.

    Attributes:
        mentor: who.
        proposal: its id; None where nobody was asked.
        seq, at: the input that led to it.
        score, parts, reasons: why, as the event says it.
        runners_up, excluded: None where the event does not say, as before they were recorded.
        policy: of the pair; None while it is a proposal.
        round: the instant of the round that made it; None at once.
        asked, accepted: how many people.
        expires_at: until when a proposal stands.
        sentences: the reasons in words by code, as far as the rows of then were at hand.
        ended: None while it stands.
    """

    mentor: str
    proposal: str | None
    seq: int
    at: datetime
    score: float
    parts: Mapping[Part, float]
    reasons: Sequence[Reason]
    runners_up: Sequence[Near] | None
    excluded: Mapping[str, int] | None
    policy: str | None = None
    round: datetime | None = None
    asked: int = 0
    accepted: int = 0
    expires_at: datetime | None = None
    sentences: Mapping[str, str] = field(default_factory=dict)
    ended: Ended | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to the cycle beside its attempts."""

    seq: int
    at: datetime
    word: str
    facts: Mapping[str, Any]


@dataclass
class Story:
    """A cycle's attempts and moments, in the order of the log.

    Attributes:
        excluded: what `unmatched` says of the mentors whom each rule excluded; None unless it was said.
    """

    attempts: list[Attempt] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    excluded: Mapping[str, int] | None = None

    def note(self, event: Event, seq: int, cause: Event) -> None:
        """An event about the cycle.

        Args:
            event: an input, or an answer to one.
            seq: the input's sequence.
            cause: the input.
        """
        match event.data:
            case matching.Proposed() as data:
                self._proposed(data, event, seq, cause)
            case matching.Paired() as data:
                self._paired(data, event, seq, cause)
            case outside.Accepted(proposal=proposal) if attempt := self._standing(proposal):
                attempt.accepted += 1
            case outside.Declined(proposal=proposal):
                self._end("declined", event, seq, proposal)
            case matching.Lapsed(proposal=proposal, cause=how):
                self._end(how, event, seq, proposal)
            case _:
                self._happened(event, seq)

    @property
    def last(self) -> Attempt | None:
        """The attempt that was made last."""
        return self.attempts[-1] if self.attempts else None

    def moment(self, word: str) -> Moment | None:
        """The last one of this word."""
        return next((each for each in reversed(self.moments) if each.word == word), None)

    def _proposed(self, data: matching.Proposed, event: Event, seq: int, cause: Event) -> None:
        if attempt := self._standing(data.proposal):
            attempt.asked += 1
            return
        attempt = _attempt(data, event, seq, cause)
        attempt.asked, attempt.expires_at = 1, data.expires_at
        self.attempts.append(attempt)

    def _paired(self, data: matching.Paired, event: Event, seq: int, cause: Event) -> None:
        attempt = self._standing(data.proposal) if data.proposal else None
        if attempt is None:
            attempt = _attempt(data, event, seq, cause)
            self.attempts.append(attempt)
        attempt.policy = data.policy
        attempt.ended = Ended("paired", seq, event.time)

    def _standing(self, proposal: str | None) -> Attempt | None:
        last = self.last
        return last if last and last.ended is None and last.proposal == proposal else None

    def _end(self, how: End, event: Event, seq: int, proposal: str) -> None:
        """A second word for the same end, such as to the other side, changes nothing."""
        if attempt := self._standing(proposal):
            attempt.ended = Ended(how, seq, event.time)

    def _happened(self, event: Event, seq: int) -> None:
        known = _FACTS.get(type(event.data))
        if known is None:
            return
        word = event.word
        if word == "requested" and self.moment("requested"):
            word = "edited"
        if isinstance(event.data, matching.Unmatched):
            self.excluded = dict(event.data.excluded)
        facts = {name: getattr(event.data, name) for name in known}
        told = {name: value for name, value in facts.items() if value not in (None, (), "")}
        self.moments.append(Moment(seq, event.time, word, told))


_FACTS: Mapping[type[EventData], Sequence[str]] = {
    outside.Requested: ("continues",),
    outside.Assigned: ("mentor", "by", "overrides"),
    outside.Withdrawn: ("role",),
    matching.Unmatched: (),
    feedback.Concluded: ("outcome", "continues_in"),
}
"""The other events of a cycle's story, and which of their fields it tells."""


def _attempt(
    data: matching.Proposed | matching.Paired, event: Event, seq: int, cause: Event
) -> Attempt:
    return Attempt(
        mentor=data.mentor,
        proposal=data.proposal,
        seq=seq,
        at=event.time,
        score=data.score,
        parts=dict(data.parts),
        reasons=data.reasons,
        runners_up=_runners_up(data),
        excluded=dict(data.excluded) if "excluded" in data.model_fields_set else None,
        round=round_of(cause),
    )


def _runners_up(data: matching.Proposed | matching.Paired) -> Sequence[Near] | None:
    if "runners_up" not in data.model_fields_set:
        return None
    return [Near(each.mentor, each.score) for each in data.runners_up]


def round_of(cause: Event) -> datetime | None:
    """The instant of the round that an input is; None when it is none."""
    data = cause.data
    return data.at if isinstance(data, system.Due) and data.name in {"round", "again"} else None
