"""The Node.js peer's packages: installed once, into the build folder, with exactly the versions of package.json."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.bench.sandbox import BUILD

_SOURCE = Path(__file__).parent / "contestants" / "node"
FOLDER = BUILD / "bench-node"
PEER = FOLDER / "peer.mjs"


class NodeError(RuntimeError):
    """Node.js is there, and its packages cannot be had."""


def node() -> str | None:
    """Where Node.js is; None when this machine has none."""
    return shutil.which("node")


def install() -> None:
    """Put the peer and its packages into the build folder; done once for each package.json.

    Raises:
        NodeError: npm is missing or failed.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.copy2(_SOURCE / "peer.mjs", PEER)
    wanted, installed = _SOURCE / "package.json", FOLDER / "package.json"
    if installed.exists() and installed.read_bytes() == wanted.read_bytes():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise NodeError(
            "node is there and npm is not: install npm, or leave out the contestant node"
        )
    installed.unlink(missing_ok=True)
    shutil.copy2(wanted, FOLDER / "package.new.json")
    (FOLDER / "package.new.json").rename(installed)
    command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
    done = subprocess.run(
        command, cwd=FOLDER, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        installed.unlink()
        raise NodeError(f"npm install ended with {done.returncode}:\n{done.stderr[-2000:]}")


def _environment() -> dict[str, str]:
    """Node's own headers where they stand beside it, so that a package that compiles downloads none."""
    program = node()
    prefix = Path(program).resolve().parent.parent if program else None
    if prefix is None or not (prefix / "include" / "node" / "node.h").exists():
        return dict(os.environ)
    return {"npm_config_nodedir": str(prefix), **os.environ}


def version() -> str:
    """What Node.js calls itself."""
    program = node()
    if program is None:
        return "missing"
    return subprocess.run(
        [program, "--version"], capture_output=True, text=True, check=True
    ).stdout.strip()
