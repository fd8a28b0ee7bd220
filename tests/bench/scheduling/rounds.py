"""All contestants with one program, in interleaved rounds, each in a process of its own; and then their plans compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.bench.check import Wrong
from tests.bench.scheduling.contestants.plans import Plan
from tests.bench.scheduling.field import OURS, Entrant, entrant_of
from tests.bench.scheduling.measure import Lap, found, run
from tests.bench.scheduling.results import Measured
from tests.bench.scheduling.settings import Setting

Say = Callable[[str], None]


def measure(
    setting: Setting, entrants: Sequence[Entrant], place: Path, *, rounds: int, say: Say
) -> Measured:
    """Run a program in rounds, look where the time of ours goes, and compare the plans.

    Raises:
        Wrong: a contestant has planned otherwise than ours.
    """
    measured = Measured(setting, {entrant.name: [] for entrant in entrants})
    for number in range(1, rounds + 1):
        for entrant in entrants:
            say(f"{setting.name}, round {number} of {rounds}: {entrant.name}")
            lap = run(entrant, setting, place)
            measured.laps[entrant.name].append(lap)
            say(f"    {_told(lap)}")
    if OURS in measured.laps:
        say(f"{setting.name}: where the time of ours goes")
        measured.stages = run(entrant_of(OURS), setting, place, look=True).stages
    _compare(measured, place)
    return measured


def _told(lap: Lap) -> str:
    return (
        f"{lap.plans:,} plans in {lap.seconds:,.2f} s ({lap.cpu:,.2f} s of CPU): {lap.rate:,.1f} a second; "
        f"at most {lap.peak:,.0f} MB"
    )


def _compare(measured: Measured, place: Path) -> None:
    plans = found(OURS, place)
    numbers = [start for plan in plans.values() for start in plan]
    measured.gaps = numbers.count(None) / len(numbers) if numbers else 0.0
    for name in measured.laps:
        if plans and name != OURS:
            measured.agreed[name] = agree(name, found(name, place), plans)


def agree(name: str, theirs: Mapping[str, Plan], ours: Mapping[str, Plan]) -> int:
    """Return how many plans of a contestant are those of ours, start by start: all, or it is said which are not.

    Raises:
        Wrong: some are not.
    """
    odd = [cycle for cycle, plan in theirs.items() if plan != ours[cycle]]
    if odd:
        raise Wrong(
            f"{name} has planned {len(odd)} of {len(theirs)} cycles otherwise, {odd[0]} for one: "
            f"{theirs[odd[0]]} where ours has {ours[odd[0]]}"
        )
    return len(theirs)
