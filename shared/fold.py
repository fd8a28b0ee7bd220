"""The fold: one input, its verdict, its answers and its timers, over a world.

Live, catch-up and rebuild all come through here, so they cannot differ: `live` asks the service what it
answers, `follow` takes the answers that stand in the log. Either folds an input whole or not at all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.entry import Entry
from shared.events.catalog import CATALOG
from shared.events.envelope import Event, InvalidEvent, answer_id, decode, encode
from shared.events.system import Discarded, Due, Parked, Redriven, Rejected
from shared.outcome import (
    Condemned,
    DeadLetter,
    Diverged,
    Outcome,
    StoreRefused,
    StoreTrouble,
    TooMuchSaid,
    place_of,
)
from shared.service import Service
from shared.stamps import stamping
from shared.timing import retime, rings, set_now
from shared.world import Answer, Refusal, Waits, World

MAX_SAID = 900
"""Answers and timers that one input may cause: a JetStream batch holds 1,000 messages (error 10199)."""

_UNFIT = re.compile(r"[^A-Za-z0-9_-]")


SERVICE_SOURCES = frozenset(f"/mentoring/{name}" for name in ("matching", "scheduling", "feedback"))
"""What these say is a fact; everything else is judged, and recognised when it comes twice."""


def reads(service: Service) -> frozenset[str]:
    """The event words that a service's fold reads; it passes over all others in silence."""
    return service.reads | {kind.WORD for kind in (Due, Redriven, Discarded)}


# Asked for every input, so by the type itself: isinstance of a model that it is not takes 0.15 µs, this 0.03.
_SAID_BY_OPERATORS = frozenset({Redriven, Discarded})
_VERDICTS = frozenset({Rejected, Parked})
_NOTHING = Outcome()


def is_outside(event: Event) -> bool:
    """Whether it may come twice: what services say and what their timers bring is fenced already."""
    return event.source not in SERVICE_SOURCES and type(event.data) is not Due


def fingerprint(event: Event) -> bytes:
    """16 bytes that recognise a copy of an outside event: its source and id (CloudEvents 1.0, 3.1.1) in its program.

    Programs lie in different partitions and have no order among them: which of two came first nobody could say.
    """
    name = f"{event.source}\n{event.program}\n{event.id}"
    return hashlib.blake2b(name.encode(), digest_size=16).digest()


Read = Event | InvalidEvent | None
"""What an entry says to a service: an event, bytes that are none, or nothing that it reads."""


