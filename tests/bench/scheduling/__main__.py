"""Measures how fast whole cycles are planned, by scheduling and by peers, and feeds; writes docs/benchmarks-scheduling.md.

    python -m tests.bench.scheduling [--sizes 1000] [--only ours minute] [--rounds N] [--write]

Every contestant plans the same cycles in a process of its own; the plans are compared start by start. Feeds of 100
meetings are asked for over HTTP.
"""

from __future__ import annotations

import argparse
import os
import time
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from tests.bench import machine
from tests.bench.arguments import whole_number
from tests.bench.report import publish
from tests.bench.sandbox import ROOT, Sandbox
from tests.bench.scheduling import feed
from tests.bench.scheduling.field import ENTRANTS, NAMES
from tests.bench.scheduling.picture import bars
from tests.bench.scheduling.report import PICTURE, markdown
from tests.bench.scheduling.results import Results, targets
from tests.bench.scheduling.rounds import Say, measure
from tests.bench.scheduling.settings import SEED, SIZES, setting_of

FEED = "feed"
_DOCS = ROOT / "docs"
_QUICK = min(SIZES)
_PACKAGES = ("tzdata", "holidays", "numpy", "pandas")


def main() -> None:
    """Parse, run program by program, write."""
    given = _arguments()
    console, start = Console(), time.monotonic()

    def say(text: str) -> None:
        console.print(
            f"[dim]{time.monotonic() - start:6.1f} s[/dim]  {text}", highlight=False, soft_wrap=True
        )

    say(f"seed {given.seed}, load {os.getloadavg()[0]:.2f}")
    results = Results(_machine(given))
    with Sandbox() as sandbox:
        _plan(given, results, sandbox, say)
        if FEED in given.only:
            say("feeds of 100 meetings over HTTP")
            results.feed = feed.measure(sandbox, given.rounds)
    console.print(Markdown(markdown(results)))
    _write(given, results, say)
    found = targets(results)
    say(f"done: {sum(each.reached for each in found)} of {len(found)} targets reached")


def _plan(given: argparse.Namespace, results: Results, sandbox: Sandbox, say: Say) -> None:
    entrants = [entrant for entrant in ENTRANTS if entrant.name in given.only]
    for size in sorted(given.sizes) if entrants else ():
        setting = setting_of(size, given.seed)
        found = measure(setting, entrants, sandbox.folder(), rounds=given.rounds, say=say)
        results.measured.append(found)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scheduling", description=__doc__)
    add = parser.add_argument
    known = ", ".join(f"{size:,}" for size in SIZES)
    add(
        "--sizes",
        type=whole_number,
        nargs="+",
        default=[_QUICK],
        help=f"cycles of each program ({_QUICK:,}); known sizes: {known}, others get three mentors for ten cycles",
    )
    add(
        "--only",
        nargs="+",
        choices=(*NAMES, FEED),
        default=(*NAMES, FEED),
        metavar="NAME",
        help=f"only these: {', '.join((*NAMES, FEED))}",
    )
    add("--rounds", type=whole_number, default=3, help="rounds, interleaved (3)")
    add("--seed", type=int, default=SEED, help=f"of everything drawn ({SEED})")
    add(
        "--write",
        action="store_true",
        help="write docs/benchmarks/scheduling.json, and make page and picture from it",
    )
    add("--docs", type=Path, default=_DOCS, metavar="FOLDER", help="write there in place of docs")
    return parser.parse_args()


def _machine(given: argparse.Namespace) -> dict[str, str]:
    return {
        **machine.hardware(),
        **{name: version(name) for name in _PACKAGES},
        "commit": machine.commit(),
        "seed": str(given.seed),
        "rounds": str(given.rounds),
    }


def _write(given: argparse.Namespace, results: Results, say: Say) -> None:
    if not given.write:
        return
    say(publish(given.docs, "scheduling", results.document(), markdown(results)))
    if results.measured:
        (given.docs / PICTURE).write_text(bars(results.measured))


if __name__ == "__main__":
    main()
