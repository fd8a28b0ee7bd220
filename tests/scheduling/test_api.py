"""HTTP of scheduling, over a real store; the log's answer is given by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from pydantic import BaseModel
from sqlalchemy import Connection

from services.scheduling.api import router
from services.scheduling.app import SERVICE
from services.scheduling.detail_view import MeetingDetail
from services.scheduling.judge import JUDGES
from services.scheduling.plan_view import PlanView
from services.scheduling.time_view import HoursView, SlotsView
from services.scheduling.views import AgendaView
from shared.events.envelope import Event
from shared.events.outside import Available, Moved
from shared.runtime import Appended, Runtime
from shared.settings import Settings
from shared.store import Store
from tests.scheduling.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    History,
    a_pair,
    available,
    away,
    paired,
    utc,
)
from tests.scheduling.openapi import problems, untruths

T = TypeVar("T")
BERLIN = "Europe/Berlin"


@dataclass
class Desk:
    """What the routes ask of a running service: a real store, and a log that takes what it is given."""

    store: Store
    appended: list[Event] = field(default_factory=list)
    answer: Appended = field(default_factory=lambda: Appended(200, 7))
    settings: Settings = field(default_factory=Settings)

    async def read(self, query: Callable[[Connection], T]) -> T:
        return self.store.read(query)

    async def append(self, event: Event) -> Appended:
        self.appended.append(event)
        return self.answer


def eventful() -> History:
    """The first meeting was held, the second found no slot, the third was moved by Grace."""
    history = a_pair()
    history.say(MENTEE, available(exceptions=[away("2026-03-09T00:00", "2026-03-17T00:00")]))
    history.say(MENTOR, available("09:00", "PT12H", zone=BERLIN))
    history.wait(minutes=1)
    history.move(history.meeting(3), utc("2026-03-19T15:00"), by=MENTOR)
    history.wait_until(utc("2026-03-03T10:30"))
    history.attend(history.meeting(1), minutes=50)
    history.attend(history.meeting(1), MENTEE, source="self", minutes=10)
    return history


def store_of(history: History, url: str) -> Store:
    """A store with a history's rows."""
    store = Store(SERVICE.tables, url)
    store.create_all()
    transaction = store.connect()
    transaction.save(history.world.take_changes())
    transaction.commit()
    transaction.close()
    return store


