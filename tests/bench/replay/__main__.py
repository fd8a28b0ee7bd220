"""`make bench-replay`: how fast a service's store is made anew from the log, against reading alone, live and a peer."""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from tests.bench import machine
from tests.bench.replay.field import TITLES, Entrant, entrants
from tests.bench.replay.logs import Logs
from tests.bench.replay.measure import Lap, run
from tests.bench.replay.picture import curves
from tests.bench.replay.report import PICTURE, markdown
from tests.bench.replay.results import Results, targets
from tests.bench.replay.services import NAMES
from tests.bench.report import insert
from tests.bench.sandbox import ROOT, Sandbox

QUICK, FULL = 100_000, 1_000_000
_DOCS = ROOT / "docs"
_SIZES = {False: (20_000,), True: (100_000, 300_000, 3_000_000)}
"""Beside the size at which all are compared: those at which only reading and rebuilding are."""
Say = Callable[[str], None]


def main() -> None:
    """Parse, run, write."""
    given = _arguments()
    console = Console()
    start = time.monotonic()

    def say(text: str) -> None:
        console.print(
            f"[dim]{time.monotonic() - start:6.1f} s[/dim]  {text}", highlight=False, soft_wrap=True
        )

    with Sandbox() as sandbox:
        results = _run(given, sandbox, say)
    text = markdown(results)
    console.print(Markdown(text))
    found = targets(results)
    say(f"done: {sum(target.reached for target in found)} of {len(found)} targets reached")
    _write(given, results, text, say)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.replay", description=__doc__)
    add = parser.add_argument
    add(
        "--full",
        action="store_true",
        help="compare at 1,000,000 events, measure growth up to 3,000,000, and write the page",
    )
    add("--events", type=int, help="the size at which all are compared (100,000)")
    add("--sizes", type=int, nargs="*", help="other sizes, for reading and rebuilding only")
    add("--rounds", type=int, default=1, help="rounds at the size at which all are compared (1)")
    add(
        "--only",
        action="append",
        choices=TITLES,
        metavar="NAME",
        help=f"run only this (may be repeated): {', '.join(TITLES)}",
    )
    add("--service", action="append", choices=NAMES, help="only this one (may be repeated)")
    add("--docs", type=Path, metavar="FOLDER", help="write page, figures and picture there")
    return parser.parse_args()


def _run(given: argparse.Namespace, sandbox: Sandbox, say: Say) -> Results:
    size = given.events or (FULL if given.full else QUICK)
    others = _SIZES[given.full] if given.sizes is None else given.sizes
    field = [each for each in entrants() if _is_wanted(given, each)]
    parameters = {
        "date": datetime.now(UTC).date().isoformat(),
        "eventsourcing": version("eventsourcing"),
        "rounds": given.rounds,
    }
    results = Results(machine.describe(sandbox), parameters, size)
    logs = Logs(sandbox, say)
    try:
        for each, entrant in _order(field, size, others, given.rounds):
            say(f"{each:,} events: {entrant.name}")
            lap = run(sandbox, logs, entrant, each)
            say(_told(lap))
            results.add(each, entrant.name, lap)
    finally:
        logs.close()
    return results


def _order(
    field: Sequence[Entrant], size: int, others: Sequence[int], rounds: int
) -> Iterator[tuple[int, Entrant]]:
    for each in sorted({size, *others}):
        for _ in range(rounds if each == size else 1):
            yield from ((each, entrant) for entrant in field if each == size or entrant.grows)


def _is_wanted(given: argparse.Namespace, entrant: Entrant) -> bool:
    of_it = not entrant.service or not given.service or entrant.service in given.service
    return of_it and (not given.only or entrant.group in given.only)


def _told(lap: Lap) -> str:
    most = max((sample.megabytes for sample in lap.memory), default=0.0)
    return (
        f"    {lap.rate:,.0f} events/s, {lap.cpu_each:.1f} µs of CPU an event, "
        f"{lap.rows:,} rows, {most:.0f} MB"
    )


def _write(given: argparse.Namespace, results: Results, text: str, say: Say) -> None:
    """A quick or partial run writes only where it is told to: the committed figures belong together."""
    whole = given.full and not given.only and not given.service
    docs = given.docs or (_DOCS if whole else None)
    if docs is None:
        return
    figures = docs / "benchmarks" / "replay.json"
    figures.parent.mkdir(parents=True, exist_ok=True)
    figures.write_text(_lines(results))
    found = {name: results.curve("rebuild", name) for name in NAMES}
    if all(found.values()):
        (docs / PICTURE).write_text(curves(found))
    page = docs / "benchmarks-replay.md"
    if page.exists():
        insert(page, text)
    say(f"wrote {figures} and {page}")


def _lines(results: Results) -> str:
    """JSON with a line for each sample of memory."""
    text = json.dumps(results.document(), indent=1, ensure_ascii=False)
    return re.sub(r"\[\s+([\d.]+),\s+(\d+),\s+([\d.]+)\s+\]", r"[\1, \2, \3]", text) + "\n"


if __name__ == "__main__":
    main()
