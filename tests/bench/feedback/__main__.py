"""Measures program reports against pandas over the same exported log, and sealing; writes docs/benchmarks-feedback.md.

    python -m tests.bench.feedback [--sizes 1000] [--only ours] [--rounds N] [--write]

Every report is made in a process of its own, in interleaved rounds; their numbers are compared.
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
from tests.bench.feedback.field import ENTRANTS, NAMES
from tests.bench.feedback.measure import Lap, Say, report, seal, write_archive
from tests.bench.feedback.report import markdown
from tests.bench.feedback.results import Measured, Results, targets
from tests.bench.feedback.settings import SEED, SIZES, Setting
from tests.bench.report import publish
from tests.bench.sandbox import ROOT, Sandbox

SEALING = "sealing"
_DOCS = ROOT / "docs"
_REVIEWS = 2_000
_PACKAGES = ("cryptography", "numpy", "orjson", "pandas", "pydantic", "zstandard")


def main() -> None:
    """Parse, run size by size, write."""
    given = _arguments()
    console, start = Console(), time.monotonic()

    def say(text: str) -> None:
        clock = f"{time.monotonic() - start:6.1f} s"
        console.print(f"[dim]{clock}[/dim]  {text}", highlight=False, soft_wrap=True)

    say(f"seed {given.seed}, load {os.getloadavg()[0]:.2f}")
    results = Results(_machine(given))
    with Sandbox() as sandbox:
        for size in sorted(given.sizes) if {*given.only} - {SEALING} else ():
            results.measured.append(_reports(Setting(size, given.seed), given, sandbox, say))
        if SEALING in given.only:
            results.sealing = _sealing(given.rounds, sandbox, say)
    console.print(Markdown(markdown(results)))
    _write(given, results, say)
    found = targets(results)
    say(f"done: {sum(each.reached for each in found)} of {len(found)} targets reached")


def _reports(setting: Setting, given: argparse.Namespace, sandbox: Sandbox, say: Say) -> Measured:
    folder = sandbox.folder()
    archive, shown = folder / "log.jsonl.zst", folder / "shown.json"
    say(f"{setting.name}: writing the log")
    measured = Measured(
        setting, write_archive(setting, archive, lambda line: say(f"    {int(line):,} events"))
    )
    for number in range(1, given.rounds + 1):
        for entrant in ENTRANTS:
            if entrant.name in given.only:
                say(f"{setting.name}, round {number} of {given.rounds}: {entrant.name}")
                lap = report(entrant.name, archive, shown, compare=number == 1)
                measured.laps.setdefault(entrant.name, []).append(lap)
                say(f"    {_told(lap)}")
    sandbox.remove(folder)
    return measured


def _told(lap: Lap) -> str:
    words = f"{lap.seconds:,.2f} s ({lap.cpu:,.2f} s of CPU), at most {lap.peak:,.0f} MB"
    compared = lap.compared["numbers"]
    return f"{words}; {compared:,} numbers as in ours" if compared else words


def _sealing(rounds: int, sandbox: Sandbox, say: Say) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for number in range(1, rounds + 1):
        say(f"sealing, round {number} of {rounds}")
        for name, rate in seal(_REVIEWS, sandbox.folder()).items():
            found.setdefault(name, []).append(rate)
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.feedback", description=__doc__)
    add = parser.add_argument
    everything = (*NAMES, SEALING)
    add(
        "--sizes",
        type=whole_number,
        nargs="+",
        default=[min(SIZES)],
        help=f"cycles ({min(SIZES):,})",
    )
    add(
        "--only",
        nargs="+",
        choices=everything,
        default=everything,
        metavar="NAME",
        help=f"only these: {', '.join(everything)}",
    )
    add("--rounds", type=whole_number, default=3, help="rounds, interleaved (3)")
    add("--seed", type=int, default=SEED, help=f"of everything drawn ({SEED})")
    add(
        "--write",
        action="store_true",
        help="write docs/benchmarks/feedback.json, and make the page from it",
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
    say(publish(given.docs, "feedback", results.document(), markdown(results)))


if __name__ == "__main__":
    main()
