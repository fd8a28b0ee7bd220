"""Each contestant makes the rows that belong there, and one that does not is found out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.store import Store
from tests.bench.check import Wrong
from tests.bench.process import Failed
from tests.bench.replay.check import check, expected
from tests.bench.replay.field import TITLES, Entrant, entrants
from tests.bench.replay.logs import Logs
from tests.bench.replay.measure import run
from tests.bench.replay.services import service
from tests.bench.replay.template import golden
from tests.bench.sandbox import Sandbox

PROGRAMS = 2
EVENTS = PROGRAMS * len(golden())


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as place:
        yield place


@pytest.fixture(scope="module")
def logs(sandbox: Sandbox) -> Iterator[Logs]:
    made = Logs(sandbox, lambda _: None)
    yield made
    made.close()


def entrant(name: str) -> Entrant:
    return next(each for each in entrants() if each.name == name)


@pytest.mark.parametrize(
    "name",
    [
        "rebuild matching",
        "rebuild scheduling",
        "rebuild feedback",
        "rebuild-postgresql feedback",
        "live matching",
        "live feedback",
        "peer scheduling",
        "peer-eased feedback",
    ],
)
def test_a_contestant_makes_the_rows_of_every_program(
    sandbox: Sandbox, logs: Logs, name: str
) -> None:
    lap = run(sandbox, logs, entrant(name), EVENTS)

    assert lap.events == EVENTS
    assert lap.rows >= PROGRAMS * 30


def test_reading_alone_reads_every_event(sandbox: Sandbox, logs: Logs) -> None:
    assert run(sandbox, logs, entrant("fetch"), EVENTS).events == EVENTS


def test_a_contestant_that_fails_is_reported_with_its_last_words(
    sandbox: Sandbox, logs: Logs
) -> None:
    command = ("/bin/sh", "-c", "echo no luck >&2; exit 3")

    with pytest.raises(Failed, match="no luck"):
        run(sandbox, logs, Entrant("broken", "", command, log="none"), EVENTS)


@pytest.mark.parametrize("lacks", ["a table's rows", "a row's contents"])
def test_rows_that_do_not_belong_there_are_found(tmp_path: Path, lacks: str) -> None:
    of = service("matching")
    store = Store(of.tables, f"sqlite:///{tmp_path / 'store.db'}")
    store.create_all()
    kinds = tuple(of.tables)
    if lacks == "a row's contents":
        transaction = store.connect()
        rows = [row for row in expected(of) if type(row) in kinds]
        for row in rows:
            transaction.connection.exec_driver_sql(
                store.maps[type(row)].upsert, store.maps[type(row)].encode(row)
            )
        transaction.commit()
        transaction.close()

    with pytest.raises(Wrong, match="where 3 belong" if lacks == "a table's rows" else "differ"):
        check(store, of, 3 if lacks == "a table's rows" else 1, kinds)
    store.dispose()


def test_contestants_have_names_of_their_own_and_a_title_each() -> None:
    names = [each.name for each in entrants()]

    assert len(set(names)) == len(names)
    assert {each.group for each in entrants()} == TITLES.keys()
