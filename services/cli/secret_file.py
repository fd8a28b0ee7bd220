"""Files that hold secrets: written whole or not at all, for their owner alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from services.cli.output import Failure


def write_secret(path: Path, text: str) -> None:
    """Put this text into the file; one that is there keeps its owner and mode, a new one is for this user alone.

    Raises:
        Failure: it cannot be written.
    """
    fresh = path.with_name(f"{path.name}.new")
    try:
        before = path.stat() if path.exists() else None
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            if before is not None:
                _stay(handle, before)
            file.flush()
            os.fsync(handle)
        fresh.replace(path)
    except OSError as error:
        raise Failure(f"{path} cannot be used: {error.strerror}") from error


def _stay(handle: int, before: os.stat_result) -> None:
    """Who could read the file can read it still: a service often runs as another user than who operates it."""
    if (before.st_uid, before.st_gid) != (os.getuid(), os.getgid()):
        os.fchown(handle, before.st_uid, before.st_gid)
    os.fchmod(handle, stat.S_IMODE(before.st_mode))
