"""Tells what an erasure would do, what it came to, and what remains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from services.cli.erase_plan import Plan
    from services.cli.erase_work import Done

REMAINS = (
    "events under the opaque id: requests, pairs, meetings, ratings that were revealed",
    "backups of the key ring until they expire; the runbook of rotation tells how to end them at once",
    "what other systems keep: names, addresses, and whose this id is",
)
_KEYS = {"key": "a data key", "erased": "erased: no key", "unknown": "no key was ever made"}


def would(plan: Plan, key: str, *, leave: bool) -> Table:
    """What is about to happen."""
    rows = [
        (
            "becomes unreadable",
            f"{_counted(plan.reviews, 'review')} and {_counted(plan.notes, 'note')}, by or about",
        ),
        ("in the key ring", _KEYS[key]),
    ]
    if plan.erased:
        rows.insert(0, ("is erased already", "what is left to do of it is done"))
    if leave and not plan.erased and not plan.may_be_erased:
        rows[:0] = _leaving(plan)
    return _table(rows)


def _leaving(plan: Plan) -> list[tuple[str, str]]:
    """What `left` brings about."""
    rows = [
        ("is said first", "left, as mentee and as mentor"),
        ("cycles that end", ", ".join(plan.open) or "none"),
    ]
    if plan.blind:
        words = f"the ratings of {_counted(plan.blind, 'open review')}"
        rows.append(("is revealed", words))
    return rows


def came_to(done: Done) -> Table:
    """What was done."""
    rows = [("left", f"event {done.left}")] if done.left else []
    rows += [("erased", f"event {done.erased}")] if done.erased else []
    rows += [(name, state) for name, state in done.services.items()]
    gone = "gone, and its files are rewritten" if done.rewritten else "gone"
    rows.append(("data key", gone if done.key == "erased" else _KEYS[done.key]))
    return _table(rows)


def left_to_do(done: Done) -> Iterator[str]:
    """What is not done, and what to do about it."""
    if done.open:
        yield f"{', '.join(done.open)} not concluded in time: run this again when feedback goes on"
    for name, state in done.services.items():
        if state == "waiting":
            yield f"{name} has not come there in time: it does so when it runs; run this again to see it"
        elif state != "folded":
            yield f"{name}: {state}: see `mentoring dead list {name}`"
    if done.key != "erased" and not done.open:
        yield "the data key is still there"
    elif done.key == "erased" and not done.rewritten:
        yield "the key ring's files could not be rewritten: run this again"


def remains(lines: Sequence[str] = REMAINS) -> Table:
    """What an erasure does not reach."""
    return _table(
        [("what remains" if number == 0 else "", line) for number, line in enumerate(lines)]
    )


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _table(rows: Sequence[tuple[str, str]]) -> Table:
    shown = Table.grid(padding=(0, 2))
    shown.add_column(no_wrap=True)
    shown.add_column(overflow="fold")
    for row in rows:
        shown.add_row(*row)
    return shown
