"""One contestant's process: makes the report of an archive, and says how long that took and how much memory.

    python -m tests.bench.feedback.contestant NAME ARCHIVE SHOWN [--compare]

`before` is the memory with everything imported; `peak` is the most while the report is made (`VmHWM` of proc(5), set back
when it begins). Ours then writes into the file SHOWN what its report shows; with `--compare` others compare theirs with it.
"""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from tests.bench.feedback.contestants.figures import Figure

_KILO, _MEGABYTE = 1024, 1_000_000


def main() -> None:
    """Take part."""
    name, archive, shown, *options = sys.argv[1:]
    contestant = import_module(f"tests.bench.feedback.contestants.{name}")
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    begun, used = time.perf_counter(), time.process_time()
    made = contestant.report(Path(archive))
    seconds, cpu = time.perf_counter() - begun, time.process_time() - used
    peak = _memory("VmHWM")
    compared = contestant.compared(made, _shown(Path(shown)) if options else [])
    found = [asdict(figure) for figure in contestant.figures(made)]
    if found:
        Path(shown).write_text(json.dumps(found))
    said = {
        "seconds": seconds,
        "cpu": cpu,
        "before": before,
        "peak": peak,
        "compared": asdict(compared),
    }
    sys.stdout.write(json.dumps(said) + "\n")


def _shown(file: Path) -> list[Figure]:
    return [Figure(**each) for each in json.loads(file.read_text())] if file.exists() else []


def _memory(what: str) -> float:
    """MB (10^6 bytes) of this process."""
    found = re.search(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return round(int(found[1]) * _KILO / _MEGABYTE, 1) if found else 0.0


if __name__ == "__main__":
    main()
