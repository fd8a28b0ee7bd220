"""The folder of `mentoring up`: what lies where, and how other commands find it.

`up.json` says where everything answers; `up.lock` is held as long as `mentoring up` runs, so that a file left
by one that was killed is not taken for a running one.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from services.cli.output import Failure

SERVICES = ("matching", "scheduling", "feedback")
DEFAULT_NATS = "nats://127.0.0.1:4222"
_LOOKS, _LOOK = 5, 0.05
"""Tries for the lock and seconds between them: `running` holds it for a moment too."""


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """Where a service of this folder answers and keeps its rows."""

    url: str
    database: str
    log: str
    pid: int = 0


@dataclass(frozen=True, slots=True)
class Addresses:
    """What `up.json` says."""

    pid: int
    nats: str
    monitor: str
    driven: bool
    nats_pid: int = 0
    services: Mapping[str, ServicePlace] = field(default_factory=dict)


class Folder:
    """Names the files in the folder of `mentoring up`."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._held: int | None = None

    def database(self, name: str) -> Path:
        """The SQLite file of a service, or of the key ring."""
        return self.path / f"{name}.db"

    def log(self, name: str) -> Path:
        """What a process of this folder wrote."""
        return self.path / "log" / f"{name}.log"

    @property
    def kek(self) -> Path:
        """The key-encryption key of feedback's key ring."""
        return self.path / "kek"

    @property
    def calendar_key(self) -> Path:
        """The key of scheduling's calendar feeds."""
        return self.path / "calendar-key"

    @property
    def token_key(self) -> Path:
        """The secret that signs and checks the bearer tokens of feedback's HTTP interface."""
        return self.path / "token-key"

    @property
    def nats(self) -> Path:
        """The NATS server's configuration and store."""
        return self.path / "nats"

    # -- up.json --

    def write(self, addresses: Addresses) -> None:
        """Say where everything is; readers see the old words or the new ones, never half."""
        fresh = self.path / "up.json.new"
        fresh.write_bytes(orjson.dumps(asdict(addresses), option=orjson.OPT_INDENT_2))
        fresh.replace(self.path / "up.json")

    def addresses(self) -> Addresses | None:
        """What `mentoring up` said last in this folder; None when it never ran here."""
        try:
            told: dict[str, Any] = orjson.loads((self.path / "up.json").read_bytes())
            services = {name: ServicePlace(**each) for name, each in told.pop("services").items()}
            return Addresses(**told, services=services)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise Failure(
                f"{self.path / 'up.json'} cannot be read ({type(error).__name__}): "
                "remove it, and start `mentoring up` again"
            ) from error

    # -- the lock --

    def hold(self) -> None:
        """Take the folder for this process, until it ends.

        Raises:
            Failure: another `mentoring up` runs here, or the folder cannot be written.
        """
        if "?" in str(self.path):
            raise Failure(
                f"the folder {self.path} cannot be used: ? ends the path of a database URL"
            )
        try:
            (self.path / "log").mkdir(parents=True, exist_ok=True)
            self.nats.mkdir(exist_ok=True)
            handle = os.open(self.path / "up.lock", os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise Failure(f"the folder {self.path} cannot be used: {error.strerror}") from error
        if not _lock_soon(handle):
            os.close(handle)
            raise Failure(self._already())
        os.truncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        self._held = handle

    def release(self) -> None:
        """Give the folder back."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def running(self) -> bool:
        """Whether a `mentoring up` runs here now."""
        try:
            handle = os.open(self.path / "up.lock", os.O_RDWR)
        except OSError:
            return False
        try:
            return not _lock(handle)
        finally:
            os.close(handle)

    def holder(self) -> int | None:
        """The process of the `mentoring up` that runs here now, None when there is none."""
        if not self.running():
            return None
        written = (self.path / "up.lock").read_text()
        return int(written) if written.isdigit() else None

    def _already(self) -> str:
        return (
            f"`mentoring up` is already running in {self.path} (process {self.holder()}): look with "
            "`mentoring status`, end it with `mentoring down`, or give another folder with --dir"
        )


def nats_url(given: str | None, folder: Path) -> str:
    """The log's address: the one given, else that of a running `mentoring up`, else NATS's usual one."""
    if given:
        return given
    place = Folder(folder)
    told = place.addresses() if place.running() else None
    return told.nats if told else DEFAULT_NATS


def _lock_soon(handle: int) -> bool:
    for _ in range(_LOOKS):
        if _lock(handle):
            return True
        time.sleep(_LOOK)
    return False


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
