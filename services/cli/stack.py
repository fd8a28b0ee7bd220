"""Everything in one folder: a NATS server, three stores, three services, each a supervised process.

`async with Stack(Folder(path), Options(driven=True)) as stack:` runs it; `stack.addresses` says where.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from services.cli import embedded
from services.cli.child import Child
from services.cli.health import ask
from services.cli.output import Failure, say
from services.cli.place import SERVICES, Addresses, Folder, ServicePlace
from services.cli.ports import port_of, take
from services.cli.secret_file import write_secret
from shared import provision
from shared.log import Log, LogTrouble

_ROOT = Path(__file__).parents[2]
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Options:
    """How to run it.

    Attributes:
        driven: timers wait for somebody who publishes each `due`: time is driven from outside.
        nats_port: the NATS server's port; the earlier one or a free one when not given.
        http_port: the first of the services' three ports, likewise.
    """

    driven: bool = False
    nats_port: int | None = None
    http_port: int | None = None


class Stack:
    """The supervised processes of one folder.

    Args:
        folder: where everything lies.
        options: how to run it.
        tell: hears what happens to the processes.

    Attributes:
        addresses: where everything answers, once it is started.
    """

    addresses: Addresses

    def __init__(
        self,
        folder: Folder,
        options: Options | None = None,
        tell: Callable[[str], None] = say,
    ) -> None:
        self.folder = folder
        self._options = options or Options()
        self._tell = tell
        self._children: dict[str, Child] = {}

    async def __aenter__(self) -> Self:
        """Start everything; on trouble nothing is left running."""
        try:
            await self.start()
        except BaseException as error:
            await self.stop()
            if isinstance(error, OSError):
                words = f"the folder {self.folder.path} cannot be used: {error.strerror or error}"
                raise Failure(f"{words} ({error.filename})") from error
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """End everything gracefully."""
        await self.stop()

    async def start(self) -> None:
        """Start the server, apply the log, start the services; returns when all processes run.

        Raises:
            Failure: the folder is taken or cannot be used, a port is taken, or the server does not start.
        """
        self.folder.hold()
        _make_kek(self.folder)
        _make_calendar_key(self.folder)
        _make_token_key(self.folder)
        self.addresses = self._choose()
        await self._start_nats()
        await self._apply_log()
        for name in SERVICES:
            await self._start_child(name, _service_command(name), self._environment(name))

    async def stop(self) -> None:
        """The services first, so that they write their marks; then the server; then the folder is free."""
        nats = self._children.pop("nats", None)
        await asyncio.gather(*(child.stop() for child in self._children.values()))
        if nats is not None:
            await nats.stop()
        self._children.clear()
        self.folder.release()

    async def not_ready(self, patience: float = _PATIENCE) -> Mapping[str, str]:
        """Wait until every service is ready; returns why the others are not after `patience` seconds."""
        deadline = asyncio.get_running_loop().time() + patience
        while why := await self._reasons():
            if asyncio.get_running_loop().time() > deadline:
                return why
            await asyncio.sleep(0.1)
        return {}

    async def _reasons(self) -> dict[str, str]:
        places = self.addresses.services
        found = await asyncio.gather(*(ask(places[name].url) for name in SERVICES))
        return {
            name: "; ".join(health.reasons) + f"\n{self._children[name].last_words()}".rstrip()
            for name, health in zip(SERVICES, found, strict=True)
            if not health.ready
        }

    # -- starting --

    def _choose(self) -> Addresses:
        """Where everything will answer: as last time in this folder, if nobody took the ports meanwhile."""
        earlier, first, taken = _earlier_ports(self.folder), self._options.http_port, set[int]()
        nats = take(self._options.nats_port, earlier.get("nats"), taken)
        monitor = take(None, earlier.get("monitor"), taken)
        services = {}
        for number, name in enumerate(SERVICES):
            port = take(None if first is None else first + number, earlier.get(name), taken)
            services[name] = ServicePlace(
                url=f"http://127.0.0.1:{port}",
                database=f"sqlite:///{self.folder.database(name)}",
                log=str(self.folder.log(name)),
            )
        return Addresses(
            pid=os.getpid(),
            nats=f"nats://127.0.0.1:{nats}",
            monitor=f"http://127.0.0.1:{monitor}",
            driven=self._options.driven,
            services=services,
        )

    async def _start_nats(self) -> None:
        port, monitor = port_of(self.addresses.nats), port_of(self.addresses.monitor)
        command = embedded.command(self.folder.nats, port, monitor)
        await self._start_child("nats", command, {})

    async def _start_child(
        self, name: str, command: list[str], environment: Mapping[str, str]
    ) -> None:
        child = Child(name, command, self.folder.log(name), environment, self._tell)
        child.changed = self._write
        self._children[name] = child
        await child.start()

    async def _apply_log(self) -> None:
        deadline = asyncio.get_running_loop().time() + _PATIENCE
        while True:
            try:
                log = await Log.connect(self.addresses.nats, "mentoring-up", patience=2)
                try:
                    await provision.apply(log)
                except ValueError as error:
                    raise Failure(f"the log is not as it should be: {error}") from error
                finally:
                    await log.close()
            except LogTrouble as error:
                if (
                    asyncio.get_running_loop().time() > deadline
                    or self._children["nats"].deaths > 1
                ):
                    words = self._children["nats"].last_words()
                    raise Failure(f"the NATS server does not start ({error}):\n{words}") from error
                await asyncio.sleep(0.05)
            else:
                return

    def _environment(self, name: str) -> dict[str, str]:
        place = self.addresses.services[name]
        paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        return {
            "PYTHONPATH": os.pathsep.join(paths),
            "MENTORING_NATS_URL": self.addresses.nats,
            "MENTORING_DATABASE_URL": place.database,
            "MENTORING_HTTP_HOST": "127.0.0.1",
            "MENTORING_HTTP_PORT": str(port_of(place.url)),
            "MENTORING_KEYRING_URL": f"sqlite:///{self.folder.database('keyring')}",
            "MENTORING_KEK_FILE": str(self.folder.kek),
            "MENTORING_CALENDAR_KEY_FILE": str(self.folder.calendar_key),
            "MENTORING_TOKEN_KEY_FILE": str(self.folder.token_key),
            "MENTORING_PUBLIC_URL": os.environ.get("MENTORING_PUBLIC_URL") or place.url,
            "MENTORING_DRIVEN": "1" if self._options.driven else "0",
        }

    def _write(self) -> None:
        """Say in up.json which processes these are now."""
        pids = {name: child.pid for name, child in self._children.items()}
        services = {
            name: replace(place, pid=pids.get(name, 0))
            for name, place in self.addresses.services.items()
        }
        self.addresses = replace(self.addresses, nats_pid=pids.get("nats", 0), services=services)
        self.folder.write(self.addresses)


def _earlier_ports(folder: Folder) -> dict[str, int]:
    told = folder.addresses()
    if told is None:
        return {}
    services = {name: port_of(place.url) for name, place in told.services.items()}
    return {"nats": port_of(told.nats), "monitor": port_of(told.monitor), **services}


def _service_command(name: str) -> list[str]:
    return [sys.executable, "-m", f"services.{name}", "run"]


def _make_kek(folder: Folder) -> None:
    """Make the key-encryption key, only for a key ring that is new.

    Raises:
        Failure: it is gone, and the key ring that was made with it is there; or it cannot be written.
    """
    from services.feedback.keyring import new_kek

    path, ring = folder.kek, folder.database("keyring")
    if not _holds_key(path):
        if ring.exists():
            raise Failure(
                f"{path} is missing, and what {ring} holds cannot be read without it: put it back"
            )
        write_secret(path, f"{new_kek()}\n")


def _make_calendar_key(folder: Folder) -> None:
    """Make the key of the calendar feeds. With another one every address changes, and nothing is lost.

    Raises:
        Failure: it cannot be written.
    """
    from services.scheduling.feed_key import new_key

    if not _holds_key(folder.calendar_key):
        write_secret(folder.calendar_key, f"{new_key()}\n")


def _make_token_key(folder: Folder) -> None:
    """Make the secret of the bearer tokens. With another one the tokens of before are good no more.

    Raises:
        Failure: it cannot be written.
    """
    from shared.token_keys import new_key

    if not _holds_key(folder.token_key):
        write_secret(folder.token_key, f"{new_key()}\n")


def _holds_key(path: Path) -> bool:
    try:
        return path.exists() and path.stat().st_size > 0
    except OSError as error:
        raise Failure(f"{path} cannot be used: {error.strerror}") from error
