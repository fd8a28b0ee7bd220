"""What a key ring holds, for those who need no key: who has one, who is erased, and what wraps what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Connection, Row, bindparam, func, select, tuple_, update

from services.feedback.keyring_schema import upgrade
from services.feedback.keyring_tables import (
    KEYS,
    PROOFS,
    insert,
    make_engine,
    read_url,
    reading,
    trouble,
    writing,
)

Keyed = tuple[str, str]
"""Program and person."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A person's data key as it is stored; `kek` is the fingerprint of what wraps it, if the row names it."""

    program: str
    person: str
    wrapped: bytes
    kek: str | None

    @property
    def bound(self) -> bytes:
        """What is authenticated with it, so that nobody's key can be put in another's place."""
        return f"{self.program}/{self.person}".encode()


@dataclass(frozen=True, slots=True)
class Census:
    """What a key ring holds; nothing in it is secret.

    Attributes:
        wraps: the fingerprint of the key-encryption key that wraps new data keys; None in a new key ring.
        keys: how many data keys each key-encryption key wraps, by fingerprint; `?` where a row names none.
        erased: how many persons are erased.
    """

    wraps: str | None
    keys: Mapping[str, int]
    erased: int

    @property
    def needed(self) -> frozenset[str]:
        """The fingerprints without which something in the key ring cannot be read."""
        return frozenset({*self.keys, *filter(None, [self.wraps])}) - {"?"}


class RingStore:
    """A key ring's database, brought to its newest schema."""

    def __init__(self, url: str | URL) -> None:
        """Open it, making its tables when it is new.

        Raises:
            KeyRefused: that is no address, no key ring, or one of a newer version.
            StoreTrouble: its database does not answer.
        """
        self.engine = make_engine(read_url(url))
        with trouble():
            upgrade(self.engine)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    # -- looking --

    def is_empty(self) -> bool:
        """Whether nobody has, or ever had, a data key here."""
        with reading(self.engine) as connection:
            return connection.execute(select(KEYS.c.person).limit(1)).first() is None

    def standing(self, program: str, person: str) -> str:
        """Where a person stands: `key`, `erased`, or `unknown`: neither has a key nor is erased."""
        with reading(self.engine) as connection:
            found = connection.execute(_find(program, (person,))).first()
        if found is None:
            return "unknown"
        return "erased" if found.wrapped is None else "key"

    def unknown(self, persons: Iterable[Keyed]) -> list[Keyed]:
        """Who of these neither has a key nor is erased."""
        wanted = set(persons)
        if not wanted:
            return []
        with reading(self.engine) as connection:
            rows = connection.execute(select(KEYS.c.program, KEYS.c.person))
            return sorted(wanted.difference((row.program, row.person) for row in rows))

    def census(self) -> Census:
        """Count what is there."""
        counted = select(KEYS.c.kek, func.count(KEYS.c.wrapped), func.count()).group_by(KEYS.c.kek)
        with reading(self.engine) as connection:
            rows = connection.execute(counted).all()
            wraps = connection.execute(select(PROOFS.c.kek)).scalar()
        keys = {kek or "?": here for kek, here, _ in rows if here}
        return Census(wraps, keys, sum(whole - here for _, here, whole in rows))

    def found(self, program: str, persons: Iterable[str]) -> dict[str, Wrapped]:
        """The data keys of these persons, of those who have one."""
        with reading(self.engine) as connection:
            rows = connection.execute(_find(program, persons)).all()
        return {row.person: _wrapped(row) for row in rows if row.wrapped is not None}

    # -- changing --

    def erase(self, *persons: Keyed) -> None:
        """Delete the data keys of (program, person) for ever; erasing again changes nothing."""
        gone = {"wrapped": None, "kek": None}
        rows = [
            {"program": program, "person": person, **gone}
            for program, person in sorted(set(persons))  # everybody locks in one order
        ]
        if not rows:
            return
        with writing(self.engine) as connection:
            tombstone = insert(connection, KEYS)
            connection.execute(
                tombstone.on_conflict_do_update(index_elements=["program", "person"], set_=gone),
                rows,
            )

    def scrub(self) -> None:
        """Rewrite the tables, so that nothing that was deleted or wrapped anew stays in their files.

        Raises:
            StoreTrouble: somebody reads in it all the time, or its database does not answer.
        """
        postgresql = self.engine.dialect.name == "postgresql"
        how = {"isolation_level": "AUTOCOMMIT"} if postgresql else {"bare": True}
        with trouble(), self.engine.connect().execution_options(**how) as connection:
            connection.exec_driver_sql("VACUUM (FULL) data_key, proof" if postgresql else "VACUUM")


def after(connection: Connection, last: Keyed, wanted: str, limit: int) -> Sequence[Wrapped]:
    """The next data keys behind `last` that `wanted` does not wrap, locked until the transaction ends."""
    named = (KEYS.c.kek != wanted) | KEYS.c.kek.is_(None)
    columns = select(KEYS.c.program, KEYS.c.person, KEYS.c.wrapped, KEYS.c.kek)
    query = columns.where(
        KEYS.c.wrapped.is_not(None), named, tuple_(KEYS.c.program, KEYS.c.person) > last
    )
    ordered = query.order_by(KEYS.c.program, KEYS.c.person).limit(limit).with_for_update()
    return [_wrapped(row) for row in connection.execute(ordered)]


def replace(connection: Connection, rewrapped: Sequence[tuple[Wrapped, bytes]], kek: str) -> int:
    """Put other wrappings in the place of these, where they still are; how many were replaced."""
    here = (KEYS.c.program == bindparam("of")) & (KEYS.c.person == bindparam("whose"))
    same = update(KEYS).where(here, KEYS.c.wrapped == bindparam("old"))
    rows = [
        {"of": old.program, "whose": old.person, "old": old.wrapped, "new": wrapped}
        for old, wrapped in rewrapped
    ]
    if not rows:
        return 0
    done = connection.execute(same.values(wrapped=bindparam("new"), kek=kek), rows)
    return int(done.rowcount)


def _find(program: str, persons: Iterable[str]) -> Any:  # noqa: ANN401  SQLAlchemy's own generic
    columns = select(KEYS.c.program, KEYS.c.person, KEYS.c.wrapped, KEYS.c.kek)
    return columns.where(KEYS.c.program == program, KEYS.c.person.in_(sorted(set(persons))))


def _wrapped(row: Row[Any]) -> Wrapped:
    return Wrapped(row.program, row.person, row.wrapped, row.kek)
