"""One contestant's process: takes a market in, chooses, and says how long that took and how much memory.

    python -m tests.bench.matching.contestant NAME FOLDER

`before` is the memory before the market is handed in, `handed` after it; `peak` is the most while choosing
(`VmHWM` of proc(5), set back when the choice begins). The chosen columns go into the folder.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from services.matching.assignment.market import Choice
from tests.bench.matching.field import Entrant, entrant_of
from tests.bench.matching.markets import kept, kept_setting
from tests.bench.matching.stages import Stages

_KILO, _MEGABYTE = 1024, 1_000_000
_MOST = 0.85
"""No contestant gets more than this share of the memory that is there, so that none takes the machine down."""
_LOOKED_AT = 10_000
"""Requests from which on it is looked at where ours spends its time."""


def main() -> None:
    """Take part, or say which error ended it."""
    name, place = sys.argv[1], Path(sys.argv[2])
    most = int(psutil.virtual_memory().total * _MOST)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        said = _take_part(entrant_of(name), place)
    except (RecursionError, MemoryError) as error:
        said = {"failed": type(error).__name__}
    sys.stdout.write(json.dumps(said) + "\n")


def _take_part(entrant: Entrant, place: Path) -> Mapping[str, Any]:
    choose = import_module(f"tests.bench.matching.contestants.{entrant.module}").chosen
    before = _memory("VmRSS")
    take_in = kept(place, as_people=entrant.is_whole)
    handed = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    looked_at = entrant.is_ours and kept_setting(place).requests >= _LOOKED_AT
    stages = Stages()
    begun, used = time.perf_counter(), time.process_time()
    with stages if looked_at else nullcontext():
        market = take_in()
        ready = time.perf_counter()
        found = choose(market, **entrant.options)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - used
    peak = _memory("VmHWM")
    np.save(place / f"{entrant.name}.npy", found.column if isinstance(found, Choice) else found)
    return {
        "seconds": seconds,
        "cpu": cpu,
        "taking_in": ready - begun,
        "before": before,
        "handed": handed,
        "peak": peak,
        "bound": found.bound if isinstance(found, Choice) else None,
        "stages": stages.seconds,
    }


def _memory(what: str) -> float:
    """MB (10^6 bytes) of this process."""
    found = re.search(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return round(int(found[1]) * _KILO / _MEGABYTE, 1) if found else 0.0


if __name__ == "__main__":
    main()
