"""Processes of their own: one that writes the archive, one for each report, one that seals."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.backends.reaper import REAPER
from tests.bench.check import Wrong
from tests.bench.feedback.settings import Setting
from tests.bench.process import Failed
from tests.bench.sandbox import ROOT

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Lap:
    """What a report took; memory in MB (10^6 bytes).

    Attributes:
        seconds: from the file to the report.
        cpu: seconds of the processors.
        before: memory with everything imported.
        peak: the most while the report was made.
        compared: how many numbers of how many releases were compared with ours.
    """

    seconds: float
    cpu: float
    before: float
    peak: float
    compared: Mapping[str, Any] = field(default_factory=dict)


def write_archive(setting: Setting, path: Path, say: Say) -> Mapping[str, Any]:
    """Write the log; returns what its tail says, and the file's size.

    Raises:
        Failed: the writer ended otherwise than well.
    """
    lines = _run("archive", str(setting.cycles), str(setting.seed), str(path), say=say)
    return {**json.loads(lines[-1]), "file": path.stat().st_size}


def report(name: str, archive: Path, shown: Path, *, compare: bool) -> Lap:
    """A contestant's lap; ours leaves in the file `shown` what others may be compared with.

    Raises:
        Failed: it ended otherwise than well.
        Wrong: it has computed other numbers than ours.
    """
    options = ["--compare"] if compare else []
    lap = Lap(**json.loads(_run("contestant", name, str(archive), str(shown), *options)[-1]))
    if wrong := lap.compared["wrong"]:
        raise Wrong(
            f"{name}: {len(wrong)} numbers differ or more, these for example:\n"
            + "\n".join(wrong[:5])
        )
    return lap


def seal(events: int, folder: Path) -> dict[str, float]:
    """Events a second, by what is done with them."""
    rates: dict[str, float] = json.loads(_run("sealing", str(events), str(folder))[-1])
    return rates


def _run(module: str, *arguments: str, say: Say = lambda _: None) -> list[str]:
    """The lines that a module writes; each is told as it comes, but for the last."""
    command = [sys.executable, "-m", f"tests.bench.feedback.{module}", *arguments]
    errors = subprocess.PIPE
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, start_new_session=True, text=True
    )
    REAPER.watch_group(process.pid)
    lines: list[str] = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if lines:
                say(lines[-1].strip())
            lines.append(line)
        _, told = process.communicate()
    finally:
        process.kill()
        process.wait()
        REAPER.release_group(process.pid)
    if process.returncode:
        raise Failed(f"{module} ended with {process.returncode}:\n{told[-3000:]}")
    return lines
