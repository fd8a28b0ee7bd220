"""A program as one service folds it from the log, in memory, up to a cut: for commands that ask no service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from services.cli.connection import connected
from services.cli.output import Failure
from services.cli.timeline import programs_of
from shared.events.event import TOKEN
from shared.events.outside import Opened
from shared.log import Log
from shared.outcome import Diverged
from shared.replay.history import Cut, Step, history
from shared.service import Service
from shared.vocabulary import ESCO_ICT
from shared.world import World


@dataclass
class FoldedProgram:
    """A program as of a sequence.

    Attributes:
        program: its name; empty where nobody spoke of what was asked for.
        position: the last input that was folded.
        world: all of the service's rows as of then.
        vocabulary: that its rules name, by which skills have labels.
    """

    program: str
    position: int = 0
    world: World = field(default_factory=World)
    vocabulary: str = ESCO_ICT

    def note(self, step: Step) -> None:
        """The next input of the program."""
        self.position = step.entry.seq
        event = step.outcome.folded
        if event is not None and isinstance(event.data, Opened):
            self.vocabulary = event.data.vocabulary


F = TypeVar("F", bound=FoldedProgram)


async def read_program(
    kind: type[F],
    service: Service,
    key: str,
    program: str | None,
    cut: Cut,
    nats: str | None,
    folder: Path,
) -> F:
    """Fold the program of a key, such as a person's or a cycle's, up to the cut.

    Raises:
        Failure: several programs know the key, the log is away, or today's code judges otherwise than it.
    """
    async with connected(nats, folder) as log:
        found = kind(program or await program_of(log, key))
        if found.program:
            async with folded(log, service, found.program, cut) as (world, steps):
                found.world = world
                async for step in steps:
                    found.note(step)
    return found


@asynccontextmanager
async def folded(
    log: Log, service: Service, program: str, cut: Cut
) -> AsyncIterator[tuple[World, AsyncIterator[Step]]]:
    """A program's world, and the steps that fold it.

    Raises:
        Failure: today's code judges otherwise than the log.
    """
    try:
        async with history(log, service, program, cut) as (told, steps):
            yield told.world, steps
    except Diverged as error:
        raise Failure(f"today's code would judge otherwise than the log {error}") from error


async def program_of(log: Log, key: str) -> str:
    """The program that knows this key; empty where none does.

    Raises:
        Failure: several do.
    """
    found = await programs_of(log, key)
    if len(found) > 1:
        raise Failure(f"{key} is in several programs: give --program {' or '.join(found)}")
    return found[0] if found else ""


async def programs(log: Log) -> list[str]:
    """Every program that was ever opened, sorted."""
    found = set()
    async for entries in log.read(["mentoring.*.opened.>"]):
        found |= {entry.subject.split(".")[1] for entry in entries if not entry.said_by}
    return sorted(name for name in found if TOKEN.fullmatch(name))
