"""Folding a partition into a store: the world, the transaction and the fold, in the thread of one partition.

The one way from the log into a database. A running service, its catching up and a rebuild all come through here:
`live` asks the service what it answers, `follow` takes the answers that stand in the log, `save` writes either.
Everything here blocks; whoever folds beside an event loop runs it in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from shared import said
from shared.entry import Entry
from shared.events.envelope import Event
from shared.events.system import Due
from shared.fitness import NotReady, OtherLog, body_fingerprint, other_version
from shared.fold import Fold, Read, fingerprint, is_outside
from shared.log import MAX_BATCH, Fenced, Message
from shared.outcome import Diverged, Outcome, StoreTrouble
from shared.partition import partition_of
from shared.service import Service, not_long
from shared.store import Store
from shared.transaction import Position, Transaction
from shared.whole import Whole
from shared.world import Clock, Key, Ref, Row, Timer, World

MAX_ROWS = 50_000
"""Rows kept in memory between batches; beyond it those of programs at rest are dropped, or all, and loaded again
when needed."""


@dataclass(frozen=True, slots=True)
class Work:
    """A batch of inputs as folded in memory: what became of each, what to publish and which rows changed."""

    inputs: Sequence[Entry]
    outcomes: Sequence[Outcome]
    messages: Sequence[Message]
    changes: Mapping[Ref, Row | None]

    @property
    def seq(self) -> int:
        """How far it reaches."""
        return self.inputs[-1].seq


@dataclass(frozen=True, slots=True)
class Accepted:
    """An input that today's code would judge otherwise than the log, and that was folded all the same.

    Attributes:
        diverged: where, and what differs.
        passed_over: it cannot be folded today, so nothing of it is in the store.
    """

    diverged: Diverged
    passed_over: bool


def _alone(error: Diverged) -> Diverged:
    """The same without its traceback, whose frames hold all that was folded with it: many may be accepted."""
    return Diverged(error.seq, error.why)


@dataclass
class Folding:
    """One partition of one service on its way into a store.

    Attributes:
        service: its pure functions.
        store: where the rows go.
        partition: which one.
        fetch: reads an entry of the log again, for a redriven input.
        driven: somebody else publishes each `due`: timers are stored without a schedule.
        max_rows: how many rows stay in memory between batches.
        clock: measures deciding, for a service's stamps; in seconds. Without one nothing is stamped.
        position: as it was committed last.
        condemned: inputs to park, by sequence, and why.
        accepted: what was folded although today's code would judge otherwise.
    """

    service: Service
    store: Store
    partition: int = 0
    fetch: Callable[[int], Entry] | None = None
    driven: bool = False
    max_rows: int = MAX_ROWS
    clock: Callable[[], float] | None = None
    position: Position = field(default_factory=lambda: Position(0, "", "", 0, timers_set=False))
    condemned: dict[int, Exception] = field(default_factory=dict)
    accepted: list[Accepted] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._fold = Fold(self.service, fetch=self.fetch, clock=self.clock)
        self._world: World | None = None
        self._whole: Whole
        self._programs: set[str] = set()
        self._transaction: Transaction | None = None
        self._saved = self.position

    # -- opening and letting go --

    def open(self, log: str) -> Position:
        """Connect to the store and take up its position, which is new when it has none.

        Args:
            log: uuid of the log that is folded.

        Raises:
            NotReady: the store was written by another fold version, or from another log.
            StoreTrouble: it does not answer, or its file is gone.
        """
        self.store.check_file()
        transaction = self._transaction = self.store.connect()
        self._check_version(transaction)
        found = transaction.position(self.partition)
        if found is None:
            transaction.begin_position(self.partition, log)
            found = Position(0, log, "", 0, timers_set=False)
        transaction.commit()
        self._check_log(found, log)
        self.position = self._saved = found
        return found

    def reopen(self) -> None:
        """Connect again, behind `forget`, to go on at the same position."""
        self._transaction = self.store.connect()

    def forget(self) -> None:
        """Drop the transaction and all rows in memory; the position is the last that was committed."""
        self._world, self._saved = None, self.position
        self._fold.seen = set()
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            try:
                transaction.close()
            except StoreTrouble:
                self.store.dispose()

    def check_generation(self) -> None:
        """Whether the store's contents are still those that were folded on.

        Raises:
            Fenced: they were exchanged, or their timers are to be set again.
            StoreTrouble: the store does not answer, or its file is gone.
        """
        self.store.check_file()
        query = text("SELECT generation FROM position WHERE partition = :p")
        found = self.store.read(lambda c: c.execute(query, {"p": self.partition}).scalar())
        if found != self.position.generation:
            raise Fenced(0, "the store was exchanged, or its timers are to be set again")

    def _check_version(self, transaction: Transaction) -> None:
        version, today = transaction.fold_version(), self.service.fold_version
        if version is None:
            transaction.set_fold_version(today)
        elif version != today:
            raise NotReady(other_version(self.service.name, version, today))

    def _check_log(self, found: Position, log: str) -> None:
        if found.log != log:
            raise OtherLog(self.service.name, found.log, found.seq, log)

    # -- folding in memory --

    def live(self, inputs: Sequence[Entry]) -> Work:
        """Fold inputs and say what the service answers, as many as one atomic batch of the log can hold.

        An input that takes long is folded alone.

        Raises:
            StoreTrouble, StoreRefused: the store could not be read, or refuses what it is asked.
        """
        world, reads = self._begin(inputs)
        messages: list[Message] = []
        timers: dict[Key, Timer] = {}  # the last of each: the log takes one per subject and batch
        outcomes: list[Outcome] = []
        for entry, read in zip(inputs, reads, strict=True):
            long = self._takes_long(read)
            if long and outcomes:
                break
            outcome = self._fold_one(world, entry, read)
            if len(messages) + len(timers) + outcome.size >= MAX_BATCH:
                self._fold.undo(world, outcome)
                break
            self._fold.keep(world, outcome)
            messages += said.answers(self.service.name, entry, outcome)
            timers.update((timer.key(), timer) for timer in outcome.timers)
            outcomes.append(outcome)
            if long:
                break
        messages += self.messages(timers.values())
        return Work(inputs[: len(outcomes)], outcomes, messages, world.take_changes())

    def follow(
        self,
        inputs: Sequence[Entry],
        told: Mapping[int, Sequence[Event]],
        accept: Container[int] = frozenset(),
    ) -> Work:
        """Fold inputs and what the log holds as the answers to them.

        Args:
            inputs: in the order of the log.
            told: the answers by the sequence of their cause.
            accept: sequences at which the log wins where today's code would judge otherwise.

        Raises:
            Diverged: today's code would judge otherwise than the log.
            StoreTrouble, StoreRefused: the store could not be read, or refuses what it is asked.
        """
        world, reads = self._begin(inputs)
        follow, keep = self._fold.follow, self._fold.keep
        outcomes = []
        for entry, read in zip(inputs, reads, strict=True):
            answers = told.get(entry.seq, ())
            try:
                outcome = follow(world, entry, read, answers)
            except Diverged as error:
                if error.seq not in accept:
                    raise
                outcome = self._fold.force(world, entry, read, answers)
                self.accepted.append(Accepted(_alone(error), outcome.folded is None))
            keep(world, outcome)
            outcomes.append(outcome)
        return Work(inputs, outcomes, (), world.take_changes())

    def takes_long(self, entry: Entry) -> bool:
        """Whether deciding this input may take long."""
        return self.service.long is not not_long and self._takes_long(self._fold.read(entry))

    def _takes_long(self, read: Read) -> bool:
        return isinstance(read, Event) and self.service.long(read)

    def _begin(self, inputs: Sequence[Entry]) -> tuple[World, list[Read]]:
        transaction = self._connected()
        transaction.only_read()
        reads = [self._fold.read(entry) for entry in inputs]
        events = [read for read in reads if isinstance(read, Event)]
        world = self._world_with_room(transaction, {event.program for event in events})
        self._prefetch(world, transaction, events)
        return world, reads

    def _world_with_room(self, transaction: Transaction, programs: set[str]) -> World:
        """The rows in memory; when they are too many, those of the programs at hand, or none."""
        world, at_hand = self._world, programs | self._programs
        if world is not None and len(world) > self.max_rows:
            self._whole.keep_only(at_hand)
            world.keep_only(at_hand)
        if world is None or len(world) > self.max_rows:
            self._whole = Whole(transaction, self.store.metadata)
            world = self._world = World(self._whole, transaction.parked())
        self._programs = programs
        return world

    def _fold_one(self, world: World, entry: Entry, read: Read) -> Outcome:
        error = self.condemned.get(entry.seq)
        if error is not None:
            return self._fold.condemn(world, entry, read, error)
        return self._fold.live(world, entry, read)

    def _prefetch(self, world: World, transaction: Transaction, events: Sequence[Event]) -> None:
        """Load in bulk what the batch will ask for: a matter of speed only."""
        prints = [fingerprint(event) for event in events if is_outside(event)]
        self._fold.seen = transaction.known(prints)
        asked = self._whole.meet(self._programs)
        refs: dict[Ref, None] = {}
        for event in events if asked else ():
            if event.program in asked:
                refs.update(dict.fromkeys(self._wanted(event)))
        world.prefetch(refs)

    def _wanted(self, event: Event) -> Iterator[Ref]:
        yield Ref(Clock, (event.program,))
        if isinstance(event.data, Due):
            yield Ref(Timer, (event.program, event.key, event.data.name))
        yield from self._reach(event)

    def _reach(self, event: Event) -> Sequence[Ref]:
        """Nothing where it raises, or was refused: the fold finds out, and parks the one input."""
        try:
            return [] if self.condemned else list(self.service.reach(event))
        except Exception:  # noqa: BLE001 - whatever a service raises
            return []

    # -- into the store --

    def save(self, work: Work) -> None:
        """Write what was folded, in the transaction under way.

        Raises:
            Fenced: the position is not where it was left, or the store's contents were exchanged.
            StoreTrouble, StoreRefused: the store could not be written, or refuses a value.
        """
        transaction, last, at = self._connected(), work.inputs[-1], self._saved
        event = body_fingerprint(last)
        transaction.write()
        if not transaction.move(self.partition, at.seq, last.seq, event, at.generation):
            raise Fenced(0, "another owner has folded this partition, or its store was exchanged")
        transaction.save(work.changes)
        transaction.remember([each.seen for each in work.outcomes if each.seen is not None])
        for outcome in work.outcomes:
            if outcome.folded is not None:
                self.service.effect(outcome.folded)
        self._saved = at._replace(seq=last.seq, event=event)

    def commit(self) -> None:
        """Keep what was saved.

        Raises:
            StoreTrouble: the database did not.
        """
        self._connected().commit()
        self.position = self._saved

    @property
    def connection(self) -> Connection:
        """Of the transaction under way, for what is to be kept with what is saved.

        Raises:
            StoreTrouble: the store was not opened.
        """
        return self._connected().connection

    # -- timers --

    def timers(self, partitions: int) -> list[Timer]:
        """Every timer that the programs of this partition wait for.

        Args:
            partitions: how many the log has.
        """
        transaction = self._connected()
        found = [
            timer
            for timer in transaction.timers()
            if partition_of(timer.program, partitions) == self.partition
        ]
        transaction.commit()
        return found

    def timers_are_set(self) -> None:
        """Remember that every one of them is in the log, unless the store was exchanged meanwhile.

        Raises:
            Fenced: it was.
        """
        transaction, at = self._connected(), self.position
        if not transaction.move(self.partition, at.seq, at.seq, at.event, at.generation):
            raise Fenced(0, "the store was exchanged while its timers were being set")
        transaction.set_timers_set(self.partition, flag=True)
        transaction.commit()
        self.position = self._saved = at._replace(timers_set=True)

    def messages(self, timers: Iterable[Timer]) -> list[Message]:
        """Timers as messages of the log."""
        return [said.timer(self.service.name, timer, driven=self.driven) for timer in timers]

    def _connected(self) -> Transaction:
        if self._transaction is None:
            raise StoreTrouble("the store was not opened")
        return self._transaction
