"""A cycle, or a program, as matching folds it from the log up to a cut, with what was said about it on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.cli.connection import connected
from services.cli.match.story import Story
from services.cli.match.wording import in_words
from services.cli.output import Failure
from services.cli.timeline import programs_of
from services.matching.app import SERVICE
from services.matching.model import Cycle
from shared.events.event import TOKEN
from shared.log import Log
from shared.outcome import Diverged
from shared.replay.history import Cut, Step, history
from shared.world import World


@dataclass
class Found:
    """A cycle as of a sequence.

    Attributes:
        program, cycle: its name; the program is empty where nobody spoke of it.
        position: the last input that was folded.
        world: all of matching's rows as of then.
        story: what became of the cycle until then.
    """

    program: str
    cycle: str
    position: int = 0
    world: World = field(default_factory=World)
    story: Story = field(default_factory=Story)

    @property
    def row(self) -> Cycle | None:
        """The cycle as matching knows it; None when it does not."""
        row = self.world.peek(Cycle, (self.program, self.cycle))
        return row if row is not None and row.request else None

    def note(self, step: Step) -> None:
        """The next input of the program, with its answers."""
        self.position = step.entry.seq
        event = step.outcome.folded
        if event is None:
            return
        known = len(self.story.attempts)
        for each in (event, *step.outcome.answers):
            if each.key == self.cycle:
                self.story.note(each, step.entry.seq, event)
        if self.row is not None:
            for attempt in self.story.attempts[known:]:
                attempt.sentences = in_words(self.world, self.row, attempt)


async def read(cycle: str, program: str | None, cut: Cut, nats: str | None, folder: Path) -> Found:
    """Fold the cycle's program up to the cut, and note what is said about the cycle.

    Raises:
        Failure: several programs know the key, the log is away, or today's code judges otherwise than it.
    """
    async with connected(nats, folder) as log:
        found = Found(program or await _program_of(log, cycle), cycle)
        if found.program:
            async with folded(log, found.program, cut) as (world, steps):
                found.world = world
                async for step in steps:
                    found.note(step)
    return found


def unknown(found: Found) -> str:
    """Says that matching knows no such cycle."""
    if not found.program:
        return f"the log says nothing about {found.cycle}"
    return (
        f"matching knows no cycle {found.cycle} in {found.program} as of sequence {found.position}"
    )


async def _program_of(log: Log, cycle: str) -> str:
    found = await programs_of(log, cycle)
    if len(found) > 1:
        raise Failure(f"{cycle} is in several programs: give --program {' or '.join(found)}")
    return found[0] if found else ""


@asynccontextmanager
async def folded(
    log: Log, program: str, cut: Cut
) -> AsyncIterator[tuple[World, AsyncIterator[Step]]]:
    """A program's world, and the steps that fold it.

    Raises:
        Failure: today's code judges otherwise than the log.
    """
    try:
        async with history(log, SERVICE, program, cut) as (told, steps):
            yield told.world, steps
    except Diverged as error:
        raise Failure(f"today's code would judge otherwise than the log {error}") from error


async def programs(log: Log) -> list[str]:
    """Every program that was ever opened, sorted."""
    found = set()
    async for entries in log.read(["mentoring.*.opened.>"]):
        found |= {entry.subject.split(".")[1] for entry in entries if not entry.said_by}
    return sorted(name for name in found if TOKEN.fullmatch(name))
