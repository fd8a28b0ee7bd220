"""The key ring: a data key per person, in a database of its own, wrapped by a key-encryption key.

The one thing that is not rebuilt from the log. Erasing a person deletes the data key and leaves a tombstone,
so that none is ever made again; what was sealed under it is then unreadable wherever it stands.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import URL, Connection, Engine, LargeBinary, create_engine, event, make_url, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.feedback.sealing import (
    KEY_BYTES,
    NONCE_BYTES,
    Contents,
    Place,
    seal,
    shared_key,
    unseal,
)
from shared.outcome import StoreTrouble

FILE_VARIABLE = "MENTORING_KEK_FILE"
VARIABLE = "MENTORING_KEK"
HOW = f"set {FILE_VARIABLE} to a file, or {VARIABLE}, holding {KEY_BYTES} random bytes in base64"
_PROOF = b"mentoring key ring"


class KeyRefused(Exception):
    """The key-encryption key is missing, malformed, or not this key ring's. Never shows the key."""


class PersonErased(Exception):
    """The person is erased: no key is ever made again."""


class RingBase(SQLModel, registry=registry()):
    """The key ring's own tables: no other metadata knows them."""


class DataKey(RingBase, table=True):
    """A person's wrapped data key; none: the person is erased."""

    __tablename__ = "data_key"

    program: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    wrapped: bytes | None = Field(default=None, sa_type=LargeBinary)


class Proof(RingBase, table=True):
    """A known text under the key-encryption key: tells a wrong one before anything is read or written."""

    __tablename__ = "proof"

    id: int = Field(default=1, primary_key=True)
    wrapped: bytes = Field(sa_type=LargeBinary)


_KEYS: Any = DataKey.__table__  # type: ignore[attr-defined]
_PROOFS: Any = Proof.__table__  # type: ignore[attr-defined]


