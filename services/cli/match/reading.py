"""A cycle, or a program, as matching folds it from the log up to a cut, with what was said about it on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from services.cli.connection import connected
from services.cli.folding import folded, program_of
from services.cli.match.story import Story
from services.cli.match.wording import in_words
from services.matching.app import SERVICE
from services.matching.model import Cycle
from shared.replay.history import Cut, Step
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
        found = Found(program or await program_of(log, cycle), cycle)
        if found.program:
            async with folded(log, SERVICE, found.program, cut) as (world, steps):
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
