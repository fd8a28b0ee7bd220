"""`make bench-matching`: who chooses pairs best, how fast, and in how much memory; ours, scipy, a package, loops."""

from __future__ import annotations

import argparse
import json
import os
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from tests.bench import machine
from tests.bench.arguments import whole_number
from tests.bench.matching.field import ENTRANTS, NAMES
from tests.bench.matching.picture import bars
from tests.bench.matching.report import PICTURE, markdown
from tests.bench.matching.results import MAIN, Measured, Results, targets
from tests.bench.matching.rounds import ENOUGH, Say, measure
from tests.bench.matching.settings import FAMILIES, SEED, SIZES, SUPPLIES, Setting, settings
from tests.bench.report import publish
from tests.bench.sandbox import ROOT, Sandbox

_DOCS = ROOT / "docs"
_QUICK = min(SIZES)
_PACKAGES = ("numpy", "scipy", "ortools", "matching")


def main() -> None:
    """Parse, run market by market, write after each."""
    given = _arguments()
    console, start = Console(), time.monotonic()

    def say(text: str) -> None:
        console.print(
            f"[dim]{time.monotonic() - start:6.1f} s[/dim]  {text}", highlight=False, soft_wrap=True
        )

    say(f"seed {given.seed}, load {os.getloadavg()[0]:.2f}")
    results = Results()
    run_id = datetime.now(UTC).isoformat(timespec="seconds")
    results.machines[run_id] = _machine(given)
    with Sandbox() as sandbox:
        for setting in settings(given.sizes, given.families, given.supply, given.seed):
            place = sandbox.folder()
            found = _measure(given, setting, place, run_id, say)
            results.measured[setting.name] = found
            sandbox.remove(place)
            _write(given, results, say)
    console.print(Markdown(markdown(results)))
    found_targets = targets(results)
    reached = sum(target.reached for target in found_targets)
    say(f"done: {reached} of {len(found_targets)} targets reached")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.matching", description=__doc__)
    add = parser.add_argument
    known = ", ".join(f"{size:,}" for size in SIZES)
    add(
        "--sizes",
        type=whole_number,
        nargs="+",
        default=[_QUICK],
        help=f"requests of each market ({_QUICK:,}); known sizes: {known}, others get a third as many mentors",
    )
    add("--families", nargs="+", choices=FAMILIES, default=FAMILIES, help="both")
    add("--supply", nargs="+", choices=SUPPLIES, default=SUPPLIES, help="both")
    add(
        "--only",
        nargs="+",
        choices=NAMES,
        default=NAMES,
        metavar="NAME",
        help=f"only these contestants: {', '.join(NAMES)}",
    )
    add("--rounds", type=whole_number, default=3, help="rounds of those who are quick (3)")
    add("--limit", type=whole_number, default=900, help="seconds in which each must end (900)")
    add("--seed", type=int, default=SEED, help=f"of all markets ({SEED})")
    add(
        "--write",
        action="store_true",
        help="merge the figures into docs/benchmarks/matching.json, and make page and picture from it",
    )
    add("--docs", type=Path, default=_DOCS, metavar="FOLDER", help="merge there in place of docs")
    return parser.parse_args()


def _machine(given: argparse.Namespace) -> dict[str, str]:
    return {
        **machine.hardware(),
        **{name: version(name) for name in _PACKAGES},
        "commit": machine.commit(),
        "seed": str(given.seed),
        "rounds": f"at most {given.rounds}, no further one after {ENOUGH:g} s",
        "limit": f"{given.limit} s",
    }


def _measure(
    given: argparse.Namespace, setting: Setting, place: Path, run_id: str, say: Say
) -> Measured:
    entrants = [entrant for entrant in ENTRANTS if entrant.name in given.only]
    return measure(
        setting, entrants, place, run_id=run_id, rounds=given.rounds, limit=given.limit, say=say
    )


def _write(given: argparse.Namespace, newer: Results, say: Say) -> None:
    """Merge with what is known: what was not run now stays."""
    if not given.write:
        return
    figures = given.docs / "benchmarks" / "matching.json"
    results = Results()
    if figures.exists():
        results = Results.from_document(json.loads(figures.read_text()))
    results.take_over(newer)
    say(publish(given.docs, "matching", results.document(), markdown(results)))
    shown = [each for each in results.ordered() if each.setting.requests == MAIN]
    if any(entry.seconds for each in shown for entry in each.entries.values()):
        (given.docs / PICTURE).write_text(bars(shown))


if __name__ == "__main__":
    main()
