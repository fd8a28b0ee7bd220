"""HTTP of the calendars over a real store: addresses, feeds, conditional requests, invitations."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import Connection

from services.scheduling import feed_api
from services.scheduling.app import SERVICE
from services.scheduling.feed_api import feed_router
from services.scheduling.feed_key import FeedKey
from shared.events.people import Revoked
from shared.frozen import replace
from shared.outcome import StoreTrouble
from shared.runtime import Runtime
from shared.settings import BadSetting, Settings
from shared.store import Store
from tests.scheduling.appointments import by_ical, by_vobject
from tests.scheduling.history import MENTEE, MENTOR, PROGRAM, History, a_pair, attended

T = TypeVar("T")
KEY = base64.b64encode(bytes(32)).decode()
PUBLIC = "https://calendars.example.org/m"
LONG_AGO = 36_500
"""Days: the history is one of 2026, and a feed forgets what is 90 days old."""


@dataclass
class Desk:
    """What the routes ask of a running service."""

    store: Store
    settings: Settings

    async def read(self, query: Callable[[Connection], T]) -> T:
        return self.store.read(query)


class Away(Desk):
    """A service whose database is not there."""

    async def read(self, query: Callable[[Connection], T]) -> T:
        raise StoreTrouble("connection to server at db.internal, port 5432 failed")


@pytest.fixture(autouse=True)
def _nothing_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_api, "BACK", feed_api.BACK * LONG_AGO / 90)


@pytest.fixture
def history() -> History:
    return a_pair()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(SERVICE.tables, f"sqlite:///{tmp_path}/scheduling.db")
    store.create_all()
    yield store
    store.dispose()


def keep(store: Store, history: History) -> None:
    transaction = store.connect()
    transaction.save(history.world.take_changes())
    transaction.commit()
    transaction.close()


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    file = tmp_path / "calendars.json"
    file.write_text(
        json.dumps(
            {
                "default": {
                    "join": "https://meet.example.org/{room}",
                    "address": "mailto:{person}@example.org",
                    "organizer": "mailto:mentoring@example.org",
                }
            }
        )
    )
    return file


def asking(store: Store, settings: Settings) -> AsyncClient:
    return served(Desk(store, settings))


def served(desk: Desk) -> AsyncClient:
    app = FastAPI()
    app.include_router(feed_router(cast("Runtime", desk)))
    return AsyncClient(transport=ASGITransport(app), base_url="http://scheduling")


@pytest.fixture
async def client(store: Store, history: History, templates: Path) -> AsyncIterator[AsyncClient]:
    keep(store, history)
    settings = Settings(calendar_key=KEY, calendars=templates, public_url=PUBLIC)
    async with asking(store, settings) as client:
        yield client


async def address(client: AsyncClient, person: str = MENTEE) -> dict[str, Any]:
    answer = await client.get(f"/programs/{PROGRAM}/persons/{person}/calendar")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


# -- the address --------------------------------------------------------------------------------


async def test_an_address_is_whole_and_nobody_can_guess_it(client: AsyncClient) -> None:
    found = await address(client)
    assert found["url"] == PUBLIC + found["path"]
    assert found["generation"] == 0
    assert found["path"].startswith(f"/calendar/{PROGRAM}/{MENTEE}/")
    assert len(found["path"].rpartition("/")[2]) == 43 + len(".ics")


async def test_an_address_is_kept_by_nobody_on_the_way(client: AsyncClient) -> None:
    answer = await client.get(f"/programs/{PROGRAM}/persons/{MENTEE}/calendar")
    assert answer.headers["Cache-Control"] == "no-store"


async def test_without_a_public_address_only_the_path_is_told(
    store: Store, history: History
) -> None:
    keep(store, history)
    async with asking(store, Settings(calendar_key=KEY)) as client:
        found = await address(client)
    assert found["url"] is None
    assert found["path"]


async def test_a_stranger_has_no_address(client: AsyncClient) -> None:
    answer = await client.get(f"/programs/{PROGRAM}/persons/nobody/calendar")
    assert answer.status_code == 404
    assert answer.json() == {"field": "/person", "rule": "unknown_person"}


async def test_without_a_key_there_are_neither_addresses_nor_feeds(
    store: Store, history: History
) -> None:
    keep(store, history)
    path = FeedKey(bytes(32)).token(PROGRAM, MENTEE, 0)
    async with asking(store, Settings()) as client:
        answer = await client.get(f"/programs/{PROGRAM}/persons/{MENTEE}/calendar")
        feed = await client.get(f"/calendar/{PROGRAM}/{MENTEE}/{path}.ics")
    assert answer.status_code == 409
    assert answer.json() == {"field": "MENTORING_CALENDAR_KEY_FILE", "rule": "no_calendar_key"}
    assert feed.status_code == 404


async def test_a_withdrawn_address_is_none_any_more_and_the_next_one_differs(
    client: AsyncClient, store: Store, history: History
) -> None:
    before = await address(client)
    theirs = await address(client, MENTOR)
    history.say(MENTEE, Revoked())
    keep(store, history)
    after = await address(client)
    assert (after["generation"], after["path"] == before["path"]) == (1, False)
    assert (await client.get(before["path"])).status_code == 404
    assert (await client.get(after["path"])).status_code == 200
    assert (await address(client, MENTOR)) == theirs


# -- the feed -----------------------------------------------------------------------------------


async def test_a_feed_is_what_stands_for_both_of_a_pair(
    client: AsyncClient, history: History
) -> None:
    mine, theirs = [
        (await client.get((await address(client, person))["path"])).content
        for person in (MENTEE, MENTOR)
    ]
    assert mine == theirs
    events = by_ical(mine).events
    assert [event.uid for event in events] == [row.uid for row in history.meetings()]
    assert [event.dtstart for event in events] == [row.starts_at for row in history.meetings()]
    assert len(by_vobject(mine).vevent_list) == len(history.meetings()) == 4


async def test_a_feed_is_sent_with_what_readers_need_to_keep_it(client: AsyncClient) -> None:
    answer = await client.get((await address(client))["path"])
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, max-age=300"
    assert answer.headers["Last-Modified"] == "Mon, 02 Mar 2026 09:00:00 GMT"
    assert int(answer.headers["Content-Length"]) == len(answer.content)


async def test_a_moved_and_a_cancelled_meeting_change_the_feed(
    client: AsyncClient, store: Store, history: History
) -> None:
    path = (await address(client))["path"]
    before = await client.get(path)
    third, fourth = history.meetings()[2:]
    history.move(third, third.starts_at.replace(hour=15))
    history.cancel(fourth)
    keep(store, history)
    after = await client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    found = {event.uid: event for event in by_ical(after.content).events}
    moved, dropped = found[third.uid], found[fourth.uid]
    assert (moved.sequence, moved.status) == (1, "CONFIRMED")
    assert moved.dtstart == third.starts_at.replace(hour=15)
    assert (dropped.sequence, dropped.status) == (1, "CANCELLED")


async def test_what_is_long_over_leaves_the_feed(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = (await address(client))["path"]
    monkeypatch.setattr(feed_api, "BACK", -feed_api.BACK)
    answer = await client.get(path)
    assert answer.status_code == 200
    assert by_ical(answer.content).events == []
    assert "Last-Modified" not in answer.headers


async def test_who_has_it_already_is_told_so_and_nothing_is_written(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = (await address(client))["path"]
    tag = (await client.get(path)).headers["ETag"]
    monkeypatch.setattr(feed_api, "rendered", None)
    for named in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = await client.get(path, headers={"If-None-Match": named})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["ETag"] == tag
        assert answer.headers["Cache-Control"] == "private, max-age=300"


async def test_several_lines_of_tags_are_read_as_one_list(client: AsyncClient) -> None:
    path = (await address(client))["path"]
    tag = (await client.get(path)).headers["ETag"]
    lines = [("If-None-Match", '"other"'), ("If-None-Match", tag)]
    assert (await client.get(path, headers=lines)).status_code == 304


async def test_a_change_told_by_a_clock_that_is_ahead_dates_no_feed_after_its_answer(
    client: AsyncClient, store: Store, history: History
) -> None:
    last = history.meetings()[3]
    said = last.history[-1]
    ahead = datetime.now(UTC) + timedelta(days=2)
    history.world.apply([replace(last, history=(replace(said, at=ahead),))])
    history.world.keep()
    keep(store, history)
    answer = await client.get((await address(client))["path"])
    assert "Last-Modified" not in answer.headers
    assert by_ical(answer.content).events[3].dtstamp == ahead.replace(microsecond=0)


async def test_a_database_that_is_away_is_no_news_for_the_world(store: Store) -> None:
    away = Away(store, Settings(calendar_key=KEY))
    path = f"/calendar/{PROGRAM}/{MENTEE}/{FeedKey(bytes(32)).token(PROGRAM, MENTEE, 0)}.ics"
    async with served(away) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.content) == (503, b"")
    assert answer.headers["Retry-After"] == "2"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_feed_that_did_not_change_is_written_once(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = (await address(client))["path"]
    first = await client.get(path)
    monkeypatch.setattr(feed_api, "rendered", None)
    again = await client.get(path, headers={"If-None-Match": '"other"'})
    assert (again.status_code, again.content) == (200, first.content)


async def test_head_answers_as_get_without_the_text(client: AsyncClient) -> None:
    path = (await address(client))["path"]
    whole, head = await client.get(path), await client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == whole.headers
    held = {"If-None-Match": whole.headers["ETag"]}
    assert (await client.head(path, headers=held)).status_code == 304


WRONG = [
    "/calendar/{program}/{person}/{token}x.ics",
    "/calendar/{program}/{person}/x.ics",
    "/calendar/{program}/{person}/%00.ics",
    "/calendar/{program}/grace/{token}.ics",
    "/calendar/{program}/nobody/{token}.ics",
    "/calendar/{program}/a%20b/{token}.ics",
    "/calendar/other/{person}/{token}.ics",
    "/calendar/%00/{person}/{token}.ics",
]


@pytest.mark.parametrize("path", WRONG)
async def test_every_wrong_address_is_answered_alike(client: AsyncClient, path: str) -> None:
    token = (await address(client))["path"].rpartition("/")[2].removesuffix(".ics")
    answer = await client.get(path.format(program=PROGRAM, person=MENTEE, token=token))
    assert answer.status_code == 404
    assert answer.json() == {"field": "/calendar", "rule": "unknown_calendar"}
    assert set(answer.headers) == {"content-length", "content-type"}


# -- an invitation ------------------------------------------------------------------------------


def invitation_of(meeting: str, cycle: str = "c1") -> str:
    return f"/programs/{PROGRAM}/cycles/{cycle}/meetings/{meeting}/invitation.ics"


async def test_an_invitation_is_of_the_meeting_as_it_stands(
    client: AsyncClient, history: History
) -> None:
    meeting = history.meetings()[0]
    answer = await client.get(invitation_of(meeting.meeting))
    assert answer.headers["Content-Type"] == "text/calendar; method=REQUEST; charset=utf-8"
    (event,) = by_ical(answer.content).events
    assert (event.uid, event.sequence, event.dtstart) == (meeting.uid, 0, meeting.starts_at)
    guests = [guest.uri for guest in event.attendees]
    assert guests == [f"mailto:{person}@example.org" for person in (MENTEE, MENTOR)]
    again = {"If-None-Match": answer.headers["ETag"]}
    assert (await client.get(invitation_of(meeting.meeting), headers=again)).status_code == 304
    assert (await client.head(invitation_of(meeting.meeting))).headers == answer.headers


async def test_a_cancelled_meeting_is_called_off(
    client: AsyncClient, store: Store, history: History
) -> None:
    meeting = history.meetings()[3]
    history.cancel(meeting)
    keep(store, history)
    answer = await client.get(invitation_of(meeting.meeting))
    assert answer.headers["Content-Type"] == "text/calendar; method=CANCEL; charset=utf-8"
    calendar = by_ical(answer.content)
    assert calendar.method == "CANCEL"
    assert (calendar.events[0].status, calendar.events[0].sequence) == ("CANCELLED", 1)


async def test_nobody_is_invited_to_a_meeting_that_is_not_known(client: AsyncClient) -> None:
    answer = await client.get(invitation_of("m9"))
    assert answer.status_code == 404
    assert answer.json() == {"field": "/meeting", "rule": "unknown_meeting"}


async def test_nobody_is_invited_to_what_is_known_from_evidence_alone(
    client: AsyncClient, store: Store, history: History
) -> None:
    at = history.meetings()[0].ends_at
    history.wait_until(at + timedelta(hours=1))
    history.say("c1", attended("coffee", MENTEE, at, at + timedelta(minutes=30)))
    coffee = next(row for row in history.meetings() if not row.planned)
    keep(store, history)
    answer = await client.get(invitation_of(coffee.meeting))
    assert answer.status_code == 409
    assert answer.json() == {"field": "/meeting", "rule": "never_scheduled"}
    feed = await client.get((await address(client))["path"])
    assert coffee.uid not in {event.uid for event in by_ical(feed.content).events}


# -- at start -----------------------------------------------------------------------------------


def test_settings_that_cannot_be_used_stop_the_service(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="MENTORING_CALENDARS"):
        asking(store, Settings(calendar_key=KEY, calendars=tmp_path / "nothing.json"))


async def test_the_routes_stand_in_the_openapi_document(client: AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    feed = paths["/calendar/{program}/{person}/{token}.ics"]
    assert set(feed) == {"get"}
    assert set(feed["get"]["responses"]) >= {"200", "304", "404"}
    assert "text/calendar" in feed["get"]["responses"]["200"]["content"]
