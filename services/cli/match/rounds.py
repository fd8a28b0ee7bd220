"""The rounds of programs, as matching keeps them, read from the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.cli.connection import connected
from services.cli.folding import folded, programs
from services.matching.app import SERVICE
from services.matching.record import Round
from shared.log import Log
from shared.replay.history import Cut


@dataclass(frozen=True, slots=True)
class Rounds:
    """A program's rounds, the earliest first.

    Attributes:
        program: whose.
        position: the last input that was folded; 0 where the log knows no such program.
        rounds: the last ones.
        all: how many there were.
    """

    program: str
    position: int
    rounds: Sequence[Round]
    all: int


async def read(
    program: str | None, last: int, cut: Cut, nats: str | None, folder: Path
) -> list[Rounds]:
    """The last rounds of a program, or of each that the log knows.

    Raises:
        Failure: the log is away, or today's code judges otherwise than it.
    """
    async with connected(nats, folder) as log:
        names = await programs(log) if program is None else [program]
        return [await _of(log, name, last, cut) for name in names]


async def _of(log: Log, program: str, last: int, cut: Cut) -> Rounds:
    position = 0
    async with folded(log, SERVICE, program, cut) as (world, steps):
        async for step in steps:
            position = step.entry.seq
    found = sorted(
        world.where(Round, program=program, parked="use"), key=lambda row: (row.at, row.round)
    )
    return Rounds(program, position, found[-last:], len(found))
