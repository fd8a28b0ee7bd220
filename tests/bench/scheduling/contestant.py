"""One contestant's process: draws the program, plans it, and says how long that took and how much memory.

    python -m tests.bench.scheduling.contestant NAME CYCLES MENTORS SEED FILE [--look]

`before` is the memory before the program is drawn, `handed` after it; `peak` is the most while planning (`VmHWM` of
proc(5), set back when the planning begins). The plans go into the file. With `--look` a sampler tells where the time
goes, which costs a little of it.
"""

from __future__ import annotations

import gc
import json
import re
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.bench.scheduling.field import Entrant, entrant_of
from tests.bench.scheduling.people import Program, program
from tests.bench.scheduling.settings import Setting
from tests.bench.scheduling.stages import Stages

_KILO, _MEGABYTE = 1024, 1_000_000


def main() -> None:
    """Take part."""
    name, cycles, mentors, seed, file, *options = sys.argv[1:]
    setting = Setting(int(cycles), int(mentors), int(seed))
    said = _take_part(entrant_of(name), setting, Path(file), look="--look" in options)
    sys.stdout.write(json.dumps(said) + "\n")


def _take_part(entrant: Entrant, setting: Setting, file: Path, *, look: bool) -> Mapping[str, Any]:
    plans = import_module(f"tests.bench.scheduling.contestants.{entrant.name}").plans
    before = _memory("VmRSS")
    given = _drawn(entrant, setting)
    handed = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    stages = Stages()
    begun, used = time.perf_counter(), time.process_time()
    with stages if look else nullcontext():
        found = plans(given)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - used
    peak = _memory("VmHWM")
    file.write_text(json.dumps(found.found))
    return {
        "plans": len(found.found),
        "seconds": seconds,
        "cpu": cpu,
        "folding": found.folding,
        "before": before,
        "handed": handed,
        "peak": peak,
        "stages": dict(stages.shares) if look else {},
    }


def _drawn(entrant: Entrant, setting: Setting) -> Program:
    """The program, without stopping to collect garbage while its people become many."""
    gc.disable()
    whole = program(setting)
    gc.enable()
    gc.freeze()
    return whole if entrant.mentors is None else whole.of_mentors(entrant.mentors)


def _memory(what: str) -> float:
    """MB (10^6 bytes) of this process."""
    found = re.search(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return round(int(found[1]) * _KILO / _MEGABYTE, 1) if found else 0.0


if __name__ == "__main__":
    main()
