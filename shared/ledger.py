"""The ledger: exactly once on both sides, log first.

Per partition, one batch at a time in one transaction: fold the inputs, save the rows, move the position,
publish answers, timers and the mark as one atomic batch, and commit when the log has acknowledged. So the log
is the truth and the store follows; a crash anywhere is the ordinary case of starting. There is one way of
recovering: roll back and start again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TypeVar

from shared import mark as marks
from shared import said
from shared.catchup import Told, input_filters, is_own, own_filters
from shared.entry import Entry
from shared.events.envelope import Event
from shared.events.system import Due
from shared.fitness import NotReady, body_fingerprint, check_mark, check_position
from shared.fold import Fold, Read, is_outside
from shared.fold import fingerprint as outside_fingerprint
from shared.log import MAX_BATCH, Fenced, Log, LogTrouble, Message, Refused
from shared.mark import Mark
from shared.outcome import Diverged, Outcome, StoreRefused, StoreTrouble
from shared.reader import Reader
from shared.service import Service
from shared.store import Position, Store, Transaction
from shared.world import Clock, Key, Ref, Row, Timer, World

T = TypeVar("T")
CHUNK = 250
"""Inputs of one transaction; the next chunk is folded while the log stores the answers of this one."""
CATCH_UP = 1000
"""Inputs of one transaction while catching up, when nothing is published."""
MAX_ROWS = 100_000
"""Rows kept in memory between batches; beyond it they are dropped and loaded again when needed."""


@dataclass(frozen=True, slots=True)
class Work:
    """A chunk of inputs as folded in memory: what became of each, what to publish and which rows changed."""

    inputs: Sequence[Entry]
    outcomes: Sequence[Outcome]
    messages: Sequence[Message]
    changes: Mapping[Ref, Row | None]

    @property
    def seq(self) -> int:
        """How far it reaches."""
        return self.inputs[-1].seq


@dataclass
class Progress:
    """Where a ledger stands; read by health, metrics and `mentoring status`."""

    state: str = "stopped"
    position: int = 0
    marked: int = 0
    inputs: int = 0
    answers: int = 0
    batches: int = 0
    letters: dict[str, int] = field(default_factory=dict)
    trouble: str = ""


class Ledger:
    """One partition of one service.

    Args:
        service: its pure functions.
        store: its database.
        log: the log.
        partition: which one.
        owner: a name for this process, new at each start.
        driven: store timers without a schedule; somebody else publishes each `due` (a demo's driven time).
    """

    def __init__(
        self,
        service: Service,
        store: Store,
        log: Log,
        partition: int = 0,
        owner: str = "owner",
        *,
        driven: bool = False,
    ) -> None:
        self.service = service
        self.partition = partition
        self.progress = Progress()
        self._store = store
        self._log = log
        self.owner = owner
        self._driven = driven
        self._thread = ThreadPoolExecutor(1, f"{service.name}-{partition}")
        self._fold = Fold(service, fetch=self._fetch)
        self._world: World | None = None
        self._transaction: Transaction | None = None
        self._mark = Mark()
        self._generation = 0
        self._careful = 0
        self._condemned: dict[int, Exception] = {}
        self._loop = asyncio.get_running_loop()

    # -- start, and start again --

    async def start(self) -> int:
        """Claim the mark, catch up to it, and return the sequence from which to read live.

        Raises:
            NotReady: an operator must act first.
            LogTrouble, StoreTrouble, ReaderLost, Fenced: start again.
        """
        self.progress.state = "claiming"
        await self._run(self._forget)
        info = await self._log.info()
        if not info.uuid:
            raise NotReady("the log has no identity: run `mentoring log apply`")
        position = await self._run(self._open, info.uuid)
        self._generation = position.generation
        await check_position(self._log, self.service, position.seq, position.event, info.last_seq)
        await check_mark(self._log, self.service, self.partition, position.seq)
        self._mark = await marks.claim(self._log, self.service.name, self.partition, self.owner)
        self.progress.position, self.progress.marked = position.seq, self._mark.seq
        if position.seq < self._mark.seq:
            self.progress.state = "catching up"
            await self._catch_up(position.seq)
        self.progress.state, self.progress.trouble = "live", ""
        return self.progress.position + 1

    def _open(self, log: str) -> Position:
        transaction = self._transaction = self._store.connect()
        version = transaction.fold_version()
        if version is None:
            transaction.set_fold_version(self.service.fold_version)
        elif version != self.service.fold_version:
            raise NotReady(
                f"the store was written by fold version {version}, this is {self.service.fold_version}: "
                f"give {self.service.name} a new store, it rebuilds itself from the log"
            )
        found = transaction.position(self.partition)
        if found is None:
            transaction.begin_position(self.partition, log)
            found = Position(0, log, "", 0, timers_set=False)
        transaction.commit()
        if found.log != log:
            raise NotReady(
                f"the store belongs to the log {found.log}, this is {log}: "
                f"connect the right log, or give {self.service.name} a new store to rebuild from this one"
            )
        return found

    async def _catch_up(self, position: int) -> None:
        """Fold up to the mark what the log says, each answer right behind its cause."""
        service, partition = self.service, self.partition
        own = [*own_filters(service, partition), marks.subject(service.name, partition)]
        name = f"{service.name}-{partition}-{self.owner}-catchup"
        async with AsyncExitStack() as readers:
            inputs = await self._log.reader(input_filters(partition), position + 1, name=name)
            readers.push_async_callback(inputs.close)
            answers = await self._log.reader(own, position + 1)
            readers.push_async_callback(answers.close)
            await self._follow_all(inputs, Told(answers, position, self._mark.at))
        if self.progress.position != self._mark.seq:
            raise LogTrouble(
                f"the log gave inputs up to {self.progress.position}, answered are those up to {self._mark.seq}"
            )

    async def _follow_all(self, inputs: Reader, told: Told) -> None:
        """Many inputs to a transaction: what arrives at once may be few, and each commit waits for the disk."""
        left, batch = inputs.standing, list[Entry]()
        while left > 0 and inputs.last < self._mark.seq:
            entries = await inputs.batch()
            left -= len(entries)
            batch += [e for e in entries if e.seq <= self._mark.seq and not self._is_own(e)]
            is_last = left <= 0 or inputs.last >= self._mark.seq
            if batch and (is_last or len(batch) >= CATCH_UP):
                answers = await told.until(batch[-1].seq, self._is_own)
                await self._run(self._follow, batch, answers)
                self.progress.position = batch[-1].seq
                batch = []

    # -- live --

    async def fold(self, entries: Sequence[Entry]) -> None:
        """Fold a batch as it stands in the log; returns when it is in the log and in the store.

        Raises:
            LogTrouble, StoreTrouble, Fenced: nothing may be lost; start again.
        """
        inputs: Sequence[Entry] = [entry for entry in entries if not self._is_own(entry)]
        while inputs:
            try:
                inputs = await self._fold_all(inputs)
            except (Refused, StoreRefused) as error:
                if isinstance(error, Fenced):
                    raise
                await self._run(self._forget)
                await self._run(self._reopen)
                inputs = [entry for entry in inputs if entry.seq > self.progress.position]
                self._blame(inputs[: self._chunk()], error)

    async def _fold_all(self, inputs: Sequence[Entry]) -> Sequence[Entry]:
        """Fold chunk by chunk; the next is folded in memory while the one before is being published."""
        work: Work | None = await self._run(self._work, inputs[: self._chunk()])
        while work is not None:
            await self._run(self._save, work)
            publishing = asyncio.ensure_future(self._publish(work))
            rest = inputs[len(work.inputs) :]
            try:
                ahead = await self._run(self._work, rest[: self._chunk()]) if rest else None
            except StoreRefused as error:
                await publishing
                self._blame(rest[: self._chunk()], error)
                raise StoreTrouble(f"refused behind what is said already: {error}") from error
            except BaseException:
                await asyncio.gather(publishing, return_exceptions=True)
                raise
            await publishing
            await self._run(self._commit)
            self._note(work)
            inputs, work = rest, ahead
        return inputs

    def _chunk(self) -> int:
        return 1 if self._careful > 0 else CHUNK

    def _blame(self, batch: Sequence[Entry], error: Exception) -> None:
        """A refusal that does not pass: redo the batch input by input, and park the one it lies in."""
        if len(batch) == 1:
            self._condemn(batch[0].seq, error)
        self._careful = len(batch)

    def _condemn(self, seq: int, error: Exception) -> None:
        if self._condemned.pop(seq, None) is not None:
            words = f"sequence {seq} is refused, and that it is parked is refused too: {error}"
            raise (LogTrouble if isinstance(error, Refused) else StoreTrouble)(words) from error
        self._condemned[seq] = error

    async def _publish(self, work: Work) -> None:
        if not work.messages:
            return
        sent = marks.message(self.service.name, self.partition, self._mark, work.seq, self.owner)
        try:
            at = await self._log.send_batch([*work.messages, sent])
        except Fenced:
            standing = await marks.stands(self._log, sent)
            if standing is None:
                raise
            self._mark = standing
        else:
            self._mark = Mark(at, work.seq, self.owner)

    async def settle(self) -> None:
        """Move the mark to the position: batches without answers leave it behind.

        Raises:
            Fenced: another owner has claimed.
            LogTrouble: the log did not answer.
        """
        position = self.progress.position
        if self._mark.seq < position and self.progress.state == "live":
            sent = marks.message(
                self.service.name, self.partition, self._mark, position, self.owner
            )
            self._mark = Mark(await self._log.send(sent), position, self.owner)
            self.progress.marked = position

    async def rest(self) -> None:
        """Give the connection to the store back until `start`; what was not committed is dropped.

        A transaction left open would keep the next owner from moving the position.
        """
        if self.progress.state == "live":
            self.progress.state = "stopped"
        await self._run(self._forget)

    async def close(self) -> None:
        """Rest for good."""
        self.progress.state = "stopped"
        await self._run(self._forget)
        self._thread.shutdown(wait=False)

    # -- in the thread of this partition --

    def _work(self, inputs: Sequence[Entry]) -> Work:
        """Fold inputs in memory, as many as one atomic batch of the log can answer."""
        world, transaction = self._begin()
        reads = [self._fold.read(entry) for entry in inputs]
        self._prefetch(world, transaction, reads)
        messages: list[Message] = []
        timers: dict[Key, Timer] = {}  # the last of each: the log takes one per subject and batch
        outcomes: list[Outcome] = []
        for entry, read in zip(inputs, reads, strict=True):
            outcome = self._fold_one(world, entry, read)
            if len(messages) + len(timers) + outcome.size >= MAX_BATCH:
                self._fold.undo(world, outcome)
                break
            self._fold.keep(world, outcome)
            messages += said.answers(self.service.name, entry, outcome)
            timers.update((timer.key(), timer) for timer in outcome.timers)
            outcomes.append(outcome)
        name, driven = self.service.name, self._driven
        messages += [said.timer(name, timer, driven=driven) for timer in timers.values()]
        return Work(inputs[: len(outcomes)], outcomes, messages, world.take_changes())

    def _fold_one(self, world: World, entry: Entry, read: Read) -> Outcome:
        error = self._condemned.get(entry.seq)
        if error is not None:
            return self._fold.condemn(world, entry, read, error)
        return self._fold.live(world, entry, read)

    def _follow(self, inputs: Sequence[Entry], told: Mapping[int, Sequence[Event]]) -> None:
        world, transaction = self._begin()
        reads = [self._fold.read(entry) for entry in inputs]
        self._prefetch(world, transaction, reads)
        outcomes = []
        for entry, read in zip(inputs, reads, strict=True):
            try:
                outcome = self._fold.follow(world, entry, read, told.get(entry.seq, ()))
            except Diverged as error:
                raise NotReady(
                    f"today's code would judge otherwise than the log {error}"
                ) from error
            self._fold.keep(world, outcome)
            outcomes.append(outcome)
        self._save(Work(inputs, outcomes, (), world.take_changes()))
        transaction.commit()

    def _begin(self) -> tuple[World, Transaction]:
        if self._transaction is None:
            raise StoreTrouble("the ledger was not started")
        if self._world is None or len(self._world) > MAX_ROWS:
            self._world = World(self._transaction, self._transaction.parked())
        return self._world, self._transaction

    def _prefetch(self, world: World, transaction: Transaction, reads: Sequence[Read]) -> None:
        """Load in bulk what the batch will ask for: a matter of speed only."""
        events = [read for read in reads if isinstance(read, Event)]
        prints = [outside_fingerprint(event) for event in events if is_outside(event)]
        self._fold.seen = transaction.known(prints)
        refs: dict[Ref, None] = {}
        for event in events:
            refs[Ref(Clock, (event.program,))] = None
            if isinstance(event.data, Due):
                refs[Ref(Timer, (event.program, event.key, event.data.name))] = None
            refs.update(dict.fromkeys(self._reach(event)))
        world.prefetch(refs)

    def _reach(self, event: Event) -> Sequence[Ref]:
        """Nothing where it raises, or was refused: the fold finds out, and parks the one input."""
        try:
            return [] if self._condemned else list(self.service.reach(event))
        except Exception:  # noqa: BLE001 - whatever a service raises
            return []

    def _save(self, work: Work) -> None:
        assert self._transaction is not None
        transaction, last = self._transaction, work.inputs[-1]
        before, print_ = self.progress.position, body_fingerprint(last)
        if not transaction.move(self.partition, before, last.seq, print_, self._generation):
            raise Fenced(0, "another owner has folded this partition, or its store was exchanged")
        transaction.save(work.changes)
        prints = [outcome.seen for outcome in work.outcomes if outcome.seen is not None]
        transaction.remember(prints)
        for outcome in work.outcomes:
            if outcome.folded is not None:
                self.service.effect(outcome.folded)

    def _commit(self) -> None:
        assert self._transaction is not None
        self._transaction.commit()

    def _forget(self) -> None:
        """Drop the transaction and all rows in memory."""
        self._world = None
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            try:
                transaction.close()
            except StoreTrouble:
                self._store.dispose()

    def _reopen(self) -> None:
        self._transaction = self._store.connect()

    def _fetch(self, seq: int) -> Entry:
        entry = asyncio.run_coroutine_threadsafe(self._log.entry(seq), self._loop).result(10)
        if entry is None:
            raise StoreTrouble(f"the log does not hold sequence {seq}")
        return entry

    # -- small things --

    def _is_own(self, entry: Entry) -> bool:
        return is_own(self.service, entry)

    def _note(self, work: Work) -> None:
        progress = self.progress
        progress.position, progress.marked = work.seq, self._mark.seq
        self._careful = max(0, self._careful - len(work.inputs))
        for entry in work.inputs if self._condemned else ():
            self._condemned.pop(entry.seq, None)
        progress.batches += 1
        progress.inputs += len(work.outcomes)
        for outcome in work.outcomes:
            progress.answers += len(outcome.answers)
            if outcome.letter is not None:
                kind = outcome.letter.kind
                progress.letters[kind] = progress.letters.get(kind, 0) + 1

    async def _run(self, job: Callable[..., T], *args: object) -> T:
        return await self._loop.run_in_executor(self._thread, job, *args)
