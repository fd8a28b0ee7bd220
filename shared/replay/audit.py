"""The audit log: a line of JSON for each act of an operator, only ever appended; nothing that an event says is in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import make_url

from shared.outcome import StoreTrouble

_SQLITE = "sqlite:///"


class AuditTrouble(StoreTrouble):
    """The audit log cannot be written; the words name the file and why."""


def path(url: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the acts on a store are written down.

    MENTORING_AUDIT_LOG names one file for all; else it lies beside a SQLite store, or, for what is on a server or
    concerns no store, in the user's state folder (XDG Base Directory Specification: `$XDG_STATE_HOME`).

    Raises:
        AuditTrouble: nobody says where, and the user has no home.
    """
    given = environment.get("MENTORING_AUDIT_LOG")
    if given:
        return Path(given)
    if url is not None and url.startswith(_SQLITE):
        return Path(url.removeprefix(_SQLITE) + ".audit.jsonl")
    return Path(environment.get("XDG_STATE_HOME") or _state()) / "mentoring" / "audit.jsonl"


def _state() -> Path:
    try:
        return Path.home() / ".local" / "state"
    except RuntimeError as error:  # a container's user often has none
        raise AuditTrouble(
            "the audit log has no place, for this user has no home: set MENTORING_AUDIT_LOG"
        ) from error


def place(url: str) -> str:
    """A store in words: its file, or its server and database; never a password."""
    if url.startswith(_SQLITE):
        return url.removeprefix(_SQLITE)
    parts = make_url(url)
    return f"{parts.host or 'local'}/{parts.database}"


def check(file: Path) -> None:
    """Whether it can be appended to: asked before anything begins.

    Raises:
        AuditTrouble: it cannot.
    """
    _append(file, b"")


def append(file: Path, facts: Mapping[str, Any]) -> None:
    """Append a line with the time and these facts, and wait until it is on the disk.

    Raises:
        AuditTrouble: it cannot be written.
    """
    line = {"time": datetime.now(UTC), **facts}
    _append(file, orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z))


def _append(file: Path, line: bytes) -> None:
    """One write to a file opened for appending: lines of several processes do not mix."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.write(handle, line) != len(line):
                raise AuditTrouble(f"the audit log {file} took a part of a line: is the disk full?")
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise AuditTrouble(f"the audit log {file} cannot be written: {error.strerror}") from error
