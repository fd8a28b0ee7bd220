"""Settings of a service, from the environment: `MENTORING_…`."""

from __future__ import annotations

import os
import re
import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_LAST_PORT = 65535
_PUBLIC_URL = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?")


class BadSetting(ValueError):
    """A setting that cannot be used; the words name it and its rule."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a service process needs to know.

    Attributes:
        nats_url: `nats://host:port`, several separated by commas (MENTORING_NATS_URL).
        database_url: SQLAlchemy URL of this service's store (MENTORING_DATABASE_URL).
        http_host, http_port: where HTTP listens; loopback unless told otherwise (MENTORING_HTTP_HOST, …_PORT).
        keyring_url: SQLAlchemy URL of feedback's key ring (MENTORING_KEYRING_URL).
        keyring_lost: go on with an empty key ring although things were sealed (MENTORING_KEYRING_LOST=1).
        kek_file: file with the key-encryption key (MENTORING_KEK_FILE); MENTORING_KEK holds it directly.
        calendars: file with the programs' calendar templates (MENTORING_CALENDARS).
        calendar_key_file: file with the key of the calendar feeds (MENTORING_CALENDAR_KEY_FILE);
            MENTORING_CALENDAR_KEY holds it directly.
        public_url: where the world finds this service's calendar feeds, without a slash at its end (MENTORING_PUBLIC_URL).
        token_key_file: file with the key that checks bearer tokens (MENTORING_TOKEN_KEY_FILE);
            MENTORING_TOKEN_KEY holds it directly.
        token_issuer, token_audience: what a token's `iss` and `aud` must say (MENTORING_TOKEN_ISSUER, …_AUDIENCE).
        driven: timers are stored without a schedule and driven from outside (MENTORING_DRIVEN=1).
        owner: this process's name, new at each start.
    """

    nats_url: str = "nats://127.0.0.1:4222"
    database_url: str = "sqlite:///mentoring.db"
    http_host: str = "127.0.0.1"
    http_port: int = 8000
    keyring_url: str = "sqlite:///keyring.db"
    keyring_lost: bool = False
    kek_file: Path | None = None
    kek: str | None = field(default=None, repr=False)
    calendars: Path | None = None
    calendar_key_file: Path | None = None
    calendar_key: str | None = field(default=None, repr=False)
    public_url: str | None = None
    token_key_file: Path | None = None
    token_key: str | None = field(default=None, repr=False)
    token_issuer: str | None = None
    token_audience: str | None = None
    driven: bool = False
    owner: str = field(default_factory=lambda: owner_on(socket.gethostname()))

    @property
    def sqlite_path(self) -> Path | None:
        """The file of a SQLite store; None for PostgreSQL."""
        prefix = "sqlite:///"
        return (
            Path(self.database_url.removeprefix(prefix))
            if self.database_url.startswith(prefix)
            else None
        )


def owner_on(host: str) -> str:
    """A new name for a process on this host. It is part of a consumer's name, which takes no dots (NATS ADR-6)."""
    return f"{re.sub('[^A-Za-z0-9_-]', '-', host)[:40]}-{uuid.uuid4().hex[:8]}"


def from_environment(service: str, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; those that are not given have their defaults.

    `{service}` in a URL or path stands for the service's name.

    Raises:
        BadSetting: a value breaks its rule.
    """

    def value(name: str, default: str) -> str:
        return environment.get(f"MENTORING_{name}", default).replace("{service}", service)

    return Settings(
        nats_url=value("NATS_URL", "nats://127.0.0.1:4222"),
        database_url=_database(value("DATABASE_URL", f"sqlite:///{service}.db")),
        http_host=value("HTTP_HOST", "127.0.0.1"),
        http_port=_port(value("HTTP_PORT", "8000")),
        keyring_url=value("KEYRING_URL", "sqlite:///keyring.db"),
        keyring_lost=value("KEYRING_LOST", "0") == "1",
        kek_file=_path(value("KEK_FILE", "")),
        kek=environment.get("MENTORING_KEK"),
        calendars=_path(value("CALENDARS", "")),
        calendar_key_file=_path(value("CALENDAR_KEY_FILE", "")),
        calendar_key=environment.get("MENTORING_CALENDAR_KEY"),
        public_url=_public(value("PUBLIC_URL", "")),
        token_key_file=_path(value("TOKEN_KEY_FILE", "")),
        token_key=environment.get("MENTORING_TOKEN_KEY"),
        token_issuer=environment.get("MENTORING_TOKEN_ISSUER") or None,
        token_audience=environment.get("MENTORING_TOKEN_AUDIENCE") or None,
        driven=value("DRIVEN", "0") == "1",
    )


def _database(url: str) -> str:
    if url.startswith("postgresql://"):
        return url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSetting(
            "MENTORING_DATABASE_URL: use sqlite:///<file> or postgresql://<user>@<host>/<database>"
        )
    return url


def _path(text: str) -> Path | None:
    return Path(text) if text else None


def _public(url: str) -> str | None:
    if not url:
        return None
    if not _PUBLIC_URL.fullmatch(url):
        raise BadSetting(
            "MENTORING_PUBLIC_URL: use https://<host> or https://<host>/<path>, without ? # or a user"
        )
    return url.rstrip("/")


def _port(text: str) -> int:
    if not text.isdigit() or not 0 <= int(text) <= _LAST_PORT:
        raise BadSetting("MENTORING_HTTP_PORT: a port is a number from 0 to 65535")
    return int(text)
