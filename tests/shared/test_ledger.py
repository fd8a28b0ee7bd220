"""The ledger: log first, exactly once on both sides, one way of recovering."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared import mark as marks
from shared.entry import Entry
from shared.events.envelope import HEADERS, Event, encode
from shared.fitness import NotReady
from shared.ledger import Ledger
from shared.log import STREAM, Fenced, Log, LogTrouble, Message
from shared.outcome import StoreRefused, StoreTrouble
from shared.service import Service
from shared.store import Store
from shared.world import Answer, World
from tests.backends.nats_server import NatsServer
from tests.tally.events import discarded, progressed, redriven, withdrawn
from tests.tally.log import entries, open_log, publish, until
from tests.tally.service import TALLY, Tally, decide_progressed

FUTURE = datetime(2099, 1, 1, tzinfo=UTC)


@dataclass
class Desk:
    """A log, a database, and ledgers on them, driven by hand."""

    log: Log
    url: str

    @asynccontextmanager
    async def ledger(
        self, service: Service = TALLY, owner: str = "one", url: str = ""
    ) -> AsyncIterator[Ledger]:
        """A ledger that has not started."""
        store = Store(service.tables, url or self.url)
        store.create_all()
        ledger = Ledger(service, store, self.log, owner=owner)
        try:
            yield ledger
        finally:
            await ledger.close()
            store.dispose()

    async def fold(self, service: Service = TALLY, *, owner: str = "one", url: str = "") -> str:
        """Start, fold what is in the log, settle; returns the store's digest."""
        async with self.ledger(service, owner, url) as ledger:
            start = await ledger.start()
            await ledger.fold(await self.read(start))
            await ledger.settle()
            return await self.digest(url)

    async def read(self, start: int) -> list[Entry]:
        return await entries(self.log, "mentoring.*.*.*.>", start=start)

    async def digest(self, url: str = "") -> str:
        store = Store(TALLY.tables, url or self.url)
        try:
            return store.digest()
        finally:
            store.dispose()

    async def told(self) -> list[Entry]:
        """What tally said."""
        return [entry for entry in await self.read(1) if entry.said_by == "tally"]

    async def letters(self) -> list[tuple[int, str]]:
        store = Store(TALLY.tables, self.url)
        try:
            rows = store.read(
                lambda c: c.exec_driver_sql("SELECT seq, kind FROM dead_letter ORDER BY seq").all()
            )
            return [(row[0], row[1]) for row in rows]
        finally:
            store.dispose()


@pytest.fixture
async def desk(nats_url: str, database_url: str) -> AsyncIterator[Desk]:
    async with open_log(nats_url) as log:
        yield Desk(log, database_url)


