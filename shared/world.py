"""The world: the rows that a service knows, as its pure functions see them.

A world is a mapping from row keys to immutable rows. What is not in memory is loaded from the source
behind it (a database, or nothing in a test), so `decide` and `evolve` ask for what they need and stay
pure: the same world and the same event give the same answer, wherever the rows come from.

Changes are kept per input in an undo list, so that an input is folded whole or not at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, TypeVar

from shared.events.envelope import EventData

Key = tuple[Any, ...]


def _reader(names: tuple[str, ...]) -> Callable[[Row], Key]:
    """Read these fields of a row, in this order: 0.1 µs where getattr for each takes 0.7 µs."""
    if not names:
        return lambda _: ()
    values = attrgetter(*names)
    return values if len(names) > 1 else lambda row: (values(row),)


class Row:
    """Base of a service's rows: frozen dataclasses whose first field is `program`.

    `KEY` names the fields of the primary key, `program` first. `ABOUT` names the field that holds the event
    key (cycle, mentor, person or program) that the row belongs to: a parked event of that key holds the row.
    `BLIND` rows may be written without having been read, which saves a query for each new one.
    """

    KEY: ClassVar[tuple[str, ...]]
    ABOUT: ClassVar[str]
    BLIND: ClassVar[bool] = False
    _read_key: ClassVar[Callable[[Row], Key]]

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        """Prepare how the key is read."""
        cls._read_key = staticmethod(_reader(getattr(cls, "KEY", ())))

    def key(self) -> Key:
        """The values of the primary key, in the order of `KEY`."""
        return type(self)._read_key(self)  # noqa: SLF001 - its own class


R = TypeVar("R", bound=Row)


class Ref(NamedTuple):
    """Names one row: its kind and its key."""

    kind: type[Row]
    key: Key


_new = tuple.__new__  # half of what `Ref(...)` costs


class Unread(Row):
    """Stands for a row that was written without having been read."""

    __slots__ = ()


_UNREAD = Unread()


class Gone(NamedTuple):
    """A change that removes a row."""

    kind: type[Row]
    key: Key


Change = Row | Gone


@dataclass(frozen=True, slots=True)
class Answer:
    """What `decide` says: an event's model and the key it is about; the program is the input's."""

    key: str
    data: EventData


@dataclass(frozen=True, slots=True)
class Refusal:
    """A judge's no: the rule that was broken and the field (JSON Pointer), never the value.

    `local`: it follows from what this installation has at hand, such as a file, and not from the log. Where the log
    folded the input all the same, another installation had it, and the log is right.
    `later`: there are logs from before it was a rule. What they have folded all the same is right there, too.
    """

    rule: str
    field: str = ""
    local: bool = False
    later: bool = False


class Waits(Exception):
    """The input needs a row that a parked event holds; it is parked behind it, so order is kept."""

    def __init__(self, program: str, about: str) -> None:
        super().__init__(f"waits behind a parked event of {program}/{about}")
        self.program = program
        self.about = about


class Source(Protocol):
    """Where a world loads rows from."""

    def load(self, kind: type[R], keys: Iterable[Key]) -> Iterable[R]:
        """The rows of these keys; missing ones are left out."""

    def find(self, kind: type[R], where: Mapping[str, Any]) -> Iterable[R]:
        """All rows whose fields equal these values."""


class Empty:
    """A source without rows: for tests, and for a fold in memory."""

    def load(self, kind: type[R], keys: Iterable[Key]) -> Iterable[R]:
        """Nothing."""
        del kind, keys
        return ()

    def find(self, kind: type[R], where: Mapping[str, Any]) -> Iterable[R]:
        """Nothing."""
        del kind, where
        return ()


@dataclass(frozen=True, slots=True)
class Timer(Row):
    """A deadline that a row of this key waits for; kept by the fold, not by the services."""

    KEY: ClassVar[tuple[str, ...]] = ("program", "about", "name")
    ABOUT: ClassVar[str] = "about"
    BLIND: ClassVar[bool] = True

    program: str
    about: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Clock(Row):
    """The latest `due` of a program: no timer is set from an earlier instant."""

    KEY: ClassVar[tuple[str, ...]] = ("program",)
    ABOUT: ClassVar[str] = "program"

    program: str
    at: datetime


class _Index:
    """The keys of the rows in memory by the values of some fields; `loaded` values are complete."""

    __slots__ = ("keys", "loaded", "values")

    def __init__(self, names: tuple[str, ...]) -> None:
        self.values = _reader(names)
        self.keys: defaultdict[Key, set[Key]] = defaultdict(set)
        self.loaded: set[Key] = set()

    def move(self, key: Key, old: Row | None, new: Row | None) -> None:
        """A row changed from `old` to `new`."""
        before = None if old is None else self.values(old)
        after = None if new is None else self.values(new)
        if before == after:
            return  # the usual case: what rows are looked for by seldom changes
        if before is not None:
            self.keys[before].discard(key)
        if after is not None:
            self.keys[after].add(key)


class World:
    """Rows by kind and key, loaded on demand, with the changes of the input under way.

    `now` is the instant of the input being folded: its time, never earlier than the program's last `due`.
    `cause` names it for `answer_id` while it is decided: an answer may point at another one of the same input.
    """

    def __init__(
        self, source: Source | None = None, parked: Iterable[tuple[str, str]] = ()
    ) -> None:
        self.now: datetime = datetime.min.replace(tzinfo=UTC)
        self.cause: str = ""
        self.parked: set[tuple[str, str]] = set(parked)
        self._source: Source = source or Empty()
        self._rows: defaultdict[type[Row], dict[Key, Row | None]] = defaultdict(dict)
        self._indexes: defaultdict[type[Row], dict[tuple[str, ...], _Index]] = defaultdict(dict)
        self._undo: dict[Ref, Row | None] = {}
        self._before: dict[Ref, Row | None] = {}

    # -- reading: what decide and evolve use --

    def get(self, kind: type[R], /, *key: Any) -> R | None:
        """The row of this key, or None.

        Raises:
            Waits: the row is held by a parked event.
        """
        row = self.peek(kind, key)
        if row is not None and self.parked:
            self._wait_for(row)
        return row

    def where(
        self, kind: type[R], /, *, parked: Literal["wait", "skip", "use"] = "wait", **fields: Any
    ) -> list[R]:
        """All rows whose fields equal these values, in key order.

        `parked` says what to do with rows that a parked event holds: `wait` behind it (the default), `skip`
        them (a round over a whole program), or `use` them as they stand.

        Raises:
            Waits: a row is held by a parked event, and `parked` is `wait`.
        """
        rows = self._members(kind, fields)
        if not self.parked or parked == "use":
            return rows
        if parked == "skip":
            return [row for row in rows if not self._is_parked(row)]
        for row in rows:
            self._wait_for(row)
        return rows

    def peek(self, kind: type[R], key: Key) -> R | None:
        """The row of this key whether or not it is parked."""
        known = self._rows[kind]
        row = known.get(key, _UNREAD)
        if row is _UNREAD:
            row = known[key] = next(iter(self._source.load(kind, [key])), None)
        return row  # type: ignore[return-value]

    # -- loading and changing: what the fold and the ledger use --

    def prefetch(self, refs: Iterable[Ref]) -> None:
        """Load rows in bulk, a query per kind."""
        missing: dict[type[Row], set[Key]] = {}
        for kind, key in refs:
            if key not in self._rows[kind]:
                missing.setdefault(kind, set()).add(key)
        for kind, keys in missing.items():
            known = self._rows[kind]
            known.update(dict.fromkeys(keys))
            known.update((row.key(), row) for row in self._source.load(kind, sorted(keys)))

    def apply(self, changes: Iterable[Change]) -> None:
        """Put and remove rows; undone by `discard` until `keep`."""
        for change in changes:
            kind: type[Row]
            if isinstance(change, Gone):
                kind, key, row = change.kind, change.key, None
            else:
                kind, key, row = type(change), change.key(), change
            old = self._rows[kind].get(key, _UNREAD)
            if old is _UNREAD and not kind.BLIND:
                old = self.peek(kind, key)
            if old is not row:
                self._undo.setdefault(_new(Ref, (kind, key)), old)
                self._place(kind, key, row)

    def touched(self) -> dict[Ref, Row | None]:
        """The rows that the input under way has changed, as they were before it."""
        return dict(self._undo)

    def keep(self) -> None:
        """The input is folded: its changes stay."""
        for ref, row in self._undo.items():
            self._before.setdefault(ref, row)
        self._undo.clear()

    def discard(self) -> None:
        """The input is not folded: its changes go."""
        while self._undo:
            ref, row = self._undo.popitem()
            if row is _UNREAD:
                self._place(*ref, None)
                del self._rows[ref.kind][ref.key]
            else:
                self._place(*ref, row)

    def take_changes(self) -> dict[Ref, Row | None]:
        """The rows changed since the last call, as they are now (None: removed)."""
        changed = {ref: self._rows[ref.kind][ref.key] for ref, row in self._before.items()}
        real = {ref: row for ref, row in changed.items() if row != self._before[ref]}
        self._before.clear()
        return real

    def keep_only(self, programs: Container[str]) -> None:
        """Forget the rows of all other programs, whose changes are saved; they are loaded again when needed."""
        for kind, known in self._rows.items():
            self._rows[kind] = {key: row for key, row in known.items() if key[0] in programs}
        self._indexes.clear()

    def __len__(self) -> int:
        """How many keys are held in memory."""
        return sum(map(len, self._rows.values()))

    def rows(self) -> Iterator[Row]:
        """Every row in memory, by kind and key: the whole state when nothing stands behind the world."""
        for kind in sorted(self._rows, key=lambda k: k.__name__):
            for _, row in sorted(self._rows[kind].items()):
                if row is not None:
                    yield row

    # -- inside --

    def _members(self, kind: type[R], fields: Mapping[str, Any]) -> list[R]:
        names = tuple(sorted(fields))
        values = tuple(fields[name] for name in names)
        index = self._indexes[kind].get(names) or self._add_index(kind, names)
        if values not in index.loaded:
            self._load_set(kind, fields, index.keys[values])
            index.loaded.add(values)
        known = self._rows[kind]
        return [known[key] for key in sorted(index.keys[values])]  # type: ignore[misc]

    def _add_index(self, kind: type[Row], names: tuple[str, ...]) -> _Index:
        index = self._indexes[kind][names] = _Index(names)
        for key, row in self._rows[kind].items():
            index.move(key, None, row)
        return index

    def _load_set(self, kind: type[Row], fields: Mapping[str, Any], keys: set[Key]) -> None:
        known = self._rows[kind]
        for found in self._source.find(kind, fields):
            row = known.setdefault(found.key(), found)
            if row is found or (
                row and all(getattr(row, name) == value for name, value in fields.items())
            ):
                keys.add(found.key())

    def _place(self, kind: type[Row], key: Key, row: Row | None) -> None:
        known = self._rows[kind]
        old, known[key] = known.get(key), row
        for index in self._indexes[kind].values():
            index.move(key, old, row)

    def _is_parked(self, row: Row) -> bool:
        return (row.program, getattr(row, row.ABOUT)) in self.parked  # type: ignore[attr-defined]

    def _wait_for(self, row: Row) -> None:
        if self._is_parked(row):
            raise Waits(row.program, getattr(row, row.ABOUT))  # type: ignore[attr-defined]
