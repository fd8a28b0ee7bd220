"""Agendas, plans and meetings over HTTP, and what is refused."""

from __future__ import annotations

import pytest
from httpx import AsyncClient

from tests.scheduling.history import MENTEE, MENTOR, available, paired
from tests.scheduling.serving import (
    BERLIN,
    WEEK,
    Desk,
    P,
    agenda,
    client_of,
    eventful,
    slots,
    store_of,
)

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


# -- every database --


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
