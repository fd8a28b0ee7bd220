"""A bar on stderr for long work, where somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from services.cli.output import err


@contextmanager
def bar(words: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that moves the bar: how far, and of how much.

    A bar that has come to its end leaves the screen: it would be drawn again and again over what is asked then.
    """
    console = err()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, disable=not console.is_terminal, transient=True
    ) as progress:
        task = progress.add_task(words, total=1)

        def move(done: int, total: int) -> None:
            progress.update(task, completed=done, total=max(total, 1))
            if done >= total:
                progress.stop()
            else:
                progress.start()

        yield move
