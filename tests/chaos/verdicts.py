"""What must be true of the three services afterwards: read from the log and from their stores alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session, select

from services.feedback.app import service as feedback
from services.feedback.keyring import DataKey, KeyRing, kek_of
from services.feedback.sealing import Contents
from services.feedback.sealing import Place as Sealed
from services.matching.app import SERVICE as MATCHING
from services.matching.model import Cycle, Ended
from services.scheduling.app import SERVICE as SCHEDULING
from shared.engine import make_engine
from shared.entry import Entry
from shared.events import feedback as said_by_feedback
from shared.events import matching, outside, system
from shared.events.envelope import Event, InvalidEvent, decode
from shared.fold import Fold, fingerprint, is_outside
from shared.ledger import Ledger
from shared.log import Log
from shared.outcome import DeadLetter
from shared.service import Service
from shared.store import Store
from shared.world import Row
from tests.chaos import truth
from tests.chaos.truth import Told


@dataclass
class Erasures:
    """A key ring that only erases: folding what the log says opens nothing."""

    erased: set[tuple[str, str]] = field(default_factory=set)

    def unseal(self, author: str, subject: str, place: Sealed, sealed: str) -> Contents | None:
        """Nobody asks."""
        raise AssertionError("a rebuild opens what is sealed")

    def erase(self, *persons: tuple[str, str]) -> None:
        """Remember who was erased."""
        self.erased.update(persons)


def trio(ring: Erasures) -> dict[str, Service]:
    """The three services by name."""
    return {each.name: each for each in (MATCHING, SCHEDULING, feedback(lambda: ring))}


def position(store: Store) -> int:
    """The sequence up to which a store is folded; 0 before its first input."""
    transaction = store.connect()
    try:
        found = transaction.position(0)
        return found[0] if found else 0
    finally:
        transaction.close()


def rows(store: Store) -> list[Row]:
    """Every row."""
    transaction = store.connect()
    try:
        return list(transaction.everything())
    finally:
        transaction.close()


async def rebuild(log: Log, service: Service, url: str) -> tuple[str, int]:
    """Digest and position of a new store that caught up from the log alone. The service is not running."""
    store = Store(service.tables, url)
    store.create_all()
    ledger = Ledger(service, store, log, owner="rebuild")
    try:
        await truth._started(ledger)
        return store.digest(), position(store)
    finally:
        await ledger.close()
        store.dispose()


# -- each input --


def folded_or_dead(service: Service, store: Store, told: Told) -> Counter[str]:
    """Every input is folded, or stands as a dead letter; nothing is parked. Returns the dead letters by kind."""
    last = told.inputs[-1].seq
    assert position(store) == last, f"{service.name} has folded {position(store)} of {last}"
    letters = {row.seq: row for row in rows(store) if isinstance(row, DeadLetter)}
    fold, prints = Fold(service), []
    for entry in told.inputs:
        read = fold.read(entry)
        if isinstance(read, InvalidEvent):
            invalid = entry.seq in letters and letters[entry.seq].kind == "invalid"
            assert invalid, f"{service.name} has no dead letter for {entry}"
        elif read is not None and is_outside(read):
            prints.append(fingerprint(read))
    unknown = _unknown(store, prints)
    assert not unknown, f"{service.name} has not folded {unknown} events"
    parked = [row for row in letters.values() if row.kind == "parked"]
    assert not parked, f"{service.name} has parked {parked[:5]}"
    return Counter(letter.kind for letter in letters.values())


def _unknown(store: Store, prints: Sequence[bytes]) -> int:
    transaction = store.connect()
    try:
        return len(set(prints) - transaction.known(prints))
    finally:
        transaction.close()


# -- cycles and capacity --


def in_order(service: Service, told: Told) -> Iterator[tuple[Event, list[Event]]]:
    """What a service folded, with its answers: copies and what it refused left out."""
    fold, seen = Fold(service), set[bytes]()
    answers: dict[int, list[Event]] = {}
    for entry in told.answers:
        answers.setdefault(entry.cause or 0, []).append(event_of(entry))
    for entry in told.inputs:
        event, said = fold.read(entry), answers.get(entry.seq, [])
        if not isinstance(event, Event) or _is_copy(event, seen):
            continue
        if not any(isinstance(answer.data, system.Rejected | system.Parked) for answer in said):
            yield event, said


def event_of(entry: Entry) -> Event:
    """What a service said."""
    return decode(entry.body)


def _is_copy(event: Event, seen: set[bytes]) -> bool:
    if not is_outside(event):
        return False
    found = fingerprint(event) in seen
    seen.add(fingerprint(event))
    return found


Place = tuple[str, str]
"""Program and person, or program and cycle."""


@dataclass
class Capacity:
    """Who carries whom, in the order in which matching folded."""

    offers: dict[Place, int] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    taken: dict[Place, int] = field(default_factory=dict)
    pairs: dict[Place, Place] = field(default_factory=dict)
    seats: dict[tuple[str, str, str, int], str] = field(default_factory=dict)
    most: int = 0

    def fold(self, event: Event) -> None:
        """Take in what was stated or said."""
        cycle = (event.program, event.key)
        match event.data:
            case outside.Opened(capacity=capacity):
                self.limits[event.program] = max(self.limits.get(event.program, 0), capacity)
            case outside.Offered(capacity=capacity):
                self.offers[cycle] = capacity
            case matching.Proposed(mentor=mentor):
                self.taken[cycle] = self._limit(event.program, mentor)
            case matching.Paired() as pair:
                self._pair(event, pair)
            case said_by_feedback.Concluded():
                self.pairs.pop(cycle, None)

    def _pair(self, event: Event, pair: matching.Paired) -> None:
        """A pair counts against what was offered when its place was taken: at the proposal, or now."""
        cycle, mentor = (event.program, event.key), (event.program, pair.mentor)
        assert cycle not in self.pairs, f"{cycle} is paired twice"
        if pair.proposal is None:
            self.taken[cycle] = self._limit(event.program, pair.mentor)
        self.pairs[cycle] = mentor
        theirs = [each for each, held_by in self.pairs.items() if held_by == mentor]
        assert len(theirs) <= max(self.taken[each] for each in theirs), f"{mentor} has {theirs}"
        self.most = max(self.most, len(theirs))

    def _limit(self, program: str, mentor: str) -> int:
        return min(self.offers[program, mentor], self.limits[program])


def within_capacity(told: Told) -> Capacity:
    """No mentor ever has more pairs than were offered and allowed when the places were taken."""
    capacity = Capacity()
    for event, answers in in_order(MATCHING, told):
        for each in (event, *answers):
            capacity.fold(each)
    assert capacity.pairs == {}, f"never concluded: {list(capacity.pairs)[:5]}"
    return capacity


def each_concluded_once(matching_rows: Sequence[Row], told: Told) -> int:
    """Every cycle that was ever taken up ends in exactly one `concluded`; returns how many there are."""
    said = [event_of(entry) for entry in told.answers if entry.word == "concluded"]
    concluded = Counter((event.program, event.key) for event in said)
    twice = [cycle for cycle, count in concluded.items() if count > 1]
    assert not twice, f"concluded more than once: {twice[:5]}"
    taken = {(row.program, row.cycle): row for row in matching_rows if isinstance(row, Cycle)}
    live = [key for key, row in taken.items() if not isinstance(row.state, Ended)]
    assert not live, f"matching has open cycles: {live[:5]}"
    apart = set(taken) ^ set(concluded)
    assert not apart, f"taken up and not concluded, or the other way round: {sorted(apart)[:5]}"
    return len(concluded)


def keys_are_gone(keyring: str, kek: Path, erased: set[tuple[str, str]]) -> None:
    """Nobody whom the log calls erased has a key."""
    KeyRing(keyring, kek_of(kek, None)).close()
    engine = make_engine(keyring)
    with Session(engine) as session:
        kept = session.exec(select(DataKey).where(DataKey.wrapped != None)).all()  # noqa: E711
        left = erased & {(key.program, key.person) for key in kept}
    engine.dispose()
    assert not left, f"erased, and their keys are there: {left}"


def words(told: Mapping[str, Told]) -> Counter[str]:
    """How often each word was said by a service."""
    return Counter(entry.word for each in told.values() for entry in each.answers)
