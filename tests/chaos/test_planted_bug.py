"""A release whose fold has a bug writes wrong rows for a while. When it is mended, a dry run shows exactly the rows
and columns that are wrong, found out independently here, and touches nothing; the rebuild mends exactly them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.feedback.model import Review
from services.matching.model import Mentor
from services.scheduling.model import Meeting
from shared import migrate
from shared.events.envelope import Event, EventData
from shared.events.feedback import Concluded
from shared.events.outside import Submitted
from shared.events.scheduling import Met
from shared.service import Service
from shared.store import Store
from shared.transaction import positions_of
from shared.world import Change, Ref, Row, World
from tests.chaos.command import Command, Said
from tests.cli.faulty import running
from tests.lifecycle.golden import golden_log
from tests.shared.replay.recorded import golden, publish
from tests.tally.log import open_log, until

GOLDEN = golden()
TUESDAY = datetime(2026, 3, 31, tzinfo=UTC)
NEVER_EXCHANGED = {"operation", "pod"}
Contents = Mapping[str, list[Mapping[str, Any]]]
Place = tuple[str, tuple[object, ...]]
"""Table and key."""
Wrong = dict[Place, tuple[str, set[str]]]
"""How a row differs, and in which columns."""


@dataclass(frozen=True)
class Bug:
    """From Tuesday on, the fold of an event forgets to change rows of one kind."""

    service: str
    event: type[EventData]
    forgets: type[Row]
    kinds: set[str]

    @property
    def right(self) -> Service:
        """The release with the fix, and the one before the bug."""
        return golden_log.SERVICES[self.service]

    @property
    def wrong(self) -> Service:
        """The release with the bug."""
        evolve = self.right.evolves[self.event]

        def forgetful(world: World, event: Event) -> Iterable[Change]:
            late = event.time >= TUESDAY
            return [c for c in evolve(world, event) if not (late and self._is_forgotten(c))]

        return replace(self.right, evolves={**self.right.evolves, self.event: forgetful})

    def _is_forgotten(self, change: Change) -> bool:
        return isinstance(change, self.forgets)


BUGS = [
    Bug("matching", Concluded, Mentor, {"changed"}),
    Bug("scheduling", Met, Meeting, {"changed", "extra"}),
    Bug("feedback", Submitted, Review, {"changed", "missing"}),
]


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.service)
async def test_a_dry_run_shows_exactly_what_the_rebuild_mends(
    bug: Bug, nats_url: str, database_url: str, tmp_path: Path
) -> None:
    here = Scene(bug, nats_url, database_url, tmp_path)
    async with open_log(nats_url) as log:
        await publish(log, GOLDEN)
        await here.fold(bug.wrong)
        expected = wrong_rows(bug, here.store)
        assert {kind for kind, _ in expected.values()} == bug.kinds
        before, stream = here.contents(), await log.info()

        dry = await here.rebuild("--dry-run")

        assert dry.code == 1, dry
        assert shown(dry) == expected
        assert (dry.json["digest_live"], dry.json["digest_log"]) == here.digests
        assert here.contents() == before
        assert await log.info() == stream

        with running(bug.right, nats_url, here.url):
            done = await here.rebuild("--yes")
            assert done.code == 0, done
            assert shown(done) == expected
            await until(here.timers_are_set, "timers are set again")
        assert here.store.digest() == here.digests[1]
        assert differing(here.store, before, here.contents()) == set(expected)
        again = await here.rebuild("--dry-run")
        assert (again.code, again.json["differing"]) == (0, 0)
    here.store.dispose()


class Scene:
    """A store that a release has written, and the command beside it."""

    def __init__(self, bug: Bug, nats: str, url: str, folder: Path) -> None:
        self._bug, self._nats, self._folder = bug, nats, folder
        self.url = url.replace("store.db", f"{bug.service}.db")
        migrate.upgrade(bug.service, self.url)
        self.store = Store(bug.right.tables, self.url)

    @property
    def digests(self) -> tuple[str, str]:
        """Of the rows that the log leads to in memory, with the bug and without it."""
        wrong, right = self._bug.wrong, self._bug.right
        return golden_log.digest_of(wrong, GOLDEN), golden_log.digest_of(right, GOLDEN)

    async def fold(self, service: Service) -> None:
        """Let a release fold the log, and end it."""
        with running(service, self._nats, self.url):
            await until(lambda: self._position() >= self._last(), "all is folded")

    async def rebuild(self, *options: str) -> Said:
        """`mentoring replay rebuild`."""
        named = self.url.replace(f"{self._bug.service}.db", "{service}.db")
        if not named.startswith("sqlite"):
            sign = "&" if "?" in named else "?"
            named += f"{sign}application_name={{service}}"
        command = await Command.begin(
            *("replay", "rebuild", self._bug.service, "--reason", "wrong since Tuesday"),
            *("--all", "--json", "--confidential", "--nats", self._nats, "--database", named),
            *options,
            environment={"HOME": str(self._folder), "MENTORING_OPERATOR": "ada"},
        )
        return await command.end()

    def contents(self) -> Contents:
        """Everything in the store but what is said about the database itself."""
        with self.store.engine.connect().execution_options(reads=True) as connection:
            return {
                name: [
                    dict(row)
                    for row in connection.execute(
                        select(table).order_by(*table.primary_key.columns)
                    ).mappings()
                ]
                for name, table in self.store.metadata.tables.items()
                if name not in NEVER_EXCHANGED
            }

    def timers_are_set(self) -> bool:
        """Whether the service has taken up its new store."""
        found = self.store.read(positions_of)[0]
        return found.generation == 1 and found.timers_set

    def _position(self) -> int:
        return max((each.seq for each in self.store.read(positions_of).values()), default=0)

    def _last(self) -> int:
        return max(entry.seq for entry in GOLDEN if entry.said_by != self._bug.service)


def wrong_rows(bug: Bug, store: Store) -> Wrong:
    """What differs between the log folded in memory by either release: no replay has a hand in it."""
    live, log = rows_of(bug.wrong), rows_of(bug.right)
    found: Wrong = {}
    for ref in live.keys() | log.keys():
        one, other = live.get(ref), log.get(ref)
        if one != other:
            kind = "missing" if one is None else "extra" if other is None else "changed"
            found[store.maps[ref.kind].name, ref.key] = kind, columns(one, other)
    return found


def rows_of(service: Service) -> dict[Ref, Row]:
    """The rows that the log leads to."""
    return {Ref(type(row), row.key()): row for row in golden_log.fold(service, GOLDEN).rows()}


def columns(one: Row | None, other: Row | None) -> set[str]:
    """Fields in which two rows differ; all where one of them is not there."""
    names = {each.name for each in fields(one or other)}  # type: ignore[arg-type]
    if one is None or other is None:
        return names
    return {name for name in names if getattr(one, name) != getattr(other, name)}


def shown(said: Said) -> Wrong:
    """What the command says differs."""
    return {
        (each["table"], tuple(each["key"])): (each["kind"], set(each["columns"]))
        for each in said.json["differences"]
    }


def differing(store: Store, before: Contents, after: Contents) -> set[Place]:
    """Rows that two contents of the store do not share, and what was folded; the position is told apart."""
    found = set()
    for name, table in store.metadata.tables.items():
        if name not in {*NEVER_EXCHANGED, "position"}:
            key = [column.name for column in table.primary_key.columns]
            one, other = (
                {tuple(row[k] for k in key): row for row in each[name]} for each in (before, after)
            )
            found |= {(name, k) for k in one.keys() | other.keys() if one.get(k) != other.get(k)}
    return found
