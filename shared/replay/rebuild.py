"""Rebuilding a service's rows from the log into another store, while the service goes on.

Each answer is folded at its cause and verdicts are followed, as in catching up; nothing is decided or published.
The other store knows its own position, so a rebuild that was cut off goes on where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from shared.entry import Entry
from shared.fitness import NotReady
from shared.folding import Accepted, Folding
from shared.outcome import Diverged, StoreTrouble
from shared.partition import partition_of
from shared.replay import accepted as records
from shared.replay.goals import Goal, Goals
from shared.replay.pieces import Piece, Pieces, rare_collections
from shared.replay.progress import Progress
from shared.replay.share import Share
from shared.replay.source import Part, Source
from shared.service import Service
from shared.store import Store

T = TypeVar("T")
SIZE = 5_000
"""Inputs of one transaction."""
MAX_ROWS = 10_000
"""Rows kept in memory between transactions: a program at rest is loaded again should it go on."""
NEAR = 2_000
"""Sequences that may be left when it has caught up: what a swap folds while the service waits."""


class _Everything:
    """Contains every sequence."""

    def __contains__(self, seq: object) -> bool:
        return True


ALL: Container[int] = _Everything()
"""Accepts that the log wins wherever today's code would judge otherwise."""


class Rebuild:
    """A rebuild of one service. Use it as an async context manager.

    Args:
        service: its pure functions. Its effect runs: give a service without one where nothing may be touched.
        live: the store that the service works on, which is only read.
        into: the store to fold into; it may hold what an earlier call has folded.
        source: the log, or what holds it.
        program: only this one's rows.
        share: only this worker's programs.
        accept: sequences at which the log wins where today's code would judge otherwise, or `ALL`; with those of
            earlier calls into the same store.
        on_progress: called after each transaction.

    Attributes:
        progress: how far it has come.
        accepted: where the log won.
    """

    def __init__(  # noqa: PLR0913 - what may be left out is named
        self,
        service: Service,
        live: Store,
        into: Store,
        source: Source,
        *,
        program: str | None = None,
        share: Share | None = None,
        accept: Container[int] = frozenset(),
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.service = service
        self.progress = Progress()
        self._source, self._program, self._share = source, program, share
        self._goals = Goals(service.name, live, source)
        self._accept, self._tell = accept, on_progress
        self._into = into
        self._kept: list[Accepted] = []
        self._strange: list[Accepted] = []
        self._thread = ThreadPoolExecutor(1, f"rebuild-{service.name}")
        self._foldings = {
            partition: Folding(service, into, partition, self._fetch, max_rows=MAX_ROWS)
            for partition in _partitions(source, program, share)
        }
        self._loop = asyncio.get_running_loop()

    async def __aenter__(self) -> Self:
        """Open the store.

        Raises:
            NotReady: it holds what another fold version, or another log, has led to, or what an earlier call has
                accepted and this one does not.
        """
        self._kept = await self._run(records.kept_in, self._into)
        records.check_again(self._kept, self._accept)
        for folding in self._foldings.values():
            await self._run(folding.open, self._source.uuid)
            await self._run(folding.forget)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the store; what was not committed is folded again by the next call."""
        for folding in self._foldings.values():
            await self._run(folding.forget)
        self._thread.shutdown(wait=False)

    @property
    def positions(self) -> dict[int, int]:
        """How far each partition is folded."""
        return {at: folding.position.seq for at, folding in self._foldings.items()}

    @property
    def accepted(self) -> list[Accepted]:
        """Where the log won over today's code, in earlier calls too, then the answers that no service wrote."""
        folded = [each for folding in self._foldings.values() for each in folding.accepted]
        return list({_name(each): each for each in (*self._kept, *folded, *self._strange)}.values())

    async def catch_up(self, near: int = NEAR) -> None:
        """Fold until the live store is at most `near` sequences ahead, or gains no more.

        Raises:
            Diverged: today's code would judge otherwise than the log.
            NotReady: the live store and the log do not belong together.
            LogTrouble, ReaderLost, StoreTrouble: call again; it goes on where it was.
        """
        left = None
        while left is None or left > near:
            positions = await self._run(self._goals.live_positions)
            goals = [await self._goals.goal(at, positions.get(at, 0)) for at in self._foldings]
            found = sum(max(goal.seq - self.positions[goal.partition], 0) for goal in goals)
            if left is not None and found >= left:
                break
            left = found
            await self._fold_all(goals)

    async def to_positions(self, positions: Mapping[int, int]) -> None:
        """Fold exactly as far as a store that stands still; a partition that it lacks, as far as is answered.

        Args:
            positions: of the live store, by partition.

        Raises:
            NotReady: more is folded already than the live store holds.
            Diverged, LogTrouble, ReaderLost, StoreTrouble: as `catch_up`.
        """
        await self.to_goals(
            [await self._goals.goal(at, positions.get(at, 0)) for at in self._foldings]
        )

    async def to_goals(self, goals: Sequence[Goal]) -> None:
        """Fold exactly so far.

        Raises:
            NotReady, Diverged, LogTrouble, ReaderLost, StoreTrouble: as `to_positions`.
        """
        for goal in goals:
            if self.positions[goal.partition] > goal.seq:
                raise NotReady(
                    f"partition {goal.partition}: {self.positions[goal.partition]} is folded, the live store "
                    f"stands at {goal.seq}: it was put back; begin the rebuild anew"
                )
        await self._fold_all(goals)

    def take_up(self, progress: Progress, accepted: Iterable[Accepted]) -> None:
        """Count on from what workers have folded into the store."""
        self.progress = progress
        self._strange += accepted

    # -- folding --

    async def _fold_all(self, goals: Sequence[Goal]) -> None:
        for goal in goals:
            self.progress.begin(goal.partition, self.positions[goal.partition], goal.seq)
        for goal in goals:
            folding = self._foldings[goal.partition]
            if folding.position.seq < goal.seq:
                self.progress.state = f"folding partition {goal.partition}"
                with rare_collections():
                    await self._fold(folding, goal)
            self.progress.positions[goal.partition] = goal.seq
        self.progress.state = "caught up"
        self._count()
        self._report()

    async def _fold(self, folding: Folding, goal: Goal) -> None:
        """Read the next inputs while these are folded."""
        after = folding.position.seq
        part = Part(
            self.service, goal.partition, after, goal.seq, goal.bound, self._program, self._share
        )
        await self._run(folding.reopen)
        try:
            async with self._source.open(part) as recorded:
                recorded.told.accept = self._accept
                pieces = Pieces(part, recorded, SIZE)
                ahead = asyncio.ensure_future(pieces.next())
                try:
                    while piece := await ahead:
                        ahead = asyncio.ensure_future(pieces.next())
                        strange = [Accepted(e, passed_over=True) for e in recorded.told.passed_over]
                        await self._run(self._write, folding, piece, strange)
                        self._note(folding, piece)
                finally:
                    ahead.cancel()
                    await asyncio.gather(ahead, return_exceptions=True)
                    told = recorded.told.passed_over
                    self._strange += [Accepted(each, passed_over=True) for each in told]
        finally:
            await self._run(folding.forget)

    def _write(self, folding: Folding, piece: Piece, strange: Sequence[Accepted]) -> None:
        """Fold and save one piece, in the thread, with what was accepted for it."""
        if piece.inputs:
            folding.save(folding.follow(piece.inputs, piece.told, self._accept))
        known = {_name(each) for each in self._kept}
        found = {_name(each): each for each in (*folding.accepted, *strange)}
        new = [each for name, each in found.items() if name not in known]
        records.keep(folding.connection, self._into, new)
        folding.commit()
        self._kept += new

    def _note(self, folding: Folding, piece: Piece) -> None:
        progress = self.progress
        progress.positions[folding.partition] = folding.position.seq
        progress.events += piece.read
        progress.inputs += len(piece.inputs)
        self._count()
        self._report()

    def _count(self) -> None:
        accepted = self.accepted
        self.progress.accepted = len(accepted)
        self.progress.passed_over = sum(each.passed_over for each in accepted)

    def _report(self) -> None:
        if self._tell is not None:
            self._tell(self.progress)

    def _fetch(self, seq: int) -> Entry:
        job = asyncio.run_coroutine_threadsafe(self._source.entry(seq), self._loop)
        entry = job.result()
        if entry is None:
            raise StoreTrouble(f"the log does not hold sequence {seq}")
        return entry

    async def _run(self, job: Callable[..., T], *args: object) -> T:
        return await self._loop.run_in_executor(self._thread, job, *args)


def _partitions(source: Source, program: str | None, share: Share | None) -> Sequence[int]:
    if share is not None:
        return share.read
    if program is None:
        return range(source.partitions)
    return [partition_of(program, source.partitions)]


def _name(accepted: Accepted) -> tuple[int, str]:
    """What makes two of them the same."""
    return accepted.diverged.seq, accepted.diverged.why


def advice(diverged: Diverged, accept: Iterable[int] = ()) -> str:
    """What an operator can do where a rebuild stopped that accepts these already: all have to be named again."""
    return (
        f"stopped {diverged}. Mend the code and call again; "
        f"or let the log win with --accept {records.named([*accept, diverged.seq])} and a --reason"
    )
