"""The shadow: a store beside the live one, into which a rebuild folds while the service goes on.

Commits into it wait for no disk: it can always be made again. It knows its own positions, so a rebuild that was
cut off goes on where it was, unless it would mix what two versions of the code have folded.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import inspect

from shared import migrate
from shared.engine import trouble
from shared.fitness import NotReady
from shared.replay import operation
from shared.replay.beside import Beside, beside
from shared.replay.holding import hold
from shared.service import Service
from shared.store import Store
from shared.transaction import Position, positions_of

_SHARED = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a shadow is made for; one made for another purpose cannot be gone on with.

    Attributes:
        program: the only one whose rows it holds; None: all.
        code: fingerprint of the code that folds into it.
    """

    program: str | None
    code: str


class Shadow:
    """A shadow, held by this process until `close`. Made by `Shadow.open`.

    Attributes:
        store: the rows.
        resumed: it holds what an earlier rebuild has folded.
    """

    def __init__(
        self, store: Store, place: Beside, release: Callable[[], None], *, resumed: bool
    ) -> None:
        self.store = store
        self.resumed = resumed
        self.place = place
        self._release = release

    @classmethod
    def open(
        cls, live: Store, service: Service, *, program: str | None = None, fresh: bool = False
    ) -> Shadow:
        """Take up the shadow of a live store, or make it.

        Args:
            live: the store that the service works on.
            service: whose it is.
            program: only this one's rows are to be folded.
            fresh: begin anew, whatever is there.

        Raises:
            NotReady: another process rebuilds this store, what is there was made for another program, or the live
                store's schema is not today's.
            StoreTrouble: the database does not answer.
        """
        release = hold(live, service)
        try:
            return cls._open(
                live, service, release, Purpose(program, fingerprint(service)), fresh=fresh
            )
        except BaseException:
            release()
            raise

    @classmethod
    def _open(
        cls,
        live: Store,
        service: Service,
        release: Callable[[], None],
        purpose: Purpose,
        *,
        fresh: bool,
    ) -> Shadow:
        place = beside(live, "rebuild")
        found = None if fresh else _purpose_of(place, service)
        if found is not None and found.program != purpose.program:
            raise NotReady(
                f"a rebuild of {_words(found)} was begun in {place.name}: finish it, or drop it with "
                f"`mentoring replay drop {service.name}`"
            )
        if found != purpose:
            place.drop()
            _make(live, place, service, purpose)
        store = Store(service.tables, place.url, disposable=True)
        return cls(store, place, release, resumed=found == purpose)

    @property
    def positions(self) -> Mapping[int, Position]:
        """How far it has folded, by partition."""
        return self.store.read(positions_of)

    def drop(self) -> None:
        """Remove it."""
        self.store.dispose()
        self.place.drop()

    def close(self) -> None:
        """Let another process have it; what it holds stays."""
        self.store.dispose()
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def drop(live: Store, service: Service) -> bool:
    """Remove a shadow that nobody works on; whether there was one.

    Raises:
        NotReady: somebody works on it.
        StoreTrouble: the database does not answer.
    """
    release = hold(live, service)
    try:
        place = beside(live, "rebuild")
        existed = place.exists()
        place.drop()
        return existed
    finally:
        release()


@contextmanager
def scratch(service: Service) -> Iterator[Store]:
    """An empty SQLite store of this service, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=f"mentoring-{service.name}-") as folder:
        store = Store(service.tables, f"sqlite:///{folder}/scratch.db", disposable=True)
        try:
            store.create_all()
            yield store
        finally:
            store.dispose()


def fingerprint(service: Service) -> str:
    """32 hexadecimal digits that change with the code that folds: the service's own, and all that is shared."""
    total = hashlib.blake2b(str(service.fold_version).encode(), digest_size=16)
    for folder in sorted({_SHARED, *_folders(service)}):
        for file in sorted(folder.rglob("*.py")):
            total.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def _folders(service: Service) -> Iterator[Path]:
    parts = (service.judges, service.evolves, service.decides)
    functions: list[Any] = [service.timers, *(each for part in parts for each in part.values())]
    for function in functions:
        file = getattr(sys.modules.get(function.__module__), "__file__", None)
        if file:
            yield Path(file).parent


# -- what is there --


def _purpose_of(place: Beside, service: Service) -> Purpose | None:
    """What the one that is there was made for; None when there is none, or its making was cut off."""
    if not place.exists():
        return None
    store = Store(service.tables, place.url)
    try:
        if store.strange_tables():
            return None
        found = operation.listing(store, kind="shadow")
        return Purpose(found[0].program, str(found[0].detail.get("code"))) if found else None
    finally:
        store.dispose()


def _make(live: Store, place: Beside, service: Service, purpose: Purpose) -> None:
    """Tables as the live store has them, by the same history; the purpose is written last."""
    place.make()
    store = Store(service.tables, place.url, disposable=True)
    try:
        if not _has_history(live):
            store.create_all()
        elif lacking := migrate.pending(service.name, live.url):
            raise NotReady(
                f"the database lacks the migrations {', '.join(lacking)}: "
                f"run `python -m services.{service.name} migrate`"
            )
        else:
            migrate.upgrade(service.name, place.url)
        operation.describe(store, "shadow", purpose.program, {"code": purpose.code})
    finally:
        store.dispose()


def _has_history(live: Store) -> bool:
    with trouble():
        return live.read(lambda connection: inspect(connection).has_table("alembic_version"))


def _words(purpose: Purpose) -> str:
    return "the whole store" if purpose.program is None else f"the program {purpose.program}"