@dataclass
class Fold:
    """Folds inputs of one service: `read` an entry, fold it with `live` or `follow`, then `keep` or `undo`.

    `seen` holds the fingerprints of folded outside events that the batch may meet again; `fetch` reads an
    entry of the log again, for a redriven input. With a `clock`, in seconds, `live` stamps answers with how long
    deciding took, where the service has it so; without one it says the same every time.
    """

    service: Service
    seen: set[bytes] = field(default_factory=set)
    fetch: Callable[[int], Entry] | None = None
    clock: Callable[[], float] | None = None

    def __post_init__(self) -> None:
        self._stamping = stamping(self.service, self.clock)
        self._doom: Condemned | None = None
        self._forces = False
        self._passes = CATALOG.keys() - reads(self.service)

    def read(self, entry: Entry) -> Read:
        """Decode an entry, unless this service passes its event word over."""
        if entry.word in self._passes:
            return None
        try:
            event = decode(entry.body)
        except InvalidEvent as error:
            return error
        if entry.subject != event.subject:
            return InvalidEvent("/subject", "the event is not about what its NATS subject names")
        return event

    def live(self, world: World, entry: Entry, read: Read) -> Outcome:
        """Fold an input and say what the service answers.

        Raises:
            StoreTrouble: the store could not be read; `undo` drops what was folded of the input.
        """
        return self._fold(world, entry, read, None)

    def follow(self, world: World, entry: Entry, read: Read, answers: Sequence[Event]) -> Outcome:
        """Fold an input and the answers that stand in the log.

        Raises:
            Diverged: today's code raises or refuses where the log has no such verdict.
            StoreTrouble: the store could not be read; `undo` drops what was folded of the input.
        """
        return self._fold(world, entry, read, answers)

    def force(self, world: World, entry: Entry, read: Read, answers: Sequence[Event]) -> Outcome:
        """Fold an input as `follow`, where today's code would judge otherwise: the log wins.

        What the code refuses today is folded. What it cannot fold without raising is passed over: then nothing of
        it is in the world, and the outcome's `folded` is None.
        """
        self._forces = True
        try:
            return self._fold(world, entry, read, answers)
        finally:
            self._forces = False

    def condemn(self, world: World, entry: Entry, read: Read, error: Exception) -> Outcome:
        """Park an input whose answers the log, or whose rows the store, refuses for good."""
        self._doom = Condemned(error)
        try:
            return self._fold(world, entry, read, None)
        finally:
            self._doom = None

    def keep(self, world: World, outcome: Outcome) -> None:
        """The input is folded."""
        world.keep()
        if outcome.seen is not None:
            self.seen.add(outcome.seen)
        self._repark(world, outcome)

    def undo(self, world: World, outcome: Outcome | None = None) -> None:
        """The input is not folded."""
        world.discard()
        if outcome is not None:
            self._repark(world, outcome)

    # -- one input --

    def _fold(
        self, world: World, entry: Entry, read: Read, told: Sequence[Event] | None
    ) -> Outcome:
        if read is None:
            return _NOTHING
        if isinstance(read, InvalidEvent):
            return self._invalid(world, entry, read)
        mark = fingerprint(read) if is_outside(read) else None
        if mark is not None and mark in self.seen:
            return Outcome(event=read)
        done = self._judge_and_fold(world, entry, read, told)
        return Outcome(done.answers, done.said, done.timers, done.letter, mark, read, done.folded)

    def _judge_and_fold(
        self, world: World, entry: Entry, event: Event, told: Sequence[Event] | None
    ) -> Outcome:
        set_now(world, event)
        if type(event.data) in _SAID_BY_OPERATORS:
            return self._operate(world, entry, event, told)
        return self._attempt(world, entry, event, event, told)

    def _attempt(
        self, world: World, entry: Entry, event: Event, cause: Event, told: Sequence[Event] | None
    ) -> Outcome:
        """Fold `event`; its answers name `cause`, which differs from it when an operator redrives it."""
        if told is not None:
            return self._attempt_told(world, entry, event, told)
        try:
            if self._passes_over(world, event):
                return _NOTHING
            if (event.program, event.key) in world.parked:
                raise Waits(event.program, event.key)
            if self._doom is not None:
                raise self._doom
            if refusal := self._refusal(world, event):
                return self._rejected(
                    world, entry, event, refusal, self._verdict(world, cause, event, refusal)
                )
            return self._accept(world, event, cause)
        except (StoreTrouble, StoreRefused):
            world.discard()
            raise
        except Exception as error:  # noqa: BLE001 - whatever a service raises holds the key, and nothing else
            return self._park(world, entry, event, cause, error)

    def _attempt_told(
        self, world: World, entry: Entry, event: Event, told: Sequence[Event]
    ) -> Outcome:
        verdict = next((a for a in told if type(a.data) in _VERDICTS), None) if told else None
        if verdict is not None and isinstance(verdict.data, Rejected):
            refusal = Refusal(verdict.data.rule, verdict.data.field or "")
            return self._rejected(world, entry, event, refusal, verdict)
        if verdict is not None and isinstance(verdict.data, Parked):
            return self._parked(world, entry, event, verdict.data, verdict)
        try:
            rings = not self._passes_over(world, event)
            if not rings and not told:
                return _NOTHING
            if not self._forces:
                self._agree(world, entry, event, rings=rings)
            self._evolve(world, event)
            for answer in told:
                self._evolve(world, answer)
            return Outcome(answers=told, timers=retime(self.service, world), folded=event)
        except (StoreTrouble, StoreRefused, Diverged):
            world.discard()
            raise
        except Exception as error:
            world.discard()
            if self._forces:
                return _NOTHING
            why = f"the log folded what raises today: {type(error).__name__} at {place_of(error)}"
            raise Diverged(entry.seq, why, event) from error

    def _agree(self, world: World, entry: Entry, event: Event, *, rings: bool) -> None:
        """What the log folded, today's code would have folded."""
        if not rings:
            words = "the log answers a due that no row waits for today"
            raise Diverged(entry.seq, words, event)
        refused = self._refusal(world, event)
        if refused and not (refused.local or refused.later):
            words = f"the log folded what is refused today: {refused.rule}"
            raise Diverged(entry.seq, words, event)

    def _accept(self, world: World, event: Event, cause: Event) -> Outcome:
        self._evolve(world, event)
        world.cause = _cause_of(cause)
        decide = (self._stamping or self.service.decides).get(type(event.data))
        answers = self._complete(world, decide(world, event), cause) if decide else []
        for answer in answers:
            self._evolve(world, answer)
        timers = retime(self.service, world)
        if len(answers) + len(timers) > MAX_SAID:
            raise TooMuchSaid(
                f"{len(answers)} answers and {len(timers)} timers, at most {MAX_SAID}"
            )
        said = [encode(answer) for answer in answers]
        return Outcome(answers=answers, said=said, timers=timers, folded=event)

    def _refusal(self, world: World, event: Event) -> Refusal | None:
        judge = self.service.judges.get(type(event.data))
        return judge(world, event) if judge else None

    def _evolve(self, world: World, event: Event) -> None:
        if evolve := self.service.evolves.get(type(event.data)):
            world.apply(evolve(world, event))

    # -- verdicts --

    def _invalid(self, world: World, entry: Entry, error: InvalidEvent) -> Outcome:
        program, word, about = map(_plain, entry.subject.split(".", 3)[1:])
        letter = DeadLetter(
            program=program,
            seq=entry.seq,
            about=about,
            word=word,
            event="",
            kind="invalid",
            rule=error.rule,
            field=error.field,
            state="open",
        )
        world.apply([letter])
        return Outcome(letter=letter)

    def _rejected(
        self, world: World, entry: Entry, event: Event, refusal: Refusal, answer: Event
    ) -> Outcome:
        world.discard()
        letter = _letter(entry, event, "rejected", refusal.rule, refusal.field)
        return self._bury(world, letter, answer)

    def _park(
        self, world: World, entry: Entry, event: Event, cause: Event, error: Exception
    ) -> Outcome:
        world.discard()
        error = error.error if isinstance(error, Condemned) else error
        data = Parked(
            event=event.id,
            service=self.service.name,
            cause="waits" if isinstance(error, Waits) else "raised",
            error=type(error).__name__,
        )
        answer = self._complete(world, [Answer(event.key, data)], cause)[0]
        return self._parked(world, entry, event, data, answer)

    def _parked(
        self, world: World, entry: Entry, event: Event, data: Parked, answer: Event
    ) -> Outcome:
        letter = _letter(entry, event, "parked", data.cause, data.error or "")
        return self._bury(world, letter, answer)

    def _bury(self, world: World, letter: DeadLetter, answer: Event) -> Outcome:
        world.apply([letter])
        return Outcome(answers=[answer], said=[encode(answer)], letter=letter)

    def _verdict(self, world: World, cause: Event, event: Event, refusal: Refusal) -> Event:
        data = Rejected(event=event.id, rule=refusal.rule, field=refusal.field)
        return self._complete(world, [Answer(event.key, data)], cause)[0]

    # -- operators --

    def _operate(
        self, world: World, entry: Entry, event: Event, told: Sequence[Event] | None
    ) -> Outcome:
        match event.data:
            case Redriven() as data:
                return self._redrive(world, entry, event, data, told)
            case Discarded() as data:
                return self._discard(world, event, data)
        return _NOTHING

    def _redrive(
        self, world: World, entry: Entry, event: Event, data: Redriven, told: Sequence[Event] | None
    ) -> Outcome:
        """Fold a parked input at the place of its `redriven`, earlier ones of its key first."""
        if data.service != self.service.name:
            return _NOTHING
        letters = self._held(world, event)
        letter = next((held for held in letters if held.event == data.event), None)
        if letter is None or letter is not letters[0]:
            rule = "not-parked" if letter is None else "earlier-parked-first"
            return self._not_redriven(world, entry, event, rule, told)
        if self.fetch is None:
            raise StoreTrouble("a redriven input cannot be read again here")
        parked = self.fetch(letter.seq)
        original = self.read(parked)
        if not isinstance(original, Event):
            return self._not_redriven(world, entry, event, "unreadable", told)
        world.parked.discard((letter.program, letter.about))
        outcome = self._attempt(world, parked, original, event, told)
        if outcome.letter is None:
            world.apply([replace(letter, state="redriven")])
        return outcome

    def _not_redriven(
        self, world: World, entry: Entry, event: Event, rule: str, told: Sequence[Event] | None
    ) -> Outcome:
        refusal = Refusal(rule, "/data/event")
        answer = told[0] if told else self._verdict(world, event, event, refusal)
        return self._rejected(world, entry, event, refusal, answer)

    def _discard(self, world: World, event: Event, data: Discarded) -> Outcome:
        for letter in self._held(world, event):
            if (data.service, data.event) == (self.service.name, letter.event):
                world.apply([replace(letter, state="discarded")])
        return _NOTHING

    def _held(self, world: World, event: Event) -> list[DeadLetter]:
        return world.where(
            DeadLetter,
            parked="use",
            program=event.program,
            about=event.key,
            kind="parked",
            state="open",
        )

    def _is_parked_already(self, world: World, event: Event) -> bool:
        """Whether a copy of the event is parked; the timer of a parked `due` stands, so it may ring again."""
        if not world.parked or (event.program, event.key) not in world.parked:
            return False
        letters = world.where(DeadLetter, parked="use", program=event.program, about=event.key)
        return any(letter.event == event.id for letter in letters)

    def _repark(self, world: World, outcome: Outcome) -> None:
        """Keep the set of held keys in step with the letters of this input's key."""
        event, letter = outcome.event, outcome.letter
        if event is None or not (
            type(event.data) in _SAID_BY_OPERATORS
            or (letter is not None and letter.kind == "parked")
        ):
            return
        place = (event.program, event.key)
        (world.parked.add if self._held(world, event) else world.parked.discard)(place)

    # -- answers and timers --

    def _complete(self, world: World, answers: Iterable[Answer], cause: Event) -> list[Event]:
        count: dict[str, int] = {}
        events = []
        for answer in answers:
            word = answer.data.WORD
            n = count[word] = count.get(word, -1) + 1
            events.append(self._say(answer, cause, n, world.now))
        return events

    def _say(self, answer: Answer, cause: Event, n: int, now: datetime) -> Event:
        about_cycle = answer.data.KEY == "cycle"
        return Event(
            id=answer_id(
                self.service.name,
                _cause_of(cause),
                answer.data.WORD,
                n,
            ),
            source=self.service.source,
            program=cause.program,
            key=answer.key,
            time=now,
            data=answer.data,
            correlationid=answer.key if about_cycle else cause.correlationid,
            causationid=cause.id,
            traceparent=cause.traceparent,
        )

    def _passes_over(self, world: World, event: Event) -> bool:
        """Whether it is a `due` that nobody waits for, or a copy of an event that is parked."""
        if type(event.data) is Due:
            held = self._is_parked_already(world, event)
            return not rings(self.service, world, event, event.data, held=held)
        return self._is_parked_already(world, event)


def _cause_of(cause: Event) -> str:
    """What makes the ids of its answers differ from those of any other input."""
    return f"{cause.source} {cause.program} {cause.id}"


def _plain(token: str) -> str:
    """A token of a subject as every database stores it: NATS lets outsiders put nearly any bytes there."""
    return _UNFIT.sub("?", token)[:64]


def _letter(entry: Entry, event: Event, kind: str, rule: str, field_: str) -> DeadLetter:
    return DeadLetter(
        program=event.program,
        seq=entry.seq,
        about=event.key,
        word=event.data.WORD,
        event=event.id,
        kind=kind,
        rule=rule,
        field=field_,
        state="open",
    )
