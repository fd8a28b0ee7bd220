"""What a rebuild would change, or a check finds: the differing rows, why the log says so, and both digests."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.partition import partition_of
from shared.replay.compare import Comparison, Difference, snapshot
from shared.replay.explain import Reason, explain
from shared.replay.rebuild import Rebuild
from shared.replay.source import Source
from shared.service import Service
from shared.store import Store
from shared.transaction import Position
from shared.world import Ref

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass
class Preview:
    """A comparison of a live store with what the log says, at one position.

    Attributes:
        service: whose store.
        program: the only one that was compared.
        positions: where both stand, by partition.
        rows: how many rows were compared.
        found: how many differ, by table and kind.
        shown: the first of them.
        reasons: the events that made a shown row what the log says.
        digest_live, digest_log: of the live rows, and of those of the log.
    """

    service: str
    program: str | None
    positions: Mapping[int, int]
    rows: int = 0
    found: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    shown: Sequence[Difference] = ()
    reasons: Mapping[Ref, Sequence[Reason]] = field(default_factory=dict)
    digest_live: str = ""
    digest_log: str = ""

    @property
    def differing(self) -> int:
        """How many rows differ."""
        return sum(sum(kinds.values()) for kinds in self.found.values())

    @property
    def same(self) -> bool:
        """Whether the store is what the log says."""
        return self.digest_live == self.digest_log

    @property
    def position(self) -> int:
        """The highest sequence that was folded."""
        return max(self.positions.values(), default=0)


async def preview(
    work: Rebuild, live: Store, into: Store, program: str | None, limit: int | None
) -> Preview:
    """Fold exactly to where the live store stands, and compare; the service goes on meanwhile.

    Args:
        work: has caught up.
        live: the store that the service works on.
        into: the store that `work` folds into.
        program: compare only this one's rows.
        limit: how many differences to keep; None: all.

    Raises:
        NotReady, Diverged, LogTrouble, ReaderLost, StoreTrouble: as `Rebuild.to_positions`.
    """
    with snapshot(live) as before:
        standing = sequences(before.positions)
        await work.to_positions(standing)
        with snapshot(into) as after:
            comparison = Comparison(before, after, program)
            shown = await asyncio.to_thread(_first, comparison, limit)
    return Preview(
        work.service.name,
        program,
        {at: standing.get(at, seq) for at, seq in work.positions.items()},
        comparison.rows,
        comparison.found,
        shown,
        {},
        comparison.digest_live,
        comparison.digest_other,
    )


async def explained(found: Preview, service: Service, source: Source) -> None:
    """Look up the events behind the rows that are shown, a program at a time.

    Raises:
        NotReady, LogTrouble, ReaderLost: the log cannot be read.
    """
    refs: dict[str, list[Ref]] = {}
    for each in found.shown:
        if _TOKEN.fullmatch(str(each.key[0])):  # of others the log has no subject
            refs.setdefault(each.key[0], []).append(each.ref)
    reasons: dict[Ref, Sequence[Reason]] = {}
    for program, of_program in refs.items():
        until = found.positions.get(partition_of(program, source.partitions), 0)
        if until:
            reasons.update(await explain(service, source, program, of_program, until))
    found.reasons = reasons


def sequences(positions: Mapping[int, Position]) -> dict[int, int]:
    """The sequence of each position."""
    return {at: position.seq for at, position in positions.items()}


def _first(comparison: Comparison, limit: int | None) -> list[Difference]:
    """All are counted, the first are kept."""
    return [each for n, each in enumerate(comparison) if limit is None or n < limit]