@pytest.fixture
async def small(nats_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """For what does not depend on the database."""
    async with open_log(nats_url) as log:
        yield Desk(log, f"sqlite:///{tmp_path / 'store.db'}")


def inputs(count: int, first: int = 0, at: datetime = FUTURE) -> list[Event]:
    """Inputs of many keys; timers do not fire."""
    return [
        progressed(f"c{n % 50}", float(n % 7), n=n, at=at + timedelta(seconds=n))
        for n in range(first, first + count)
    ]


# -- folding --


async def test_each_input_is_answered_once_and_the_answers_name_their_causes(desk: Desk) -> None:
    await publish(desk.log, *inputs(700))
    await desk.fold()
    told = await desk.told()
    assert [entry.cause for entry in told] == list(range(1, 701))
    assert {entry.word for entry in told} == {"flagged"}


async def test_the_store_is_what_the_log_alone_gives(desk: Desk, tmp_path: Path) -> None:
    bad = progressed("c7", 666, n="bad", at=FUTURE)
    await publish(
        desk.log,
        *inputs(300),
        bad,
        progressed("c1", 13, n="refused", at=FUTURE),
        *inputs(50),
        withdrawn("c3", n="left", at=FUTURE),
        discarded(bad),
        *inputs(100, 300),
    )
    live = await desk.fold()
    rebuilt = await desk.fold(owner="two", url=f"sqlite:///{tmp_path / 'rebuilt.db'}")
    assert rebuilt == live
    assert len(await desk.told()) == 402


async def test_the_mark_says_what_is_answered_and_moves_with_batches_without_answers_too(
    small: Desk,
) -> None:
    await publish(small.log, *inputs(3))
    last = await publish(small.log, withdrawn("c1", n="left"))
    await small.fold()
    assert (await marks.read(small.log, "tally", 0)).seq == last


async def test_nothing_is_published_for_a_batch_without_answers_until_it_settles(
    small: Desk,
) -> None:
    await publish(small.log, withdrawn("c1"))
    async with small.ledger() as ledger:
        start = await ledger.start()
        before = (await small.log.info()).last_seq
        await ledger.fold(await small.read(start))
        assert (await small.log.info()).last_seq == before
        assert ledger.progress.position == 1
        await ledger.settle()
        assert (await marks.read(small.log, "tally", 0)).seq == 1


async def test_a_timer_that_moves_many_times_in_one_batch_is_set_once_to_the_last(
    small: Desk,
) -> None:
    await publish(
        small.log, *[progressed("c1", n=n, at=FUTURE + timedelta(hours=n)) for n in range(200)]
    )
    async with small.ledger() as ledger:
        await ledger.fold(await small.read(await ledger.start()))
        assert ledger.progress.batches == 1
    found = await small.log.last("mentoring-timer.tally.acme.c1.expires")
    assert found is not None
    at = datetime.fromisoformat(json.loads(found[1])["data"]["at"])
    assert at == FUTURE + timedelta(hours=199, days=1)


async def test_a_timer_beyond_what_nats_can_count_to_waits(small: Desk) -> None:
    far = datetime(2500, 1, 1, tzinfo=UTC)
    past = datetime(2020, 1, 1, tzinfo=UTC)
    await publish(small.log, progressed("c1", n=1, at=far), progressed("c2", n=2, at=past))
    async with small.ledger() as ledger:
        await ledger.fold(await small.read(await ledger.start()))

    async def rang() -> bool:
        return bool(await entries(small.log, "mentoring.*.due.*.>"))

    await until(rang, "the past one rings")
    assert [e.subject for e in await entries(small.log, "mentoring.*.due.*.>")] == [
        "mentoring.acme.due.c2"
    ]
    waiting = await small.log.last("mentoring-timer.tally.acme.c1.expires")
    assert waiting is not None
    assert json.loads(waiting[1])["data"]["at"] == "2500-01-02T00:00:00Z"


async def test_an_input_with_hundreds_of_answers_takes_a_batch_of_its_own(small: Desk) -> None:
    def many(world: World, event: Event) -> list[Answer]:
        return decide_progressed(world, event) * 600

    await publish(small.log, *inputs(5))
    await small.fold(with_decide(many))
    assert len(await small.told()) == 3_000


async def test_copies_in_one_batch_and_in_later_ones_are_folded_once(desk: Desk) -> None:
    await publish(desk.log, *inputs(5), *inputs(5))
    await desk.fold()
    await publish(desk.log, *inputs(5), *inputs(1, 5))
    await desk.fold(owner="two")
    assert [entry.cause for entry in await desk.told() if entry.word == "flagged"][:5] == [
        1,
        2,
        3,
        4,
        5,
    ]
    assert len(await desk.told()) == 6


# -- starting again --


async def test_starting_on_an_empty_log_begins_at_its_beginning(desk: Desk) -> None:
    async with desk.ledger() as ledger:
        assert await ledger.start() == 1
        assert ledger.progress.state == "live"


async def test_a_start_goes_on_where_the_last_one_ended(desk: Desk) -> None:
    await publish(desk.log, *inputs(20))
    await desk.fold()
    await publish(desk.log, *inputs(20, 20))
    await desk.fold(owner="two")
    assert len(await desk.told()) == 40


async def test_a_batch_that_is_in_the_log_and_not_in_the_store_is_caught_up_and_not_said_again(
    desk: Desk,
) -> None:
    await publish(desk.log, *inputs(30))
    async with desk.ledger() as ledger:
        start = await ledger.start()
        ledger._folding.commit = _die  # type: ignore[method-assign]
        with pytest.raises(Killed):
            await ledger.fold(await desk.read(start))
    assert len(await desk.told()) == 30
    before = await desk.digest()
    assert await desk.fold(owner="two") != before
    assert len(await desk.told()) == 30


async def test_a_batch_that_is_not_in_the_log_is_not_in_the_store(desk: Desk) -> None:
    await publish(desk.log, *inputs(30))
    before = await empty_digest(desk)
    async with desk.ledger() as ledger:
        start = await ledger.start()
        ledger._publish = _away  # type: ignore[method-assign]
        with pytest.raises(LogTrouble):
            await ledger.fold(await desk.read(start))
    assert await desk.digest() == before
    await desk.fold(owner="two")
    assert len(await desk.told()) == 30


async def test_a_store_older_than_what_was_said_heals_and_says_nothing_twice(
    small: Desk, tmp_path: Path
) -> None:
    await publish(small.log, *inputs(40))
    await small.fold()
    old = (tmp_path / "store.db").read_bytes()
    await publish(small.log, *inputs(40, 40), progressed("c1", 666, n="bad"))
    live = await small.fold(owner="two")
    (tmp_path / "store.db").write_bytes(old)
    healed = await small.fold(owner="three")
    assert healed == live
    assert len(await small.told()) == 81


async def test_a_new_store_rebuilds_itself_from_the_log(desk: Desk, tmp_path: Path) -> None:
    await publish(desk.log, *inputs(600))
    live = await desk.fold()
    async with desk.ledger(url=f"sqlite:///{tmp_path / 'new.db'}", owner="two") as ledger:
        assert await ledger.start() == 601
        assert ledger.progress.batches == 0
    assert await desk.digest(f"sqlite:///{tmp_path / 'new.db'}") == live


# -- two owners --


async def test_an_older_owner_is_fenced_by_the_claim_of_a_newer_one(desk: Desk) -> None:
    await publish(desk.log, *inputs(10))
    async with desk.ledger(owner="one") as one, desk.ledger(owner="two") as two:
        start = await one.start()
        await two.start()
        batch = await desk.read(start)
        with pytest.raises(Fenced):
            await one.fold(batch)
        assert await desk.told() == []
        await one.start()
        with pytest.raises(Fenced):
            await two.fold(batch)


async def test_an_owner_whose_batch_was_folded_by_another_is_fenced_by_the_position(
    desk: Desk,
) -> None:
    await publish(desk.log, withdrawn("c1"))
    async with desk.ledger(owner="one") as one, desk.ledger(owner="two") as two:
        batch = await desk.read(await one.start())
        await two.start()
        await two.fold(batch)
        with pytest.raises(Fenced):
            await one.fold(batch)


async def test_two_owners_that_take_turns_say_everything_once(desk: Desk) -> None:
    await publish(desk.log, *inputs(60))
    async with desk.ledger(owner="one") as one, desk.ledger(owner="two") as two:
        for turn in range(12):
            ledger = (one, two)[turn % 2]
            start = await ledger.start()
            await ledger.fold((await desk.read(start))[:5])
        assert one.progress.position + two.progress.position > 60
    told = await desk.told()
    assert [entry.cause for entry in told] == list(range(1, 61))


# -- not ready --


async def test_a_store_of_another_log_is_not_used(desk: Desk, nats_server: NatsServer) -> None:
    await desk.fold()
    async with open_log(nats_server.url) as other:
        with pytest.raises(NotReady, match=r"belongs to the log .* connect the right log"):
            await Desk(other, desk.url).fold()


async def test_a_truncated_log_is_refused_with_words(small: Desk) -> None:
    await publish(small.log, *inputs(10))
    await small.fold()
    uuid = (await small.log.info()).uuid
    await recreate(small.log, uuid, keep=5)
    with pytest.raises(NotReady, match=r"truncated or replaced\. Restore the log"):
        await small.fold(owner="two")


async def test_a_log_that_grew_again_with_other_events_is_refused_with_words(small: Desk) -> None:
    await publish(small.log, *inputs(10))
    await small.fold()
    await recreate(small.log, (await small.log.info()).uuid, keep=0)
    await publish(small.log, *inputs(30, 500))
    with pytest.raises(NotReady, match="truncated or replaced"):
        await small.fold(owner="two")


async def test_a_store_of_another_fold_version_asks_for_a_rebuild(desk: Desk) -> None:
    await desk.fold()
    with pytest.raises(
        NotReady, match="fold version 1, this is 2: `mentoring replay rebuild tally`"
    ):
        await desk.fold(replace(TALLY, fold_version=2))


async def test_catching_up_stops_where_today_s_code_would_judge_otherwise(
    small: Desk, tmp_path: Path
) -> None:
    await publish(small.log, *inputs(3))
    await small.fold()
    broken = replace(TALLY, judges={}, evolves={**TALLY.evolves, type(inputs(1)[0].data): _raises})
    with pytest.raises(NotReady, match=r"sequence 1.*KeyError"):
        await small.fold(broken, owner="two", url=f"sqlite:///{tmp_path / 'new.db'}")


# -- refusals --


async def test_what_the_log_refuses_for_good_parks_the_one_input_in_which_it_lies(
    small: Desk,
) -> None:
    service = replace(TALLY, name="tally")
    await publish(small.log, *inputs(40))
    async with small.ledger(service) as ledger:
        send = ledger._log.send_batch
        ledger._log = _Strict(send, 17, small.log)  # type: ignore[assignment]
        await ledger.fold(await small.read(await ledger.start()))
        assert ledger.progress.letters == {"parked": 1}
    words = [(entry.cause, entry.word) for entry in await small.told()]
    assert len(words) == 40
    assert [word for word in words if word[1] != "flagged"] == [(17, "parked")]


async def test_what_the_store_refuses_for_good_parks_the_one_input_in_which_it_lies(
    desk: Desk,
) -> None:
    bad = progressed("c1", 2.0, n="bad", at=FUTURE)
    await publish(desk.log, *inputs(20), bad, *inputs(20, 20), progressed("c1", n="behind"))
    await desk.fold(too_large(bad.id))
    assert await desk.letters() == [(21, "parked"), (42, "parked")]
    assert len(await desk.told()) == 42
    assert len({entry.body for entry in await desk.told()}) == 42


async def test_what_the_store_refuses_while_the_batch_before_is_being_published_is_said_once(
    desk: Desk,
) -> None:
    """The store refuses to load; the chunk before it is in the log by then and not in the store."""
    events = inputs(700)
    refusing = with_decide(_refuses_to_load(events[400].id))
    await publish(desk.log, *events)
    async with desk.ledger(refusing) as ledger:
        for _ in range(20):
            try:
                start = await ledger.start()
                await ledger.fold(await desk.read(start))
            except StoreTrouble:
                continue
            break
    causes = [entry.cause for entry in await desk.told()]
    assert causes == list(range(1, 701))
    assert await desk.letters() == [
        (seq, "parked") for seq in range(401, 701) if (seq - 401) % 50 == 0
    ]


async def test_trouble_is_no_dead_letter_and_nothing_is_lost(small: Desk) -> None:
    await publish(small.log, *inputs(5))
    async with small.ledger(with_decide(_trouble)) as ledger:
        start = await ledger.start()
        with pytest.raises(StoreTrouble):
            await ledger.fold(await small.read(start))
    await small.fold(owner="two")
    assert await small.letters() == []
    assert len(await small.told()) == 5


async def test_a_redriven_input_is_read_again_from_the_log(desk: Desk) -> None:
    bad = progressed("c1", 666, n="bad")
    await publish(desk.log, bad)
    await desk.fold()
    await publish(desk.log, redriven(bad))
    await desk.fold(with_decide(lambda world, event: []), owner="two")
    store = Store(TALLY.tables, desk.url)
    transaction = store.connect()
    assert World(transaction).get(Tally, "acme", "c1") is not None
    transaction.close()
    store.dispose()
    assert await desk.letters() == [(1, "parked")]


async def test_an_effect_runs_for_what_is_folded_and_for_a_redriven_input_when_it_is(
    small: Desk,
) -> None:
    seen: list[str] = []
    service = replace(TALLY, effect=lambda event: seen.append(event.id))
    good, bad = progressed("c1", n="good"), progressed("c2", 666, n="bad")
    await publish(small.log, good, bad, progressed("c3", 13, n="refused"), good)
    await small.fold(service)
    assert seen == [good.id]
    await publish(small.log, redriven(bad))
    mended = replace(service, decides={})
    await small.fold(mended, owner="two")
    assert seen == [good.id, bad.id]


async def test_bytes_and_subjects_of_any_kind_end_as_dead_letters(desk: Desk) -> None:
    good = progressed("c1", n="good", at=FUTURE)
    strange = [
        Message("mentoring.acme.progressed.c1", b"not JSON"),
        Message("mentoring.acme.progressed.c1", b""),
        Message("mentoring.acme.progressed.c2", encode(good), HEADERS),
        Message("mentoring.a\x00b.progressed.c1", b"{}"),
        Message(f"mentoring.{'p' * 400}.{'w' * 300}.{'k' * 400}", b"{}"),
        Message("mentoring.\u00e4cme.exploded.\u00fc", b"{}"),
    ]
    for message in strange:
        await desk.log.send(message)
    await publish(desk.log, good)
    await desk.fold()
    assert await desk.letters() == [(seq, "invalid") for seq in range(1, 7)]
    assert [entry.cause for entry in await desk.told()] == [7]


# -- helpers --


class Killed(Exception):
    """Stands for kill -9 at this place."""


def _die() -> None:
    raise Killed


async def _away(work: object) -> None:
    raise LogTrouble("away")


def _raises(world: World, event: Event) -> list[Tally]:
    raise KeyError("new code")


def _trouble(world: World, event: Event) -> list[Answer]:
    raise StoreTrouble("away")


def with_decide(decide: Callable[[World, Event], list[Answer]]) -> Service:
    return replace(TALLY, decides={**TALLY.decides, type(inputs(1)[0].data): decide})


def too_large(bad: str) -> Service:
    """A service that folds one event into a number that no database takes."""

    def evolve(world: World, event: Event) -> list[Tally]:
        row = world.get(Tally, event.program, event.key)
        row = row or Tally(event.program, event.key, 0.0, 0, active=False)
        return [replace(row, count=2**80) if event.id == bad else row]

    return replace(TALLY, evolves={**TALLY.evolves, type(inputs(1)[0].data): evolve})


def _refuses_to_load(bad: str) -> Callable[[World, Event], list[Answer]]:
    def decide(world: World, event: Event) -> list[Answer]:
        if event.id == bad:
            raise StoreRefused("the database takes no such key")
        return decide_progressed(world, event)

    return decide


class _Strict:
    """A log that refuses a batch with the answer to one input, whatever it is, except that it is parked."""

    def __init__(
        self, send: Callable[[list[Message]], Awaitable[int]], cause: int, log: Log
    ) -> None:
        self._send, self._cause, self._log = send, str(cause), log

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    async def send_batch(self, messages: list[Message]) -> int:
        for message in messages:
            wrong = message.headers.get("Mentoring-Cause") == self._cause
            if wrong and ".parked." not in message.subject:
                headers = {**message.headers, "Nats-Schedule": "@at nonsense"}
                broken = replace(message, headers=headers)
                return await self._send([broken if m is message else m for m in messages])
        return await self._send(messages)


async def recreate(log: Log, uuid: str, keep: int) -> None:
    """The stream as an older backup of it would be: its first events, the same identity."""
    kept = await entries(log, "mentoring.*.*.*.>")
    config = (await log.request(f"$JS.API.STREAM.INFO.{STREAM}", b""))["config"]
    assert config["metadata"]["uuid"] == uuid
    await log.request(f"$JS.API.STREAM.DELETE.{STREAM}", b"")
    await log.request(f"$JS.API.STREAM.CREATE.{STREAM}", json.dumps(config).encode())
    for entry in kept[:keep]:
        await log.send(Message(entry.subject, entry.body))


async def empty_digest(desk: Desk) -> str:
    async with desk.ledger():
        return await desk.digest()