def client_of(desk: Desk) -> AsyncClient:
    app = FastAPI()
    app.include_router(router(cast("Runtime", desk)))
    return AsyncClient(transport=ASGITransport(app), base_url="http://scheduling")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Only read."""
    folder = tmp_path_factory.mktemp("scheduling")
    store = store_of(eventful(), f"sqlite:///{folder}/scheduling.db")
    yield store
    store.dispose()


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[AsyncClient]:
    async with client_of(desk) as client:
        yield client


P = f"/programs/{PROGRAM}"
WEEK = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-05T00:00:00Z"}


async def agenda(client: AsyncClient, person: str, **query: str) -> Response:
    return await client.get(f"{P}/persons/{person}/agenda", params={**WEEK, **query})


async def slots(client: AsyncClient, **query: str) -> Response:
    return await client.get(f"{P}/slots", params={"a": MENTEE, "b": MENTOR, **WEEK, **query})


# -- agendas --


async def test_an_agenda_is_told_on_the_persons_own_clock(client: AsyncClient) -> None:
    found = (await agenda(client, MENTOR)).json()
    assert (found["person"], found["zone"]) == (MENTOR, BERLIN)
    assert (found["from"], found["to"]) == (
        "2026-03-01T01:00:00+01:00",
        "2026-03-05T01:00:00+01:00",
    )
    assert [row["starts_at"] for row in found["meetings"]] == ["2026-03-03T10:00:00+01:00"]
    assert found["meetings"][0]["cycle"] == "c1"
    assert found["meetings"][0]["type"] == "introduction"


async def test_an_agenda_is_told_on_another_clock_when_asked(client: AsyncClient) -> None:
    found = (await agenda(client, MENTOR, zone="Asia/Tokyo")).json()
    assert found["meetings"][0]["starts_at"] == "2026-03-03T18:00:00+09:00"


async def test_an_agenda_shows_at_most_so_many_and_says_that_there_are_more(
    client: AsyncClient,
) -> None:
    found = (await agenda(client, MENTEE, to="2026-06-01T00:00:00Z", limit="2")).json()
    assert (len(found["meetings"]), found["more"]) == (2, True)


async def test_a_stranger_has_an_empty_agenda(client: AsyncClient) -> None:
    found = (await agenda(client, "nobody")).json()
    assert (found["zone"], found["meetings"], found["more"]) == ("UTC", [], False)


# -- plans and meetings --


async def test_a_plan_tells_its_meetings_and_what_found_no_slot(client: AsyncClient) -> None:
    found = (await client.get(f"{P}/cycles/c1/plan")).json()
    assert (found["mentee"], found["mentor"], found["status"]) == (MENTEE, MENTOR, "running")
    assert [(row["number"], row["status"]) for row in found["meetings"]] == [
        (1, "met"),
        (2, "cancelled"),
        (3, "confirmed"),
        (4, "confirmed"),
    ]
    assert [(gap["number"], gap["constraint"]) for gap in found["unplaced"]] == [(2, "absence")]
    assert (found["planned"], found["cadence"], found["length"]) == (4, "FREQ=WEEKLY", 60)


async def test_a_plan_is_told_on_the_mentors_clock_unless_another_is_asked_for(
    client: AsyncClient,
) -> None:
    mentors = (await client.get(f"{P}/cycles/c1/plan")).json()
    other = (await client.get(f"{P}/cycles/c1/plan?zone=Asia/Tokyo")).json()
    assert (mentors["zone"], other["zone"]) == (BERLIN, "Asia/Tokyo")
    assert mentors["meetings"][0]["starts_at"] == "2026-03-03T10:00:00+01:00"
    assert other["meetings"][0]["starts_at"] == "2026-03-03T18:00:00+09:00"


async def test_a_plan_says_who_moved_a_meeting_and_how_the_inconvenience_is_shared(
    client: AsyncClient,
) -> None:
    found = (await client.get(f"{P}/cycles/c1/plan")).json()
    change = found["meetings"][2]["change"]
    assert (change["cause"], change["by"], change["sequence"]) == ("moved", MENTOR, 1)
    shared = found["inconvenience"]
    assert (shared["mentee"]["zone"], shared["mentor"]["zone"]) == ("UTC", BERLIN)
    assert shared["mentee"]["minutes"] == sum(
        row["outside"]["mentee"] or 0 for row in found["meetings"] if row["status"] != "cancelled"
    )


async def test_a_meeting_tells_its_evidence_and_what_it_comes_to(client: AsyncClient) -> None:
    plan = (await client.get(f"{P}/cycles/c1/plan")).json()
    one = plan["meetings"][0]["meeting"]
    found = (await client.get(f"{P}/cycles/c1/meetings/{one}")).json()
    assert [(row["person"], row["source"]) for row in found["evidence"]] == [
        (MENTEE, "conference"),
        (MENTEE, "self"),
        (MENTOR, "conference"),
    ]
    assert (found["proof"]["overlap"], found["proof"]["suffices"]) == (50, True)
    assert found["meeting"]["verdict"]["overlap"] == 50
    assert [row["code"] for row in found["contradictions"]] == ["lengths_differ"]
    assert [row["cause"] for row in found["history"]] == ["planned"]


# -- hours and slots --


async def test_a_persons_hours_are_shown_with_the_meetings_taken_off(client: AsyncClient) -> None:
    found = (await client.get(f"{P}/persons/{MENTOR}/hours", params=WEEK)).json()
    assert (found["zone"], found["own_zone"], found["stated"]) == (BERLIN, BERLIN, True)
    times = [(row["starts_at"], row["ends_at"]) for row in found["free"]]
    assert found["meetings"] == [
        {"starts_at": "2026-03-03T10:00:00+01:00", "ends_at": "2026-03-03T11:00:00+01:00"}
    ]
    assert times[0] == ("2026-03-02T09:00:00+01:00", "2026-03-02T21:00:00+01:00")
    assert times[1] == ("2026-03-03T09:00:00+01:00", "2026-03-03T10:00:00+01:00")
    assert times[2] == ("2026-03-03T11:00:00+01:00", "2026-03-03T21:00:00+01:00")


async def test_somebody_who_has_stated_nothing_has_no_hours(client: AsyncClient) -> None:
    found = (await client.get(f"{P}/persons/nobody/hours", params=WEEK)).json()
    assert (found["stated"], found["hours"]) == (False, [])
    assert "own_zone" not in found


async def test_slots_lie_in_both_persons_hours_and_apart_from_their_meetings(
    client: AsyncClient,
) -> None:
    found = (await slots(client, zone="UTC")).json()
    times = [(row["starts_at"], row["ends_at"]) for row in found["openings"]]
    assert times == [
        ("2026-03-02T09:00:00Z", "2026-03-02T17:00:00Z"),
        ("2026-03-03T10:15:00Z", "2026-03-03T17:00:00Z"),
        ("2026-03-04T09:00:00Z", "2026-03-04T17:00:00Z"),
    ]
    assert (found["cycle"], found["rules"], found["length"]) == ("c1", "r1", 60)
    assert not found["more"]
    assert "constraint" not in found


async def test_a_slot_tells_its_first_start_on_both_clocks(client: AsyncClient) -> None:
    one = (await slots(client)).json()["openings"][0]
    assert one["clocks"] == [
        {"person": MENTEE, "zone": "UTC", "starts_at": "2026-03-02T09:00:00Z", "outside": 0},
        {"person": MENTOR, "zone": BERLIN, "starts_at": "2026-03-02T10:00:00+01:00", "outside": 0},
    ]
    assert one["first"] == "2026-03-02T09:00:00Z"


async def test_no_slot_says_what_stands_in_the_way(client: AsyncClient) -> None:
    away_then = {"from": "2026-03-09T00:00:00Z", "to": "2026-03-14T00:00:00Z"}
    found = (await slots(client, **away_then)).json()
    assert (found["openings"], found["constraint"]) == ([], "absence")
    assert found["sentence"].endswith(".")
    longer = (await slots(client, length="PT9H")).json()
    assert longer["constraint"] == "no_common_time"
    after = {"from": "2027-03-09T00:00:00Z", "to": "2027-03-14T00:00:00Z"}
    assert (await slots(client, **after)).json()["constraint"] == "program_days"


async def test_slots_are_the_same_whoever_is_asked_about_first(client: AsyncClient) -> None:
    one = (await slots(client, zone="UTC")).json()
    other = (await slots(client, a=MENTOR, b=MENTEE, zone="UTC")).json()
    assert [row["first"] for row in one["openings"]] == [row["first"] for row in other["openings"]]
    assert (one["cycle"], other["cycle"]) == ("c1", "c1")


async def test_the_time_of_the_meeting_that_is_to_be_moved_is_free(client: AsyncClient) -> None:
    plan = (await client.get(f"{P}/cycles/c1/plan")).json()
    moved = plan["meetings"][2]
    week = {"from": "2026-03-19T00:00:00Z", "to": "2026-03-20T00:00:00Z", "zone": "UTC"}
    beside = (await slots(client, **week)).json()["openings"]
    moving = (await slots(client, **week, moving=moved["meeting"])).json()["openings"]
    assert [row["ends_at"] for row in beside] == ["2026-03-19T14:45:00Z"]
    assert [row["ends_at"] for row in moving] == ["2026-03-19T17:00:00Z"]


async def test_two_who_are_no_pair_are_looked_at_by_the_rules_in_force(client: AsyncClient) -> None:
    found = (await slots(client, b="stranger")).json()
    assert (found["rules"], found["length"]) == ("r1", 60)
    assert "cycle" not in found
    assert found["constraint"] == "no_availability"


async def test_at_most_so_many_slots_are_shown(client: AsyncClient) -> None:
    found = (await slots(client, limit="2")).json()
    assert (len(found["openings"]), found["more"]) == (2, True)


# -- refusals --


BAD = [
    ({"zone": "Mars/Olympus"}, "/zone", "must be an IANA time zone"),
    ({"from": "yesterday"}, "/from", "must be an RFC 3339 instant"),
    ({"to": "2026-03-01T00:00:00"}, "/to", "must be an RFC 3339 instant"),
    ({"to": "2026-03-01T00:00:00Z"}, "/to", "must be after from"),
]
ENDLESS = ({"to": "2029-03-01T00:00:00Z"}, "/to", "must be at most 366 days after from")
MORE: list[tuple[dict[str, str], str, str]] = [
    ENDLESS,
    ({"length": "PT0H"}, "/length", "must last at least a minute"),
    ({"length": "P1D"}, "/length", "must be given in hours and minutes"),
    ({"length": "an hour"}, "/length", "must be an ISO 8601 duration"),
    ({"b": MENTEE}, "/b", "must be another person than a"),
    ({"a": "two words"}, "/a", "should match pattern"),
    ({"limit": "0"}, "/limit", "greater than or equal to 1"),
]
QUESTIONS = [
    *(("persons/ada/agenda", *each) for each in BAD),
    *(("persons/ada/hours", *each) for each in [*BAD, ENDLESS]),
    *(("slots", *each) for each in [*BAD, *MORE]),
    ("cycles/c1/plan", {"zone": "Mars/Olympus"}, "/zone", "must be an IANA time zone"),
    ("cycles/c1/meetings/m", {"zone": "Mars/Olympus"}, "/zone", "must be an IANA time zone"),
]


@pytest.mark.parametrize("path,query,field,rule", QUESTIONS)
async def test_a_bad_question_is_refused_by_field_and_rule(
    client: AsyncClient, path: str, query: dict[str, str], field: str, rule: str
) -> None:
    params = {"a": MENTEE, "b": MENTOR, **WEEK, **query}
    answer = await client.get(f"{P}/{path}", params=params)
    assert answer.status_code == 422
    assert answer.json().keys() == {"field", "rule"}
    assert answer.json()["field"] == field
    assert rule in answer.json()["rule"]


UNKNOWN = [
    ("/programs/other/persons/ada/agenda", "/program", "unknown_program"),
    ("/programs/other/persons/ada/hours", "/program", "unknown_program"),
    (f"/programs/other/slots?a={MENTEE}&b={MENTOR}", "/program", "unknown_program"),
    (f"{P}/cycles/c9/plan", "/cycle", "unknown_cycle"),
    (f"{P}/cycles/c9/meetings/m1", "/cycle", "unknown_cycle"),
    (f"{P}/cycles/c1/meetings/m1", "/meeting", "unknown_meeting"),
    (f"{P}/slots?a={MENTEE}&b={MENTOR}&moving=m1", "/moving", "unknown_meeting"),
    (f"{P}/slots?a={MENTEE}&b=stranger&moving=m1", "/moving", "unknown_meeting"),
]


@pytest.mark.parametrize("path,field,rule", UNKNOWN)
async def test_what_is_unknown_is_not_found_and_named(
    client: AsyncClient, path: str, field: str, rule: str
) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()) == (404, {"field": field, "rule": rule})


# -- every database, and the description --


async def test_every_query_is_answered_alike_on_each_database(database_url: str) -> None:
    history = eventful()
    history.say("bea", available())
    history.say("c2", paired("bea", MENTOR))
    desk = Desk(store_of(history, database_url))
    try:
        async with client_of(desk) as client:
            found = (await agenda(client, MENTOR, to="2026-03-11T00:00:00Z", zone="UTC")).json()
            plan = (await client.get(f"{P}/cycles/c1/plan")).json()
            opened = (await slots(client, zone="UTC")).json()
            hours = (await client.get(f"{P}/persons/{MENTOR}/hours", params=WEEK)).json()
    finally:
        desk.store.dispose()
    assert [row["cycle"] for row in found["meetings"]] == ["c1", "c2", "c1"]
    assert [row["number"] for row in plan["meetings"]] == [1, 2, 3, 4]
    assert len(opened["openings"]) == 4
    assert len(hours["meetings"]) == 2


ROUTES = {
    "agenda": "/programs/{program}/persons/{person}/agenda",
    "hours": "/programs/{program}/persons/{person}/hours",
    "plan": "/programs/{program}/cycles/{cycle}/plan",
    "meeting": "/programs/{program}/cycles/{cycle}/meetings/{meeting}",
    "slots": "/programs/{program}/slots",
}


async def test_what_is_answered_is_what_the_openapi_document_declares(client: AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    plan = (await client.get(f"{P}/cycles/c1/plan")).json()
    of_cycle = f"{P}/cycles/c1"
    answers = {
        "agenda": [
            await agenda(client, MENTOR, to="2026-06-01T00:00:00Z"),
            await agenda(client, MENTEE, zone="x"),
        ],
        "hours": [
            await client.get(f"{P}/persons/{each}/hours", params=WEEK)
            for each in (MENTOR, "nobody")
        ],
        "plan": [await client.get(f"{of_cycle}/plan"), await client.get(f"{P}/cycles/c9/plan")],
        "meeting": [
            *[
                await client.get(f"{of_cycle}/meetings/{each['meeting']}")
                for each in plan["meetings"]
            ],
            await client.get(f"{of_cycle}/meetings/m9"),
        ],
        "slots": [
            await slots(client),
            await slots(client, b="stranger"),
            await slots(client, b=MENTEE),
        ],
    }
    assert {answer.status_code for each in answers.values() for answer in each} == {200, 404, 422}
    for name, each in answers.items():
        for answer in each:
            assert untruths(document, ROUTES[name], answer) == []


VIEWS: list[type[BaseModel]] = [AgendaView, PlanView, MeetingDetail, HoursView, SlotsView]


@pytest.mark.parametrize("view", VIEWS)
async def test_openapi_describes_each_body_with_an_example_that_it_could_be(
    client: AsyncClient, view: type[BaseModel]
) -> None:
    document = (await client.get("/openapi.json")).json()
    (example,) = document["components"]["schemas"][view.__name__]["examples"]
    assert problems(document, {"$ref": f"#/components/schemas/{view.__name__}"}, example) == []


# -- commands --


MOVED: dict[str, Any] = {"meeting": "m1", "sequence": 0, "by": MENTEE}


async def test_a_command_becomes_an_event_from_the_api(client: AsyncClient, desk: Desk) -> None:
    answer = await client.post(f"/programs/{PROGRAM}/moved/c1", json=MOVED)
    assert (answer.status_code, answer.json()["sequence"]) == (200, 7)
    event = desk.appended[0]
    assert (event.source, event.key, event.data) == ("/mentoring/api", "c1", Moved(**MOVED))
    assert answer.json()["event"] == event.id


async def test_the_same_idempotency_key_is_the_same_event(client: AsyncClient, desk: Desk) -> None:
    for key in ("a", "a", "b"):
        headers = {"Idempotency-Key": key}
        await client.post(f"/programs/{PROGRAM}/moved/c1", json=MOVED, headers=headers)
    first, again, other = (event.id for event in desk.appended)
    assert first == again != other


async def test_a_person_states_time_by_command(client: AsyncClient, desk: Desk) -> None:
    window = {"byday": ["MO"], "start": "09:00", "duration": "PT8H"}
    body = {"zone": "Europe/Berlin", "weekly": [window]}
    assert (await client.post(f"/programs/{PROGRAM}/available/ada", json=body)).status_code == 200
    assert isinstance(desk.appended[0].data, Available)


async def test_a_refused_command_names_rule_and_field(client: AsyncClient, desk: Desk) -> None:
    desk.answer = Appended(409, 8, "notice", "/data/meeting")
    answer = await client.post(f"/programs/{PROGRAM}/moved/c1", json=MOVED)
    assert answer.status_code == 409
    assert (answer.json()["rule"], answer.json()["field"]) == ("notice", "/data/meeting")


OUTCOMES = [Appended(200, 7), Appended(202, 7), Appended(409, 8, "notice", "/data/meeting")]


async def test_what_became_of_a_command_is_told_as_the_openapi_document_declares(
    client: AsyncClient, desk: Desk
) -> None:
    document = (await client.get("/openapi.json")).json()
    path = "/programs/{program}/moved/{key}"
    for outcome in OUTCOMES:
        desk.answer = outcome
        answer = await client.post(f"{P}/moved/c1", json=MOVED)
        assert answer.status_code == outcome.status
        assert untruths(document, path, answer) == []
    broken = await client.post(f"{P}/moved/c1", json={})
    assert broken.status_code == 422
    assert untruths(document, path, broken) == []


WRONG: list[tuple[str, Any, str]] = [
    ("moved", {"meeting": "m1", "by": MENTEE}, "/data/sequence"),
    ("available", {"zone": "Mars/Olympus"}, "/data/zone"),
    ("cancelled", {"meeting": "no spaces", "sequence": 0, "by": MENTEE}, "/data/meeting"),
]


@pytest.mark.parametrize("word,body,field", WRONG)
async def test_a_command_that_breaks_the_contract_never_reaches_the_log(
    client: AsyncClient, desk: Desk, word: str, body: Any, field: str
) -> None:
    answer = await client.post(f"/programs/{PROGRAM}/{word}/c1", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert desk.appended == []


async def test_what_is_no_json_is_refused(client: AsyncClient) -> None:
    answer = await client.post(f"/programs/{PROGRAM}/moved/c1", content=b"\xff{")
    assert (answer.status_code, answer.json()["field"]) == (422, "/data")


async def test_the_commands_stand_in_the_openapi_document_with_their_schemas(
    client: AsyncClient,
) -> None:
    document = (await client.get("/openapi.json")).json()
    for word in ("available", *(model.WORD for model in JUDGES)):
        body = document["paths"][f"/programs/{{program}}/{word}/{{key}}"]["post"]["requestBody"]
        assert body["content"]["application/json"]["schema"]["type"] == "object"
