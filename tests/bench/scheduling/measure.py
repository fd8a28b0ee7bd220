"""One run of one contestant, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.backends.reaper import REAPER
from tests.bench.process import Failed
from tests.bench.sandbox import ROOT
from tests.bench.scheduling.contestants.plans import Plan
from tests.bench.scheduling.field import Entrant
from tests.bench.scheduling.settings import Setting


@dataclass(frozen=True, slots=True)
class Lap:
    """What a contestant took; memory in MB (10^6 bytes).

    Attributes:
        plans: how many cycles it planned.
        seconds: from the people in memory to the last plan.
        cpu: seconds of the processor.
        folding: of the seconds, those in which answers became rows.
        before: memory before the program was drawn.
        handed: memory when it was.
        peak: the most while planning.
        stages: shares of the time by function, where it was looked at.
    """

    plans: int
    seconds: float
    cpu: float
    folding: float
    before: float
    handed: float
    peak: float
    stages: Mapping[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Plans a second."""
        return self.plans / self.seconds


def run(entrant: Entrant, setting: Setting, place: Path, *, look: bool = False) -> Lap:
    """Its lap; its plans go into the folder.

    Raises:
        Failed: it ended otherwise than well.
    """
    command = [
        sys.executable,
        "-m",
        "tests.bench.scheduling.contestant",
        entrant.name,
        *map(str, (setting.cycles, setting.mentors, setting.seed, _file(entrant.name, place))),
        *(["--look"] if look else []),
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    REAPER.watch_group(process.pid)
    try:
        out, errors = process.communicate()
    finally:
        process.kill()
        process.wait()
        REAPER.release_group(process.pid)
    if process.returncode:
        raise Failed(f"{entrant.name} ended with {process.returncode}:\n{errors.decode()[-3000:]}")
    return Lap(**json.loads(out.splitlines()[-1]))


def found(name: str, place: Path) -> dict[str, Plan]:
    """The plans of a contestant's last lap; none when it had none."""
    file = _file(name, place)
    return json.loads(file.read_text()) if file.exists() else {}


def _file(name: str, place: Path) -> Path:
    return place / f"{name}.json"
