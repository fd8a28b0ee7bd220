"""What the log tells about people and instants, for a world in which matching decides otherwise.

How each person answered each proposal, how long each pair lasted, and when the log's own deadlines rang: what
another world may take from the record, and what it must assume where the record says nothing.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median, median_low
from typing import Literal, NamedTuple

from services.matching.model import Cycle
from shared.events import feedback, matching, outside, system
from shared.events.envelope import Event
from shared.outcome import Outcome
from shared.replay.history import Step
from shared.world import World

Said = Literal["accepted", "declined", "silent"]
SAID: tuple[Said, ...] = ("declined", "silent", "accepted")
AT_ONCE = timedelta()
WINDOW = 5
"""Inputs among which the instant of the first is held against that of the others."""
FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person said to a proposal of a mentor for a mentee, and how long after being asked."""

    said: Said
    after: timedelta = AT_ONCE
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """A recorded pair, from its pairing to its end; `ended_seq` is where its `concluded` stands."""

    mentor: str
    paired_at: datetime
    ended_at: datetime | None = None
    ended_seq: int | None = None


class Instant(NamedTuple):
    """When an input was folded, by its own time; `rang`: the deadline, when it is one of matching's."""

    seq: int
    now: datetime
    rang: datetime | None


@dataclass
class Recording:
    """The record, noted step by step; then `close` it.

    Attributes:
        lives: the pair of each cycle that was paired.
        replies: what was said to each proposal, by mentee, mentor and who was asked.
        position: the last input.
        shares: how often people accepted, declined and were silent, once closed; empty when nobody was asked.
        typical_reply, typical_length: medians of the time to accept and of how long pairs lasted, once closed.
    """

    lives: dict[str, Life] = field(default_factory=dict)
    replies: dict[tuple[str, str, str], Reply] = field(default_factory=dict)
    position: int = 0
    shares: Mapping[Said, float] = field(default_factory=dict)
    typical_reply: timedelta = AT_ONCE
    typical_length: timedelta | None = None
    _asked: dict[tuple[str, str], tuple[str, str, datetime]] = field(default_factory=dict)
    _inputs: list[Instant] = field(default_factory=list)
    _latest: list[datetime] = field(default_factory=list)

    def note(self, step: Step, world: World) -> None:
        """One input of the history; `world` has folded it."""
        self.position = step.entry.seq
        if step.outcome.event is not None:
            self._note_instant(step.entry.seq, step.outcome, world.now)
        if step.outcome.folded is not None:
            self._note_input(step.entry.seq, step.outcome.folded, world.now)
        for answer in step.outcome.answers:
            self._note_answer(answer, world)

    def close(self) -> None:
        """Everything is noted: work out what is typical, and which instants lie ahead of each place."""
        quick = [r.after for r in self.replies.values() if r.said == "accepted"]
        lasted = [x.ended_at - x.paired_at for x in self.lives.values() if x.ended_at]
        self.typical_reply = _median(quick) or AT_ONCE
        self.typical_length = _median(lasted)
        said = Counter(reply.said for reply in self.replies.values())
        self.shares = {name: count / said.total() for name, count in said.items()}
        latest, earliest = [], FAR
        for place in range(len(self._inputs) - 1, -1, -1):
            _, now, rang = self._inputs[place]
            earliest = min(earliest, rang or FAR)
            usual = median_low(each.now for each in self._inputs[place : place + WINDOW])
            latest.append(min(now, earliest, usual))
        self._latest = latest[::-1]

    def latest(self, seq: int) -> datetime:
        """The instant of the input at `seq`: its own, when what comes behind it does not prove it wrong.

        It came before every deadline that the log rang later, and hardly after most of the next inputs: so a
        clock that runs wrong, a year ahead for one event, moves nothing.
        """
        place = bisect_left(self._inputs, seq, key=lambda each: each.seq)
        return self._latest[place]

    def reply(self, mentee: str, mentor: str, by: str) -> Reply:
        """What somebody would say to this proposal: what was said, else what people said as often.

        Who says what is drawn from the ids, so that it is the same in every comparison. That all accept would
        flatter whatever is compared with the record.
        """
        known = self.replies.get((mentee, mentor, by))
        if known is not None:
            return known
        left = _draw(mentee, mentor, by)
        for said in SAID:
            left -= self.shares.get(said, 0.0)
            if left < 0:
                return Reply(said, self.typical_reply)
        return Reply("accepted", self.typical_reply)

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

    def _note_instant(self, seq: int, outcome: Outcome, now: datetime) -> None:
        """A `due` that rang tells the truth: only the server's clock brings it."""
        event = outcome.folded
        rang = event.data.at if event and isinstance(event.data, system.Due) else None
        self._inputs.append(Instant(seq, now, rang))

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
        said: Said,
        now: datetime,
        reason: str | None,
    ) -> None:
        asked = self._asked.pop((proposal, by), None)
        if asked is not None:
            mentee, mentor, at = asked
            self.replies[mentee, mentor, by] = Reply(said, max(AT_ONCE, now - at), reason)


def _median(spans: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(span.total_seconds() for span in spans)) if spans else None


def _draw(*names: str) -> float:
    """A number from 0 to 1 that follows from the names."""
    digest = hashlib.blake2b("/".join(names).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64
