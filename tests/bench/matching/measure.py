"""One run of one contestant: in a process of its own, with a limit of time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from tests.backends.reaper import REAPER
from tests.bench.matching.field import Entrant
from tests.bench.matching.settings import Setting
from tests.bench.process import Failed
from tests.bench.sandbox import ROOT

_GIGABYTE = 1e9


@dataclass(frozen=True, slots=True)
class Lap:
    """What a contestant took; memory in MB (10^6 bytes).

    Attributes:
        seconds: for the choice, from the values in memory or from the people.
        cpu: seconds of all its threads.
        taking_in: of the seconds, those in which people became a pool.
        before: memory before the market was handed in.
        handed: memory when it was.
        peak: the most while choosing.
        bound: what it says that no choice can be worth more than.
        stages: seconds by module, where it was looked at.
    """

    seconds: float
    cpu: float
    taking_in: float
    before: float
    handed: float
    peak: float
    bound: int | None = None
    stages: Mapping[str, float] = field(default_factory=dict)


def hindrance(entrant: Entrant, setting: Setting) -> str | None:
    """Why it cannot take part here; None when it can."""
    needs, there = entrant.needs(setting), psutil.virtual_memory().total
    if needs > there:
        return f"needs {needs / _GIGABYTE:,.0f} GB at least"
    pairs = setting.requests * setting.mentors
    if entrant.most is not None and pairs > entrant.most:
        return f"left out beyond {entrant.most:,} pairs"
    return None


def belongs(entrant: Entrant, setting: Setting) -> bool:
    """Whether there is something to measure: where nothing is handed in whole, every round is a whole one."""
    return not entrant.is_whole or (setting.family == "people" and setting.is_dense)


def run(entrant: Entrant, place: Path, limit: float) -> Lap | str:
    """Its lap, or in words why there is none.

    Raises:
        Failed: it ended otherwise than by one of the errors that contestants are known for.
    """
    (place / f"{entrant.name}.npy").unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.bench.matching.contestant", entrant.name, str(place)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    REAPER.watch_group(process.pid)
    try:
        out, errors = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return f"did not end in {limit:,.0f} s"
    finally:
        REAPER.release_group(process.pid)
    if process.returncode:
        raise Failed(f"{entrant.name} ended with {process.returncode}:\n{errors.decode()[-3000:]}")
    return _lap(json.loads(out.splitlines()[-1]))


def _lap(said: dict[str, Any]) -> Lap | str:
    return said["failed"] if "failed" in said else Lap(**said)


def chosen(entrant: Entrant, place: Path) -> NDArray[np.int32] | None:
    """The columns that it has chosen; None when it has not ended."""
    file = place / f"{entrant.name}.npy"
    return np.load(file) if file.exists() else None
