"""An event type is raised to a new major version: live, catch-up and rebuild agree over a log that holds both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import orjson
import pytest

from shared import catchup, fold
from shared.events.envelope import Event
from shared.service import Service
from tests.chaos import truth
from tests.lifecycle.raised import READER, TALLY_V2, raised
from tests.shared.replay.desk import FUTURE, Desk, lifecycle
from tests.tally.book import Book
from tests.tally.events import entry, progressed, redriven
from tests.tally.log import entries, open_log, publish
from tests.tally.service import TALLY


@pytest.fixture
async def desk(nats_url: str, new_url: Callable[[], str]) -> AsyncIterator[Desk]:
    async with open_log(nats_url) as log:
        desk = Desk(log, new_url)
        yield desk
        desk.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    if request.param == "postgresql":
        new: Callable[[], str] = request.getfixturevalue("new_postgres_url")
        return new
    names = iter(range(100))
    return lambda: f"sqlite:///{tmp_path / f'store-{next(names)}.db'}"


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Service]:
    """Deploy the next release: it reads both versions; gives its service."""

    def deploy() -> Service:
        for module in (fold, catchup):
            monkeypatch.setattr(module, "decode", READER.decode)
        return TALLY_V2

    return deploy


async def mixed(desk: Desk, release: Callable[[], Service]) -> Service:
    """A log of both versions: half of it answered by the old release, then by the new one."""
    old = lifecycle(200)
    await publish(desk.log, *old)
    await desk.fold(TALLY)
    newer = release()
    parked = next(event for event in old if getattr(event.data, "value", 0) == 666)
    await publish(
        desk.log, *both(lifecycle(200, first=200)), redriven(parked, n="again", at=FUTURE)
    )
    await desk.fold(newer)
    return newer


def both(events: Sequence[Event]) -> list[Event]:
    """Every other measurement by a publisher that speaks v2."""
    return [
        raised(event) if n % 2 and event.word == "progressed" else event
        for n, event in enumerate(events)
    ]


async def test_live_catch_up_and_rebuild_agree_over_both_versions(
    desk: Desk, release: Callable[[], Service], tmp_path: Path
) -> None:
    newer = await mixed(desk, release)

    told = [each for each in await entries(desk.log) if each.said_by or each.word == "progressed"]
    versions = {(each.word, orjson.loads(each.body)["type"][-2:]) for each in told}
    assert versions >= {
        (word, version) for word in ("progressed", "flagged") for version in ("v1", "v2")
    }
    live = desk.live.digest()
    assert await desk.rebuilt(newer) == live
    assert await truth.rebuilt_digest(desk.log, newer, tmp_path) == live


async def test_what_the_old_release_wrote_stands_when_the_new_one_folds_it(
    desk: Desk, release: Callable[[], Service]
) -> None:
    """So that the fold version need not rise, and no store be made again."""
    await publish(desk.log, *lifecycle(200))
    await desk.fold(TALLY)

    assert await desk.rebuilt(release()) == desk.live.digest()


async def test_an_old_event_that_the_old_release_parked_is_redriven_by_the_new_one(
    desk: Desk, release: Callable[[], Service]
) -> None:
    bad = progressed("c1", 666, n="bad", at=FUTURE)
    await publish(desk.log, bad)
    await desk.fold(TALLY)
    newer = release()
    await publish(desk.log, redriven(bad, at=FUTURE))

    await desk.fold(newer)

    said = [each for each in await entries(desk.log) if each.said_by]
    assert [(each.word, orjson.loads(each.body)["type"][-2:]) for each in said] == [
        ("parked", "v1"),
        ("flagged", "v2"),
    ]
    assert await desk.rebuilt(newer) == desk.live.digest()


def test_a_copy_in_the_newer_version_is_still_a_copy(release: Callable[[], Service]) -> None:
    """A publisher that was upgraded between its first try and the next."""
    book = Book(release())

    first, again = book.live(progressed(n=1), raised(progressed(n=1)))

    assert (len(first.answers), len(again.answers)) == (1, 0)


def test_an_event_of_a_major_that_is_not_known_yet_is_a_dead_letter_and_no_trouble() -> None:
    """A publisher that is ahead of the services: readers are deployed first."""
    book = Book(TALLY)
    ahead = entry(1, raised(progressed(n=1)))

    outcome = book.live_entry(ahead)

    assert outcome.letter is not None
    assert (outcome.letter.kind, outcome.letter.field) == ("invalid", "/type")
