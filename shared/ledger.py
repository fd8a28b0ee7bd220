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
from dataclasses import dataclass, field
from time import perf_counter
from typing import TypeVar

from shared import mark as marks
from shared.apart import Apart
from shared.catchup import Told, is_own
from shared.entry import Entry
from shared.events.envelope import Event
from shared.fitness import NotReady, OtherLog, check_mark, check_not_lost, check_position
from shared.folding import Folding, Work
from shared.heavy import run_by
from shared.log import MAX_BATCH, Fenced, Log, LogTrouble, Message, Refused
from shared.mark import Mark
from shared.one_pass import OnePass, one_pass
from shared.outcome import Diverged, StoreRefused, StoreTrouble
from shared.service import Service
from shared.store import Store
from shared.transaction import Position

T = TypeVar("T")
CHUNK = 250
"""Inputs of one transaction; the next chunk is folded while the log stores the answers of this one."""
CATCH_UP = 1000
"""Inputs of one transaction while catching up, when nothing is published."""


@dataclass
class Progress:
    """Where a ledger stands; read by health, metrics and `mentoring status`.

    `deciding` is the sequence of an input that takes long, until it is committed.
    """

    state: str = "stopped"
    position: int = 0
    marked: int = 0
    inputs: int = 0
    answers: int = 0
    batches: int = 0
    letters: dict[str, int] = field(default_factory=dict)
    trouble: str = ""
    deciding: int = 0


