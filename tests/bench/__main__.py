"""`make bench`: one run of everything, a table on the terminal, docs/benchmarks.md and docs/benchmarks/latest.json."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from tests.bench import idle, latency, machine, memory, node
from tests.bench.arguments import whole_number
from tests.bench.field import ENTRANTS, Entrant
from tests.bench.report import insert, markdown
from tests.bench.results import Results, targets
from tests.bench.rounds import run_rounds
from tests.bench.sandbox import ROOT, Sandbox

_LATENCY = (
    ("naive", latency.RATE),
    ("live", latency.RATE),
    ("live-postgresql", latency.RATE),
    ("naive", latency.CALM),
    ("live", latency.CALM),
)
_MEASURES = ("latency", "idle", "memory")
_NAMES = (*(entrant.name for entrant in ENTRANTS), *_MEASURES)
_DOCS = ROOT / "docs"


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
    say(
        f"done: {sum(t.reached for t in targets(results))} of {len(targets(results))} targets reached"
    )
    _write(given, results, text, say)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    add = parser.add_argument
    add(
        "--only",
        action="append",
        choices=_NAMES,
        metavar="NAME",
        help=f"run only this (may be repeated): {', '.join(_NAMES)}",
    )
    add("--events", type=whole_number, default=20_000, help="inputs of a throughput run (20,000)")
    add("--rounds", type=whole_number, default=5, help="throughput rounds (5)")
    add("--latency-rounds", type=whole_number, default=3, help="latency rounds (3)")
    add(
        "--seconds",
        type=whole_number,
        default=10,
        help="length of a latency run (10); idle takes twice that",
    )
    add(
        "--memory",
        type=whole_number,
        metavar="N",
        help="events of the memory run (200,000; 1,000,000 with --full)",
    )
    add("--full", action="store_true", help="the memory run over 1,000,000 events")
    add(
        "--json",
        type=Path,
        metavar="FILE",
        help="where the figures go (docs/benchmarks/latest.json)",
    )
    add(
        "--docs",
        type=Path,
        metavar="FILE",
        help="the page that takes the tables (docs/benchmarks.md)",
    )
    return parser.parse_args()


def _run(given: argparse.Namespace, sandbox: Sandbox, say: Callable[[str], None]) -> Results:
    wanted = set(given.only or _NAMES)
    events = given.memory or (1_000_000 if given.full else 200_000)
    results = Results(machine.describe(sandbox), _parameters(given, events))
    field = _field(wanted, results, say)
    results.laps = run_rounds(sandbox, field, given.events, given.rounds, say)
    if "latency" in wanted:
        _measure_latency(given, sandbox, results, say)
    if "idle" in wanted:
        say(f"idle: three services for {2 * given.seconds} s")
        results.idle = idle.measure(sandbox, 2 * given.seconds)
    if "memory" in wanted:
        results.memory = memory.measure(sandbox, events, say)
    return results


def _parameters(given: argparse.Namespace, memory_events: int) -> dict[str, object]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "inputs per run": given.events,
        "rounds": given.rounds,
        "latency": f"{given.latency_rounds} rounds of {given.seconds} s",
        "memory events": memory_events,
    }


def _field(wanted: set[str], results: Results, say: Callable[[str], None]) -> list[Entrant]:
    field = [entrant for entrant in ENTRANTS if entrant.name in wanted]
    if "node" not in wanted:
        return field
    if node.node() is None:
        say("Node.js is missing on this machine: its peer is not run")
        results.not_run["node"] = "node missing"
        return [entrant for entrant in field if entrant.name != "node"]
    say("installing the Node.js peer's packages (once; better-sqlite3 may be compiled)")
    node.install()
    return field


def _measure_latency(
    given: argparse.Namespace, sandbox: Sandbox, results: Results, say: Callable[[str], None]
) -> None:
    for number in range(1, given.latency_rounds + 1):
        for name, rate in _LATENCY:
            say(f"latency, round {number} of {given.latency_rounds}: {name} at {rate}/s")
            entrant = next(each for each in ENTRANTS if each.name == name)
            found = latency.measure(sandbox, entrant, rate, given.seconds)
            results.latency.setdefault((name, rate), []).append(found)


def _write(
    given: argparse.Namespace, results: Results, text: str, say: Callable[[str], None]
) -> None:
    """A partial run writes only what it was told to: the committed tables belong together."""
    figures = given.json or (None if given.only else _DOCS / "benchmarks" / "latest.json")
    page = given.docs or (None if given.only else _DOCS / "benchmarks.md")
    if figures is not None:
        figures.parent.mkdir(parents=True, exist_ok=True)
        figures.write_text(json.dumps(results.document(), indent=2, ensure_ascii=False) + "\n")
        say(f"wrote {figures}")
    if page is not None:
        insert(page, text)
        say(f"wrote {page}")


if __name__ == "__main__":
    main()
