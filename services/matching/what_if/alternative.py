"""Another world: matching decides again over the recorded inputs, under revised rules.

It is folded beside the recorded one, input by input. Where both worlds agree about a row, what the log says about
it holds for both, in its very place; so with unchanged rules the other world is the recorded one. Where they differ,
deadlines ring by their instant, and people answer and pairs end as the recording has it or assumes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from services.matching.app import SERVICE
from services.matching.model import Cycle, Held, Open, Paired
from services.matching.what_if.account import Account
from services.matching.what_if.agenda import Agenda, End, Response, Soon
from services.matching.what_if.beside import Look, as_before, as_now, asks, is_in, offer_of
from services.matching.what_if.recording import Recording
from shared.entry import Entry
from shared.events import feedback, matching, outside
from shared.events.duration import Duration
from shared.events.envelope import (
    Event,
    EventData,
    InvalidEvent,
    answer_id,
    due_event,
    encode,
)
from shared.events.outside import Opened
from shared.fold import Fold, is_outside
from shared.outcome import Outcome, StoreTrouble
from shared.replay.history import Step
from shared.world import Key, Ref, Row, Timer, World

Revise = Callable[[Opened], Opened]


class Alternative:
    """One program under revised rules.

    Attributes:
        world: its rows.
        account: what became of the requests.
        assumed: how often it went beyond the record: `replies` assumed of people who were never asked, replies of the
            record `moved` to another instant, `ends` of pairs assumed, recorded inputs `left_out` because what they
            are about is not so here.
    """

    def __init__(self, recording: Recording, revise: Revise) -> None:
        self.world = World()
        self.assumed: Counter[str] = Counter()
        self.account = Account(self._rule_sets)
        self._recording = recording
        self._revise = revise
        self._originals: dict[str, Opened] = {}
        self._fold = Fold(SERVICE, fetch=self._fetch)
        self._parked: dict[int, Entry] = {}
        self._agenda = Agenda()
        self._instant = datetime.min.replace(tzinfo=UTC)
        self._theirs: dict[Key, Timer] = {}
        self._deferred: set[Key] = set()
        self._seq = 0

    def fold(self, step: Step, recorded: World) -> None:
        """One recorded input; `recorded` is the recorded world, which has folded it."""
        event = step.read
        if isinstance(event, InvalidEvent):
            self._fold.keep(self.world, self._fold.live(self.world, step.entry, event))
        if not isinstance(event, Event) or (is_outside(event) and step.outcome.seen is None):
            return  # no event, not for matching, or a copy
        self._seq = step.entry.seq
        self._come_to(event.program, step, recorded)
        here = self._as_it_is_here(event, as_before(step, recorded))
        if here is not None:
            self._apply(step, here, as_now(recorded))
        else:
            self.assumed["left_out"] += 1
        self._follow_timers(step.changes)

    def close(self) -> None:
        """The record has ended."""
        self.account.close(self.world, self._instant)

    # -- a recorded input --

    def _apply(self, step: Step, event: Event, look: Look) -> None:
        letter = step.outcome.letter
        if letter is not None and letter.kind == "parked":
            # A fault of that day is no other decision. Redriven later, it is folded as it is here.
            self._parked.setdefault(letter.seq, step.entry._replace(body=encode(event)))
            outcome = self._fold.follow(self.world, step.entry, event, step.outcome.answers)
        else:
            outcome = self._fold.live(self.world, step.entry, event)
            self.account.counts["parked"] += outcome.letter is not None and (
                outcome.letter.kind == "parked"
            )
        self._keep(outcome, event.program, look)

    def _as_it_is_here(self, event: Event, look: Look) -> Event | None:
        """The input as this world has it; None where what it is about is not so here."""
        ref = Ref(Cycle, (event.program, event.key))
        match event.data:
            case Opened() as data:
                return self._reopen(event, data)
            case outside.Accepted() | outside.Declined():
                here, there = self._row(ref), look(ref)
                return event if here == there or offer_of(here) == offer_of(there) != None else None  # noqa: E711
            case outside.Withdrawn():
                leaves_pair = is_in(look(ref), Paired) and not is_in(self._row(ref), Paired)
                return None if leaves_pair else event
            case feedback.Concluded() as data:
                return event if self._is_over(ref, look(ref), data) else None
        return event

    def _reopen(self, event: Event, data: Opened) -> Event:
        self._originals.setdefault(data.rules, data)  # a version says one thing only
        return replace(event, data=self._revise(data))

    def _is_over(self, ref: Ref, there: Row | None, data: feedback.Concluded) -> bool:
        """Whether a cycle that is over in the record is over here."""
        here = self._row(ref)
        if here == there or data.outcome == "left":
            return True
        match here:
            case Cycle(state=Paired()):
                return is_in(there, Paired)
            case Cycle(state=Open() | Held()):
                return data.outcome != "unmatched" and not is_in(there, Paired)
        return here is not None

    # -- what happens by itself --

    def _come_to(self, program: str, step: Step, recorded: World) -> None:
        """Let happen what lies before this input.

        Its instant never goes back; see `Recording.latest`.
        """
        self._instant = max(self._instant, self._recording.latest(step.entry.seq))
        look = as_before(step, recorded)
        while (ripe := self._agenda.take(self._instant)) is not None:
            event = self._event(program, *ripe)
            if event is not None:
                entry = Entry(step.entry.seq, event.subject, b"")
                self._keep(self._fold.live(self.world, entry, event), program, look)

    def _event(self, program: str, at: datetime, soon: Soon) -> Event | None:
        match soon:
            case Response():
                return self._response(program, at, soon)
            case End():
                return self._end(program, at, soon)
            case _:
                return self._due(program, at, soon)

    def _due(self, program: str, at: datetime, key: Key) -> Event | None:
        timer = self.world.peek(Timer, key)
        if timer is None or timer.at != at:
            return None
        if self._theirs.get(key) == timer:
            self._deferred.add(key)  # the record waits for it too: the log rings it
            return None
        return due_event(SERVICE.name, program, timer.about, timer.name, at)

    def _response(self, program: str, at: datetime, soon: Response) -> Event | None:
        match self._row(Ref(Cycle, (program, soon.cycle))):
            case Cycle(state=Held(offer=offer)) if offer.proposal == soon.proposal:
                if soon.by in offer.accepted:
                    return None
                kind = outside.Declined if soon.reply.said == "declined" else outside.Accepted
                data = kind(proposal=soon.proposal, by=soon.by, reason=soon.reply.reason)
                return self._assume(program, soon.cycle, at, data, f"{soon.proposal} {soon.by}")
        return None

    def _end(self, program: str, at: datetime, soon: End) -> Event | None:
        match self._row(Ref(Cycle, (program, soon.cycle))):
            case Cycle(state=Paired(mentor=soon.mentor)):
                self.assumed["ends"] += 1
                data = feedback.Concluded(
                    mentee=soon.mentee,
                    mentor=soon.mentor,
                    outcome="completed",
                    paired=True,
                    overlap_total=Duration(),
                )
                return self._assume(program, soon.cycle, at, data, soon.cycle)
        return None

    def _assume(self, program: str, key: str, at: datetime, data: EventData, name: str) -> Event:
        return Event(
            id=answer_id("what-if", name, data.WORD, 0),
            source="/mentoring/what-if",
            program=program,
            key=key,
            time=at,
            data=data,
        )

    # -- what an input leads to --

    def _keep(self, outcome: Outcome, program: str, look: Look) -> None:
        self._fold.keep(self.world, outcome)
        changes = self.world.take_changes()
        self.account.note(self.world, outcome.answers, changes)
        for row in changes.values():
            if isinstance(row, Timer):
                self._agenda.note(row.at, row.key())
        for answer in outcome.answers:
            self._expect(answer, look(Ref(Cycle, (program, answer.key))))

    def _expect(self, answer: Event, there: Row | None) -> None:
        """What people will do about it, unless the record is about to say so."""
        now = self.world.now
        match answer.data:
            case matching.Proposed() as data if not asks(there, data):
                reply = self._recording.reply(data.mentee, data.mentor, data.to)
                known = (data.mentee, data.mentor, data.to) in self._recording.replies
                self.assumed["moved" if known else "replies"] += 1
                if reply.said != "silent":
                    response = Response(answer.key, data.proposal, data.to, reply)
                    self._agenda.note(now + reply.after, response)
            case matching.Paired() as data:
                life = self._recording.lives.get(answer.key)
                length = self._recording.length(answer.key)
                told = life is not None and (life.ended_seq or self._seq + 1) > self._seq
                if length is not None and not told:
                    self._agenda.note(now + length, End(answer.key, data.mentee, data.mentor))

    def _follow_timers(self, changes: Mapping[Ref, tuple[Row | None, Row | None]]) -> None:
        """Keep in mind what the record waits for; a timer that it waits for no longer rings by its instant."""
        for ref, (_, row) in changes.items():
            if ref.kind is not Timer:
                continue
            if isinstance(row, Timer):
                self._theirs[ref.key] = row
            else:
                self._theirs.pop(ref.key, None)
            if ref.key in self._deferred:
                self._deferred.discard(ref.key)
                if (timer := self.world.peek(Timer, ref.key)) is not None:
                    self._agenda.note(timer.at, ref.key)

    # -- looking --

    def _row(self, ref: Ref) -> Row | None:
        return self.world.peek(ref.kind, ref.key)

    def _rule_sets(self, rules: Opened) -> tuple[Opened, Opened]:
        return self._originals[rules.rules], rules

    def _fetch(self, seq: int) -> Entry:
        if seq not in self._parked:
            raise StoreTrouble(f"the parked input {seq} is not in this history")
        return self._parked[seq]
