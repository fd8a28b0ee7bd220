"""What the log tells about people and instants, for a world in which matching decides otherwise.

How each person answered each proposal, how long each pair lasted, and when the log's own deadlines rang: what
another world may take from the record, and what it must assume where the record says nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Literal

from services.matching.model import Cycle
from shared.events import feedback, matching, outside, system
from shared.events.envelope import Event
from shared.replay.history import Step
from shared.world import World

AT_ONCE = timedelta()
FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person said to a proposal of a mentor for a mentee, and how long after being asked."""

    said: Literal["accepted", "declined", "silent"]
    after: timedelta = AT_ONCE
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """A recorded pair, from its pairing to its end; `ended_seq` is where its `concluded` stands."""

    mentor: str
    paired_at: datetime
    ended_at: datetime | None = None
    ended_seq: int | None = None


@dataclass
class Recording:
    """The record, noted step by step; then `close` it.

    Attributes:
        lives: the pair of each cycle that was paired.
        replies: what was said to each proposal, by mentee, mentor and who was asked.
        position: the last input.
        typical_reply, typical_length: medians of the time to accept and of how long pairs lasted, once closed.
    """

    lives: dict[str, Life] = field(default_factory=dict)
    replies: dict[tuple[str, str, str], Reply] = field(default_factory=dict)
    position: int = 0
    typical_reply: timedelta = AT_ONCE
    typical_length: timedelta | None = None
    _asked: dict[tuple[str, str], tuple[str, str, datetime]] = field(default_factory=dict)
    _rang: list[tuple[int, datetime]] = field(default_factory=list)

    def note(self, step: Step, world: World) -> None:
        """One input of the history; `world` has folded it."""
        self.position = step.entry.seq
        event = step.outcome.folded
        if event is not None:
            self._note_input(step.entry.seq, event, world.now)
        for answer in step.outcome.answers:
            self._note_answer(answer, world)

    def close(self) -> None:
        """Everything is noted: work out what is typical, and which deadlines lie ahead of each place."""
        quick = [r.after for r in self.replies.values() if r.said == "accepted"]
        lasted = [x.ended_at - x.paired_at for x in self.lives.values() if x.ended_at]
        self.typical_reply = _median(quick) or AT_ONCE
        self.typical_length = _median(lasted)
        earliest = FAR
        for place in range(len(self._rang) - 1, -1, -1):
            seq, at = self._rang[place]
            earliest = min(earliest, at)
            self._rang[place] = (seq, earliest)

    def until(self, seq: int) -> datetime:
        """The earliest deadline that the log rang here or later: an input here came before it, whatever it says."""
        place = bisect_left(self._rang, seq, key=lambda each: each[0])
        return self._rang[place][1] if place < len(self._rang) else FAR

    def reply(self, mentee: str, mentor: str, by: str) -> Reply:
        """What somebody would say to this proposal: what was said, else yes, as soon as others did."""
        return self.replies.get((mentee, mentor, by)) or Reply("accepted", self.typical_reply)

    def length(self, cycle: str) -> timedelta | None:
        """How long a pair of this cycle would last: as long as the recorded one, else as a typical one."""
        life = self.lives.get(cycle)
        if life is None:
            return self.typical_length
        return life.ended_at - life.paired_at if life.ended_at else None

    # -- inside --

    def _note_input(self, seq: int, event: Event, now: datetime) -> None:
        match event.data:
            case outside.Accepted(proposal=proposal, by=by, reason=reason):
                self._answered(proposal, by, "accepted", now, reason)
            case outside.Declined(proposal=proposal, by=by, reason=reason):
                self._answered(proposal, by, "declined", now, reason)
            case feedback.Concluded() if life := self.lives.get(event.key):
                if life.ended_seq is None:
                    self.lives[event.key] = Life(life.mentor, life.paired_at, now, seq)
            case system.Due(service="matching", at=at):
                self._rang.append((seq, at))

    def _note_answer(self, answer: Event, world: World) -> None:
        match answer.data:
            case matching.Proposed(proposal=proposal, to=to, mentee=mentee, mentor=mentor):
                self._asked[proposal, to] = (mentee, mentor, world.now)
            case matching.Lapsed(proposal=proposal, to=to, cause="expired"):
                self._answered(proposal, to, "silent", world.now, None)
            case matching.Paired(mentor=mentor) if world.peek(Cycle, (answer.program, answer.key)):
                self.lives[answer.key] = Life(mentor, world.now)

    def _answered(
        self,
        proposal: str,
        by: str,
        said: Literal["accepted", "declined", "silent"],
        now: datetime,
        reason: str | None,
    ) -> None:
        asked = self._asked.pop((proposal, by), None)
        if asked is not None:
            mentee, mentor, at = asked
            self.replies[mentee, mentor, by] = Reply(said, max(AT_ONCE, now - at), reason)


def _median(spans: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(span.total_seconds() for span in spans)) if spans else None