def new_kek() -> str:
    """A fresh key-encryption key in base64, for the file that `mentoring up` makes."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def kek_of(file: Path | None, text: str | None) -> bytes:
    """The key-encryption key from a file or from text; the file wins.

    Raises:
        KeyRefused: there is none, or it is not 32 bytes in base64.
    """
    where = f"the file of {FILE_VARIABLE}" if file else VARIABLE
    if file:
        try:
            text = file.read_text(encoding="ascii")
        except (OSError, UnicodeError) as error:
            raise KeyRefused(f"{FILE_VARIABLE} names a file that cannot be read: {HOW}") from error
    if not text:
        raise KeyRefused(f"there is no key-encryption key: {HOW}")
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyRefused(
            f"the key-encryption key in {where} is not {KEY_BYTES} bytes in base64: {HOW}"
        )
    return key


class KeyRing:
    """Seals and unseals with the data keys of two persons. Safe to share between threads and processes."""

    def __init__(self, url: str | URL, kek: bytes) -> None:
        """Open the key ring, making its tables when it is new.

        Raises:
            KeyRefused: the key ring was made with another key-encryption key.
            StoreTrouble: its database does not answer.
        """
        self._kek = AESGCM(kek)
        self._engine = _engine(url)
        with self._trouble():
            RingBase.metadata.create_all(self._engine)
        self._prove()

    def is_empty(self) -> bool:
        """Whether nobody has, or ever had, a data key here."""
        with self._trouble(), self._engine.connect() as connection:
            return connection.execute(select(_KEYS.c.person).limit(1)).first() is None

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def seal(self, author: str, subject: str, place: Place, contents: Contents) -> str:
        """Seal what `author` says about `subject`; makes their data keys when they have none.

        Raises:
            PersonErased: one of the two is erased.
            TooLong: the contents are.
        """
        with self._trouble(), self._engine.begin() as connection:
            for person in sorted({author, subject}):
                self._make(connection, place.program, person)
            keys = self._keys(connection, place.program, author, subject)
        if keys is None:
            raise PersonErased
        return seal(shared_key(place.program, *keys), place, contents)

    def unseal(self, author: str, subject: str, place: Place, sealed: str) -> Contents | None:
        """The contents, or None when a key is gone or the bytes are not what was sealed there.

        Raises:
            StoreTrouble: the database does not answer: that says nothing about the contents.
        """
        with self._trouble(), self._engine.connect() as connection:
            keys = self._keys(connection, place.program, author, subject)
        return None if keys is None else unseal(shared_key(place.program, *keys), place, sealed)

    def erase(self, *persons: tuple[str, str]) -> None:
        """Delete the data keys of (program, person) for ever; erasing again changes nothing."""
        rows = [{"program": program, "person": person} for program, person in persons]
        with self._trouble(), self._engine.begin() as connection:
            tombstone = _insert(connection, _KEYS).values(wrapped=None)
            if rows:
                connection.execute(
                    tombstone.on_conflict_do_update(
                        index_elements=["program", "person"], set_={"wrapped": None}
                    ),
                    rows,
                )

    # -- inside --

    def _make(self, connection: Connection, program: str, person: str) -> None:
        """Make a data key unless there is one, or a tombstone: whoever comes first wins."""
        if connection.execute(_find(program, (person,))).first() is not None:
            return
        wrapped = self._wrap(os.urandom(KEY_BYTES), f"{program}/{person}".encode())
        row = {"program": program, "person": person, "wrapped": wrapped}
        connection.execute(_insert(connection, _KEYS).values(row).on_conflict_do_nothing())

    def _keys(self, connection: Connection, program: str, *persons: str) -> list[bytes] | None:
        """The data keys of these persons in their order, or None when one has none."""
        rows = connection.execute(_find(program, persons)).all()
        wrapped = {row.person: row.wrapped for row in rows if row.wrapped is not None}
        if any(person not in wrapped for person in persons):
            return None
        return [self._unwrap(wrapped[person], f"{program}/{person}".encode()) for person in persons]

    def _prove(self) -> None:
        with self._trouble(), self._engine.begin() as connection:
            proof = {"id": 1, "wrapped": self._wrap(_PROOF, b"")}
            connection.execute(_insert(connection, _PROOFS).values(proof).on_conflict_do_nothing())
            stored = connection.execute(select(_PROOFS.c.wrapped)).scalar_one()
        self._unwrap(stored, b"")

    def _wrap(self, plain: bytes, bound: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._kek.encrypt(nonce, plain, bound)

    def _unwrap(self, wrapped: bytes, bound: bytes) -> bytes:
        try:
            return self._kek.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound)
        except InvalidTag as error:
            raise KeyRefused(
                f"this key ring was made with another key-encryption key: {HOW}"
            ) from error

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        """A database that does not answer is trouble, never a verdict about an input."""
        try:
            yield
        except SQLAlchemyError as error:
            raise StoreTrouble(f"the key ring: {type(error).__name__}") from error


def _find(program: str, persons: tuple[str, ...]) -> Any:  # noqa: ANN401  SQLAlchemy's own generic
    columns = select(_KEYS.c.person, _KEYS.c.wrapped)
    return columns.where(_KEYS.c.program == program, _KEYS.c.person.in_(sorted(set(persons))))


def _insert(connection: Connection, table: Any) -> Any:  # noqa: ANN401  either dialect's insert
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert  # noqa: PLC0415

        return postgresql_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert  # noqa: PLC0415

    return sqlite_insert(table)


def _engine(url: str | URL) -> Engine:
    url = make_url(url)
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _keep_no_traces)
    return engine


def _keep_no_traces(connection: Any, record: object) -> None:  # noqa: ANN401  the driver's own
    """Overwrite what is deleted, and keep no write-ahead log that would still hold it."""
    del record
    for pragma in (
        "busy_timeout=5000",
        "journal_mode=DELETE",
        "synchronous=FULL",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
