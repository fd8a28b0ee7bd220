"""A long log of many programs, each the golden one under another name, running side by side.

At any time `WIDTH` programs are under way, each at another place of its life, and a seeded choice says which of
them goes on. So a batch of the log touches many programs, as in a log that filled up over years.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.entry import Entry
from tests.bench.replay.template import Template, golden

WIDTH = 64
SEED = 7


def programs_of(events: int) -> int:
    """How many whole programs come nearest to so many events."""
    return max(1, round(events / len(golden())))


def name(number: int) -> str:
    """The program of this number."""
    return f"p{number:05}"


@dataclass(slots=True)
class _Running:
    """A program under way: what fills in its lines, its steps to come, and the sequences of the lines that are told."""

    program: str
    words: list[bytes]
    ends: Iterator[int]
    told: list[int] = field(default_factory=list)


def stamped(programs: int, *, without: str | None = None) -> Iterator[Entry]:
    """The log of so many programs, the same each time, from sequence 1 on.

    `without` leaves out what one service says: what is left is what that service answers.
    """
    template = golden()
    seq = 0
    for running, until in _interleaved(template, programs):
        for line in template.lines[len(running.told) : until]:
            if line.said_by is not None and line.said_by == without:
                running.told.append(seq)
                continue
            seq += 1
            cause = None if line.cause is None else running.told[line.cause]
            running.told.append(seq)
            subject = line.subject.replace("\0", running.program)
            yield Entry(seq, subject, line.body(running.words), cause, line.said_by)


def _interleaved(template: Template, programs: int) -> Iterator[tuple[_Running, int]]:
    """Which program goes on, and up to which of its lines, step by step."""
    choose = random.Random(SEED).random
    ends = template.steps()
    waiting = iter(range(programs))
    running: list[_Running] = []
    for step in range(programs * len(ends)):
        if step % len(ends) == 0 and len(running) < WIDTH:
            _begin(template, ends, waiting, running)
        at = int(choose() * len(running))
        one = running[at]
        yield one, next(one.ends)
        if len(one.told) == len(template):
            running[at] = running[-1]
            running.pop()
            _begin(template, ends, waiting, running)


def _begin(
    template: Template, ends: list[int], waiting: Iterator[int], running: list[_Running]
) -> None:
    number = next(waiting, None)
    if number is not None:
        running.append(_Running(name(number), template.words(name(number)), iter(ends)))
