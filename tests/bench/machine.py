"""The machine and the versions that a measurement belongs to. No host name."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from tests.backends.nats_server import nats_server_binary
from tests.bench import node
from tests.bench.sandbox import ROOT, Sandbox

_PACKAGES = (
    "faststream",
    "nats-py",
    "sqlalchemy",
    "sqlmodel",
    "pydantic",
    "orjson",
    "psycopg",
    "uvloop",
)


def describe(sandbox: Sandbox) -> dict[str, str]:
    """What a reader needs to compare."""
    return {
        **hardware(),
        "file system": _file_system(ROOT),
        "Node.js": node.version(),
        "nats-server": _nats_version(),
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": sandbox.postgres_version(),
        **{name: version(name) for name in _PACKAGES},
        "commit": commit(),
    }


def hardware() -> dict[str, str]:
    """What does not depend on what is measured."""
    return {
        "cores": str(os.cpu_count()),
        "CPU": _cpu_model(),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "load before": f"{os.getloadavg()[0]:.2f}",
        "Python": platform.python_version(),
    }


def _cpu_model() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def _file_system(path: Path) -> str:
    """The type of the file system that holds a path: the longest mount point above it."""
    mounts = [
        each for each in psutil.disk_partitions(all=True) if path.is_relative_to(each.mountpoint)
    ]
    return max(mounts, key=lambda each: len(each.mountpoint)).fstype if mounts else "unknown"


def _nats_version() -> str:
    told = subprocess.run(
        [nats_server_binary(), "--version"], capture_output=True, text=True, check=True
    )
    return told.stdout.strip().rpartition("v")[2]


def commit() -> str:
    """The short name of what is checked out."""
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"