class Ledger:
    """One partition of one service.

    Args:
        service: its pure functions.
        store: its database.
        log: the log.
        partition: which one.
        owner: a name for this process, new at each start.
        driven: store timers without a schedule; somebody else publishes each `due` (a demo's driven time). Nothing
            is stamped then: driven time is the same whenever it is driven, and so is what is said in it.
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
        self._log = log
        self.owner = owner
        self._apart = Apart()
        self._thread = ThreadPoolExecutor(
            1, f"{service.name}-{partition}", initializer=run_by, initargs=(self._apart,)
        )
        self._folding = Folding(
            service, store, partition, self._fetch, driven, clock=None if driven else perf_counter
        )
        self._mark = Mark()
        self._careful = 0
        self._loop = asyncio.get_running_loop()

    # -- start, and start again --

    async def start(self) -> int:
        """Claim the mark, catch up to it, and return the sequence from which to read live.

        Raises:
            NotReady: an operator must act first.
            LogTrouble, StoreTrouble, ReaderLost, Fenced: start again.
        """
        self.progress.state = "claiming"
        await self._run(self._folding.forget)
        info = await self._log.info()
        if not info.uuid:
            raise NotReady("the log has no identity: run `mentoring log apply`")
        position = await self._open(info.uuid)
        await check_position(self._log, self.service, position.seq, position.event, info.last_seq)
        await check_mark(self._log, self.service, self.partition, position.seq)
        self._mark = await marks.claim(self._log, self.service.name, self.partition, self.owner)
        self.progress.position, self.progress.marked = position.seq, self._mark.seq
        if position.seq < self._mark.seq:
            self.progress.state = "catching up"
            await self._catch_up(position.seq)
        if not position.timers_set:
            self.progress.state = "setting timers"
            await self._set_timers(info.partitions)
        self.progress.state, self.progress.trouble = "live", ""
        return self.progress.position + 1

    async def _open(self, uuid: str) -> Position:
        try:
            return await self._run(self._folding.open, uuid)
        except OtherLog as error:
            await check_not_lost(self._log, error)
            raise

    async def _set_timers(self, partitions: int) -> None:
        """Put every timer that a row waits for into the log: this store never did, or what the log held is gone.

        A timer that stands there already is rolled over by its equal, and a `due` that comes twice rings once.
        """
        timers = await self._run(self._folding.timers, partitions)
        for start in range(0, len(timers), MAX_BATCH - 1):
            part = timers[start : start + MAX_BATCH - 1]
            await self._send(self._folding.messages(part), self.progress.position)
        await self._run(self._folding.timers_are_set)

    async def _catch_up(self, position: int) -> None:
        """Fold up to the mark what the log says, each answer right behind its cause."""
        service, partition, bound = self.service, self.partition, self._mark.at
        name = f"{service.name}-{partition}-{self.owner}-catchup"
        async with one_pass(self._log, service, partition, position, bound, name) as (inputs, told):
            await self._follow_all(inputs, told)
        if self.progress.position != self._mark.seq:
            raise LogTrouble(
                f"the log gave inputs up to {self.progress.position}, answered are those up to {self._mark.seq}"
            )

    async def _follow_all(self, inputs: OnePass, told: Told) -> None:
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
                await self._run(self._folding.forget)
                await self._run(self._folding.reopen)
                inputs = [entry for entry in inputs if entry.seq > self.progress.position]
                self._blame(inputs[: self._chunk()], error)

    async def _fold_all(self, inputs: Sequence[Entry]) -> Sequence[Entry]:
        """Fold chunk by chunk; the next is folded in memory while the one before is being published."""
        work: Work | None = await self._live(inputs)
        while work is not None:
            await self._run(self._folding.save, work)
            publishing = asyncio.ensure_future(self._publish(work))
            rest = inputs[len(work.inputs) :]
            try:
                ahead = await self._ahead(rest)
            except StoreRefused as error:
                await publishing
                self._blame(rest[: self._chunk()], error)
                raise StoreTrouble(f"refused behind what is said already: {error}") from error
            except BaseException:
                await asyncio.gather(publishing, return_exceptions=True)
                raise
            await publishing
            await self._run(self._folding.commit)
            self._note(work)
            inputs, work = rest, ahead
        return inputs

    async def _ahead(self, rest: Sequence[Entry]) -> Work | None:
        """What follows a chunk that is not committed yet; nothing before an input that would keep it waiting."""
        if not rest or self._folding.takes_long(rest[0]):
            return None
        return await self._decided(rest)

    async def _live(self, inputs: Sequence[Entry]) -> Work:
        self.progress.deciding = inputs[0].seq if self._folding.takes_long(inputs[0]) else 0
        return await self._decided(inputs)

    async def _decided(self, inputs: Sequence[Entry]) -> Work:
        """The next chunk; what its heavy calls ran in ends with it."""
        try:
            return await self._run(self._folding.live, inputs[: self._chunk()])
        finally:
            if self._apart.warm:
                await self._run(self._apart.rest)

    def _chunk(self) -> int:
        return 1 if self._careful > 0 else CHUNK

    def _blame(self, batch: Sequence[Entry], error: Exception) -> None:
        """A refusal that does not pass: redo the batch input by input, and park the one it lies in."""
        if len(batch) == 1:
            self._condemn(batch[0].seq, error)
        self._careful = len(batch)

    def _condemn(self, seq: int, error: Exception) -> None:
        condemned = self._folding.condemned
        if condemned.pop(seq, None) is not None:
            words = f"sequence {seq} is refused, and that it is parked is refused too: {error}"
            raise (LogTrouble if isinstance(error, Refused) else StoreTrouble)(words) from error
        condemned[seq] = error

    async def _publish(self, work: Work) -> None:
        if work.messages:
            await self._send(work.messages, work.seq)

    async def _send(self, messages: Sequence[Message], seq: int) -> None:
        """Append messages and the mark that says that `seq` is answered, all or none."""
        sent = marks.message(self.service.name, self.partition, self._mark, seq, self.owner)
        try:
            at = await self._log.send_batch([*messages, sent])
        except Fenced:
            standing = await marks.stands(self._log, sent)
            if standing is None:
                raise
            self._mark = standing
        else:
            self._mark = Mark(at, seq, self.owner)

    async def settle(self) -> None:
        """Move the mark to the position: batches without answers leave it behind.

        A ledger without inputs learns here that its store was exchanged.

        Raises:
            Fenced: another owner has claimed, or the store was exchanged.
            LogTrouble, StoreTrouble: the log or the store did not answer.
        """
        if self.progress.state == "live":
            await self._run(self._folding.check_generation)
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
        self.progress.deciding = 0
        if self.progress.state == "live":
            self.progress.state = "stopped"
        await self._run(self._let_go)

    async def close(self) -> None:
        """Rest for good."""
        self.progress.state = "stopped"
        await self._run(self._let_go)
        self._thread.shutdown(wait=False)

    # -- in the thread of this partition --

    def _follow(self, inputs: Sequence[Entry], told: Mapping[int, Sequence[Event]]) -> None:
        try:
            work = self._folding.follow(inputs, told)
        except Diverged as error:
            raise NotReady(f"today's code would judge otherwise than the log {error}") from error
        self._folding.save(work)
        self._folding.commit()

    def _let_go(self) -> None:
        self._apart.rest()
        self._folding.forget()

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
        progress.position, progress.marked, progress.deciding = work.seq, self._mark.seq, 0
        self._careful = max(0, self._careful - len(work.inputs))
        for entry in work.inputs if self._folding.condemned else ():
            self._folding.condemned.pop(entry.seq, None)
        progress.batches += 1
        progress.inputs += len(work.outcomes)
        for outcome in work.outcomes:
            progress.answers += len(outcome.answers)
            if outcome.letter is not None:
                kind = outcome.letter.kind
                progress.letters[kind] = progress.letters.get(kind, 0) + 1

    async def _run(self, job: Callable[..., T], *args: object) -> T:
        return await self._loop.run_in_executor(self._thread, job, *args)
