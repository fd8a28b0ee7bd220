"""`mentoring up --detach`: the same command in a session of its own, and a wait until it is up."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from services.cli.health import ask
from services.cli.output import Failure, err
from services.cli.place import Addresses, Folder
from services.cli.stack import Options

_PATIENCE = 60.0
_ROOT = Path(__file__).parents[2]


async def start_detached(folder: Folder, options: Options) -> Addresses:
    """Start `mentoring up` apart from this terminal; returns when its services are ready.

    Raises:
        Failure: it runs already, or ended before it was up; the words hold what it said last.
    """
    folder.hold()
    folder.release()
    log = folder.log("up")
    begin = log.stat().st_size if log.exists() else 0
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
            [sys.executable, "-m", "services.cli", "up", *_flags(folder, options)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": _python_path()},
        )
    with err().status("starting NATS and the services…"):
        return await _wait(folder, process, begin)


async def _wait(folder: Folder, process: subprocess.Popen[bytes], begin: int) -> Addresses:
    deadline = asyncio.get_running_loop().time() + _PATIENCE
    while True:
        told = folder.addresses()
        if process.poll() is not None:
            words = folder.log("up").read_bytes()[begin:].decode(errors="replace").strip()
            raise Failure(f"it ended with {process.returncode}:\n{words}")
        if told is not None and told.pid == process.pid and await _ready(told):
            return told
        if asyncio.get_running_loop().time() > deadline:
            raise Failure(
                f"it is not ready after {_PATIENCE:g} s and goes on trying: see {folder.log('up')}"
            )
        await asyncio.sleep(0.1)


async def _ready(told: Addresses) -> bool:
    found = await asyncio.gather(*(ask(place.url) for place in told.services.values()))
    return all(health.ready for health in found)


def _flags(folder: Folder, options: Options) -> Sequence[str]:
    flags = ["--dir", str(folder.path)]
    if options.driven:
        flags.append("--driven")
    if options.nats_port is not None:
        flags += ["--nats-port", str(options.nats_port)]
    if options.http_port is not None:
        flags += ["--http-port", str(options.http_port)]
    return flags


def _python_path() -> str:
    return os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
