"""Whether a store is what the log says: the log is folded anew beside it and both are compared row by row."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace

from shared.folding import Accepted
from shared.replay.compare import Comparison, Difference, Snapshot, snapshot
from shared.replay.progress import Progress
from shared.replay.rebuild import Rebuild
from shared.replay.source import Source
from shared.service import Service, no_effect
from shared.store import Store

LIMIT = 100
"""Differences that a verdict names one by one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a comparison.

    Attributes:
        same: the store is what the log says.
        positions: by partition, the sequence up to which both were folded.
        digest_live: of the store's rows.
        digest_log: of the rows that the log leads to.
        rows: how many were compared.
        found: how many rows differ, by table and kind.
        differences: the first of them.
        accepted: where the log won over today's code.
    """

    same: bool
    positions: Mapping[int, int]
    digest_live: str
    digest_log: str
    rows: int
    found: Mapping[str, Mapping[str, int]]
    differences: Sequence[Difference]
    accepted: Sequence[Accepted]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an operator may ask of a verification.

    Attributes:
        program: compare only this one's rows.
        accept: sequences at which the log wins where today's code would judge otherwise.
        limit: how many differences are named one by one.
        on_progress: called as the log is folded.
    """

    program: str | None = None
    accept: Container[int] = frozenset()
    limit: int = LIMIT
    on_progress: Callable[[Progress], None] | None = None


NOTHING_MORE = Wishes()


async def verify(
    service: Service, live: Store, source: Source, scratch: Store, wishes: Wishes = NOTHING_MORE
) -> Verdict:
    """Fold the log into an empty store up to where the live one stands, and compare.

    The service goes on meanwhile: the live store is read as it was at one moment. Its effect does not run.

    Raises:
        Diverged: today's code would judge otherwise than the log.
        NotReady: the live store and the log do not belong together.
        LogTrouble, ReaderLost, StoreTrouble: something does not answer.
    """
    rebuild = Rebuild(
        replace(service, effect=no_effect),
        live,
        scratch,
        source,
        program=wishes.program,
        accept=wishes.accept,
        on_progress=wishes.on_progress,
    )
    async with rebuild:
        await rebuild.catch_up()
        with snapshot(live) as held:
            await rebuild.to_positions({at: each.seq for at, each in held.positions.items()})
            rebuild.progress.state = "comparing"
            return await asyncio.to_thread(_compare, held, scratch, rebuild, wishes)


def _compare(held: Snapshot, scratch: Store, rebuild: Rebuild, wishes: Wishes) -> Verdict:
    with snapshot(scratch) as folded:
        comparison = Comparison(held, folded, wishes.program)
        first = [each for n, each in enumerate(comparison) if n < wishes.limit]
        return Verdict(
            same=not comparison.found,
            positions=dict(rebuild.progress.goals),
            digest_live=comparison.digest_live,
            digest_log=comparison.digest_other,
            rows=comparison.rows,
            found=comparison.found,
            differences=first,
            accepted=rebuild.accepted,
        )
