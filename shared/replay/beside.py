"""Second stores beside a live one: `<file>.rebuild` and `<file>.before`, or schemas with these endings.

PostgreSQL keeps them in the same database, so that an exchange is one transaction. What several workers fold has parts
of its own beside it, which go with it: `<file>.rebuild.1of2`, or schemas `…_rebuild_1of2`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from sqlalchemy import Connection, make_url, text

from shared.engine import trouble
from shared.store import Store

What = Literal["rebuild", "before"]
_SQLITE = "sqlite:///"
_PART = re.compile(r"[1-9][0-9]?of[1-9][0-9]?")


class Beside(Protocol):
    """A place beside a live store."""

    @property
    def url(self) -> str:
        """SQLAlchemy's address of what is there."""

    @property
    def name(self) -> str:
        """The file, or the schema."""

    def exists(self) -> bool:
        """Whether anything is there."""

    def size(self) -> int:
        """Bytes that it takes, with its parts."""

    def part(self, name: str) -> Beside:
        """The place of a part such as `1of2`."""

    def parts(self) -> Sequence[str]:
        """The names of the parts that are there."""

    def make(self) -> None:
        """Make it, if it is not there, so that tables can be put into it."""

    def drop(self) -> None:
        """Remove it with its parts and everything in it; nothing happens when it is not there."""


def beside(live: Store, what: What) -> Beside:
    """The place beside a live store; nothing need be there.

    Raises:
        StoreTrouble: the database does not answer.
    """
    if live.engine.dialect.name == "sqlite":
        return _File(Path(f"{live.url.removeprefix(_SQLITE)}.{what}"))
    return _Schema(live, f"{schema_of(live)}_{what}")


def place_of(store: Store) -> Beside:
    """The place where a store is.

    Raises:
        StoreTrouble: the database does not answer.
    """
    if store.engine.dialect.name == "sqlite":
        return _File(Path(store.url.removeprefix(_SQLITE)))
    return _Schema(store, schema_of(store))


def schema_of(live: Store) -> str:
    """The PostgreSQL schema of a store's tables."""
    return live.read(_current_schema)


def _current_schema(connection: Connection) -> str:
    found = connection.execute(text("SELECT current_schema()")).scalar()
    return str(found or "public")


@dataclass(frozen=True, slots=True)
class _File:
    path: Path

    @property
    def url(self) -> str:
        return f"{_SQLITE}{self.path}"

    @property
    def name(self) -> str:
        return str(self.path)

    def exists(self) -> bool:
        return self.path.exists()

    def size(self) -> int:
        own = sum(file.stat().st_size for file in self._files() if file.exists())
        return own + sum(self.part(name).size() for name in self.parts())

    def part(self, name: str) -> Beside:
        return _File(self.path.with_name(f"{self.path.name}.{name}"))

    def parts(self) -> Sequence[str]:
        there = [each.name for each in self.path.parent.iterdir()]
        return _parts_in(there, f"{self.path.name}.")

    def make(self) -> None:
        """SQLite makes the file when it is opened."""

    def drop(self) -> None:
        for name in self.parts():
            self.part(name).drop()
        # The journal goes first: beside a new file of the same name it would be taken for its own.
        for file in self._files():
            file.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        endings = ("-wal", "-shm", "-journal", "")
        return [self.path.with_name(self.path.name + ending) for ending in endings]


@dataclass(frozen=True, slots=True)
class _Schema:
    live: Store
    schema: str

    @property
    def url(self) -> str:
        url = make_url(self.live.url)
        given = url.query.get("options", "")
        options = f"{given} -csearch_path={self._quoted}".strip()
        return url.update_query_dict({"options": options}).render_as_string(hide_password=False)

    @property
    def name(self) -> str:
        return self.schema

    @property
    def _quoted(self) -> str:
        return self.live.engine.dialect.identifier_preparer.quote(self.schema)

    def exists(self) -> bool:
        query = text("SELECT 1 FROM pg_namespace WHERE nspname = :schema")
        found = self.live.read(lambda c: c.execute(query, {"schema": self.schema}).first())
        return found is not None

    def size(self) -> int:
        query = text(
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = :schema AND c.relkind = 'r'"
        )
        values = {"schema": self.schema}
        own = self.live.read(lambda c: c.execute(query, values).scalar_one())
        return int(own) + sum(self.part(name).size() for name in self.parts())

    def part(self, name: str) -> Beside:
        return _Schema(self.live, f"{self.schema}_{name}")

    def parts(self) -> Sequence[str]:
        query = text("SELECT nspname FROM pg_namespace ORDER BY nspname")
        there = self.live.read(lambda c: c.execute(query).scalars().all())
        return _parts_in(there, f"{self.schema}_")

    def make(self) -> None:
        self._run(f"CREATE SCHEMA IF NOT EXISTS {self._quoted}")

    def drop(self) -> None:
        for name in self.parts():
            self.part(name).drop()
        self._run(f"DROP SCHEMA IF EXISTS {self._quoted} CASCADE")

    def _run(self, sql: str) -> None:
        with trouble(), self.live.engine.begin() as connection:
            connection.execute(text(sql))


def _parts_in(names: Iterable[str], start: str) -> list[str]:
    endings = [name.removeprefix(start) for name in names if name.startswith(start)]
    return sorted(ending for ending in endings if _PART.fullmatch(ending))
