"""`mentoring timers`: deadlines are listed from the stores, and a running service sets them again when told to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from services.cli import timers_work
from services.matching.app import SERVICE as MATCHING
from shared import migrate, provision
from shared.events.envelope import Event
from shared.log import STREAM, Log
from shared.replay import operation
from shared.store import Store
from tests.cli.conftest import Mentoring, on_log
from tests.cli.faulty import offer, running
from tests.cli.say import NOW
from tests.tally.log import entries, until

PROGRAMS = [f"program-{n}" for n in range(5)]
SOON = NOW.replace(year=2999)


def paused(mentor: str, days: int, program: str) -> Event:
    """A mentor pauses, until a deadline."""
    told = offer(mentor, 0, program)
    until_ = SOON + timedelta(days=days)
    return replace(told, data=told.data.model_copy(update={"paused_until": until_}))


PAUSES = [paused(f"m{n}", n, program) for n, program in enumerate(PROGRAMS)]


@pytest.fixture
def place(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sequence[str]:
    """Options that name matching's database, which is made."""
    monkeypatch.setenv("MENTORING_AUDIT_LOG", str(tmp_path / "audit.jsonl"))
    migrate.upgrade("matching", database_url)
    named = database_url.replace("store.db", "{service}.db")
    if "{service}" in named:
        (tmp_path / "matching.db").symlink_to(tmp_path / "store.db")
        return ["--database", named]
    return ["--database", f"{database_url}?application_name={{service}}"]


def test_the_earliest_deadlines_are_listed_and_the_rest_is_counted(
    mentoring: Mentoring, log_url: str, database_url: str, place: Sequence[str]
) -> None:
    with running(MATCHING, log_url, database_url):
        on_log(log_url, lambda log: told(log, database_url))

    answer = mentoring("timers", "list", "matching", "--limit", "2", *place)
    one = mentoring("timers", "list", "matching", "--program", PROGRAMS[3], "--json", *place)

    assert "m0" in answer.out
    assert "m2" not in answer.out
    assert "3 more: give --limit" in answer.err
    assert [(each["key"], each["name"]) for each in one.json] == [("m3", "resume")]


@pytest.mark.parametrize("partitions", [1, 4])
def test_an_idle_service_sets_the_timers_again_that_the_log_has_lost(
    mentoring: Mentoring, nats_url: str, database_url: str, place: Sequence[str], partitions: int
) -> None:
    on_log(nats_url, lambda log: provision.apply(log, partitions))
    with running(MATCHING, nats_url, database_url):
        on_log(nats_url, lambda log: told(log, database_url))
        before = on_log(nats_url, timers)
        on_log(nats_url, without_timers)
        answer = mentoring("timers", "sync", "matching", "--reason", "the log was restored", *place)
        after = on_log(nats_url, timers)

    assert len(before) == len(PROGRAMS)
    assert (answer.code, answer.out) == (0, "matching: 5 timers are set\n")
    assert after == before
    store = Store(MATCHING.tables, database_url)
    (kept,) = operation.listing(store)
    store.dispose()
    assert (kept.kind, kept.state, kept.reason) == ("timers", "done", "the log was restored")


def test_a_service_that_is_not_running_sets_them_when_it_starts(
    mentoring: Mentoring, log_url: str, database_url: str, place: Sequence[str]
) -> None:
    with running(MATCHING, log_url, database_url):
        on_log(log_url, lambda log: told(log, database_url))
    before = on_log(log_url, timers)
    on_log(log_url, without_timers)

    answer = mentoring("timers", "sync", "matching", "--patience", "0", *place)
    with running(MATCHING, log_url, database_url):
        on_log(log_url, lambda log: until(lambda: there(log, before), "they are set"))

    assert answer.code == 1
    assert "matching has not set them in time" in answer.err


def test_a_store_that_was_never_folded_into_is_told_and_the_act_has_failed(
    mentoring: Mentoring, database_url: str, place: Sequence[str]
) -> None:
    answer = mentoring("timers", "sync", "matching", *place)

    assert answer.code == 2
    assert "never folded anything into this database" in answer.err
    store = Store(MATCHING.tables, database_url)
    (kept,) = operation.listing(store)
    store.dispose()
    assert (kept.state, kept.detail) == ("failed", {"error": "Failure"})


def test_an_act_that_the_operator_ends_has_failed(
    mentoring: Mentoring,
    log_url: str,
    database_url: str,
    place: Sequence[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running(MATCHING, log_url, database_url):
        on_log(log_url, lambda log: told(log, database_url))

    async def end(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(timers_work, "_wait", end)

    assert mentoring("timers", "sync", "matching", *place).code == 130

    store = Store(MATCHING.tables, database_url)
    (kept,) = operation.listing(store)
    store.dispose()
    assert (kept.state, kept.detail) == ("failed", {"error": "KeyboardInterrupt"})


@pytest.mark.parametrize(
    "address", ["mysql://db/{service}", "postgresql://u:secret@db:port/{service}", "{service}"]
)
def test_an_address_that_is_none_is_refused_without_its_password(
    mentoring: Mentoring, address: str
) -> None:
    answer = mentoring("timers", "list", "--database", address)

    assert (answer.code, answer.out) == (2, "")
    assert "--database: use sqlite:///<file> or postgresql://" in answer.err
    assert "secret" not in answer.err


async def told(log: Log, database_url: str) -> None:
    """Mentors pause, and matching has folded it."""
    store = Store(MATCHING.tables, database_url)
    for each in PAUSES:
        await log.publish(each)
    query = "SELECT count(*) FROM timer"

    def count() -> bool:
        found = store.read(lambda c: c.exec_driver_sql(query).scalar())
        return bool(found == len(PAUSES))

    await until(count, "the deadlines are kept")
    store.dispose()
    await until(lambda: there(log, PROGRAMS), "the timers are in the log")


async def there(log: Log, wanted: Sequence[object]) -> bool:
    return len(await timers(log)) == len(wanted)


async def timers(log: Log) -> list[tuple[str, str]]:
    """The timers that stand in the log: subject and deadline."""
    found = await entries(log, "mentoring-timer.>")
    return sorted((each.subject, orjson.loads(each.body)["data"]["at"]) for each in found)


async def without_timers(log: Log) -> None:
    """As an import by other means leaves it."""
    body = orjson.dumps({"filter": "mentoring-timer.>"})
    assert (await log.request(f"$JS.API.STREAM.PURGE.{STREAM}", body))["success"]
