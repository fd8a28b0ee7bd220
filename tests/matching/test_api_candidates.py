"""Candidates over HTTP: whom matching would try, as a coordinator and as a mentee may see it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from services.matching.views import CandidatesView, LoadView, PoolView, RoundView
from shared.events import outside
from shared.outcome import DeadLetter
from shared.store import Store
from shared.world import Ref
from tests.matching.history import PROGRAM, History, a_program, hours, left, requested, withdrawn
from tests.matching.test_api import Fake, MakeClient, client_of, make_client, store_at, store_of

__all__ = ["make_client"]

PREVIEW = f"/programs/{PROGRAM}/preview"


def of(cycle: str, view: str = "coordinator", limit: int = 10) -> str:
    return f"/programs/{PROGRAM}/cycles/{cycle}/candidates?view={view}&limit={limit}"


def a_pool() -> History:
    """Ann waits, because rounds begin with nine; mia suits best, max less, moe is full, nat is asleep."""
    history = a_program(rounds={"waiting": 9}, hard=("language", "time"))
    history.a_mentor("mia", skills=("python", "sql"), capacity=2)
    history.a_mentor("max", skills=("python",))
    history.a_mentor("moe", skills=("python", "sql"), capacity=0)
    history.a_mentor("nat", time=hours("03:00", 30))
    history.a_request("c1", "ann", wanted_skills=("python", "sql"))
    return history


async def get(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def wishes(mentee: str = "ann", **more: Any) -> dict[str, Any]:
    return requested(mentee, **more).model_dump(mode="json", exclude_none=True)


async def test_a_coordinator_sees_who_would_be_tried_and_why_best_first(
    make_client: MakeClient,
) -> None:
    found = await get(make_client(a_pool()), of("c1"))

    assert [(each["place"], each["mentor"]) for each in found["candidates"]] == [
        (1, "mia"),
        (2, "max"),
    ]
    mia, max_ = found["candidates"]
    assert mia["score"] > max_["score"]
    assert (mia["parts"]["skills"], max_["parts"]["skills"]) == (1.0, 0.5)
    assert (mia["load"], mia["room"]) == (0, 2)
    sentences = {each["code"]: each["sentence"] for each in mia["reasons"]}
    assert sentences["skills"].startswith("Offers 2 of the 2 skills asked for")
    assert (found["mentors"], found["status"], found["rules"]) == (4, "open", "r1")


async def test_a_coordinator_sees_how_many_each_rule_excludes_in_words(
    make_client: MakeClient,
) -> None:
    found = await get(make_client(a_pool()), of("c1"))

    assert {each["rule"]: each["count"] for each in found["excluded"]} == {
        "not_available": 1,
        "time": 1,
    }
    assert found["excluded"][0]["sentence"] == "1 mentor is not available."


async def test_a_mentee_sees_no_loads_and_no_counts_that_tell_of_others(
    make_client: MakeClient,
) -> None:
    history = a_pool()
    history.say("ann", outside.Preferred(avoid=("max",)))
    found = await get(make_client(history), of("c1", "mentee"))

    assert [each["mentor"] for each in found["candidates"]] == ["mia"]
    assert [each["rule"] for each in found["excluded"]] == ["time"]
    assert not {"load", "room"} & found["candidates"][0].keys()
    assert "mentors" not in found


async def test_the_mentees_view_is_the_one_that_nobody_has_to_ask_for(
    make_client: MakeClient,
) -> None:
    client = make_client(a_pool())

    unasked = await get(client, f"/programs/{PROGRAM}/cycles/c1/candidates")

    assert unasked == await get(client, of("c1", "mentee"))


async def test_at_most_so_many_are_shown(make_client: MakeClient) -> None:
    found = await get(make_client(a_pool()), of("c1", limit=1))

    assert [each["mentor"] for each in found["candidates"]] == ["mia"]


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return store_of(a_pool(), tmp_path_factory.mktemp("store"))


async def test_a_look_changes_nothing(store: Store) -> None:
    runtime, before = Fake(store), store.digest()
    async with client_of(runtime) as client:
        await get(client, of("c1"))
        await client.post(PREVIEW, json=wishes())

    assert runtime.log == []
    assert store.digest() == before


async def test_a_request_that_nobody_made_is_looked_at_as_one_that_waits(
    make_client: MakeClient,
) -> None:
    client = make_client(a_pool())
    path = f"{PREVIEW}?view=coordinator"

    answer = await client.post(path, json=wishes(wanted_skills=["python", "sql"]))

    real, found = await get(client, of("c1")), answer.json()
    assert answer.status_code == 200
    assert found["candidates"] == real["candidates"]
    assert found["excluded"] == real["excluded"]
    assert not {"cycle", "status"} & found.keys()


async def test_somebody_without_hours_is_told_that_time_excludes_everybody(
    make_client: MakeClient,
) -> None:
    found = (await make_client(a_pool()).post(PREVIEW, json=wishes("new"))).json()

    assert found["candidates"] == []
    assert [(each["rule"], each["count"]) for each in found["excluded"]] == [("time", 3)]


@pytest.mark.parametrize(
    "body,field,rule",
    [
        ({"seniority": 11}, "/data/seniority", "must be at most 10"),
        ({"languages": []}, "/data/languages", "at least 1"),
        ({"wanted_skills": ["x" * 10_000]}, "/data/wanted_skills/0", "128"),
        ({"mentee": "a.b"}, "/data/mentee", "must match"),
    ],
)
async def test_a_hypothetical_request_that_breaks_the_contract_is_refused_by_field_and_rule(
    make_client: MakeClient, body: dict[str, Any], field: str, rule: str
) -> None:
    answer = await make_client(a_pool()).post(PREVIEW, json={**wishes(), **body})

    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert rule in answer.json()["rule"]
    assert "xxx" not in answer.text


async def test_what_is_no_json_is_refused(make_client: MakeClient) -> None:
    answer = await make_client(a_pool()).post(PREVIEW, content=b"{")

    assert (answer.status_code, answer.json()["field"]) == (422, "/data")


async def test_what_is_unknown_or_cannot_be_looked_at_is_told_by_field_and_rule(
    make_client: MakeClient,
) -> None:
    history = a_pool()
    history.a_request("c2", "bob")
    history.say("c2", withdrawn("bob"))
    history.concludes("c2")
    client = make_client(history)

    told = [
        (await client.get(of("c9"))),
        (await client.get("/programs/other/cycles/c1/candidates")),
        (await client.get(of("c2"))),
        (await client.get(of("c1", "nobody"))),
        (await client.get(of("c1", limit=101))),
    ]

    assert [(each.status_code, each.json()["field"]) for each in told] == [
        (404, "/cycle"),
        (404, "/program"),
        (409, "/cycle"),
        (422, "/view"),
        (422, "/limit"),
    ]
    assert told[2].json()["rule"] == "ended"


async def test_who_has_left_asks_for_nobody(make_client: MakeClient) -> None:
    history = a_pool()
    history.say("bob", left("mentee"))

    answer = await make_client(history).post(PREVIEW, json=wishes("bob"))

    assert answer.status_code == 409
    assert answer.json() == {"field": "/data/mentee", "rule": "has_left"}


async def test_a_program_that_has_ended_tries_nobody(make_client: MakeClient) -> None:
    history = a_pool()
    history.wait(days=200)

    answer = await make_client(history).post(PREVIEW, json=wishes())

    assert answer.status_code == 409
    assert answer.json() == {"field": "/program", "rule": "program_not_open"}


async def test_whom_a_parked_event_holds_is_not_tried(store: Store) -> None:
    park(store, "mia")

    async with client_of(Fake(store)) as client:
        found = await get(client, of("c1"))

    assert [each["mentor"] for each in found["candidates"]] == ["max"]


@pytest.mark.parametrize("about", ["ann", "c1", PROGRAM])
async def test_what_a_parked_event_holds_waits_for_an_operator(store: Store, about: str) -> None:
    park(store, about)

    async with client_of(Fake(store)) as client:
        answer = await client.get(of("c1"))

    assert answer.status_code == 409
    assert answer.json() == {"field": "/cycle", "rule": "waits_for_an_operator"}


def park(store: Store, about: str) -> None:
    """A parked event holds this key."""
    letter = DeadLetter(PROGRAM, 99, about, "offered", "e", "parked", "KeyError", "", "open")
    transaction = store.connect()
    transaction.save({Ref(DeadLetter, letter.key()): letter})
    transaction.commit()
    transaction.close()


async def test_preferences_leave_no_trace_in_any_body(
    make_client: MakeClient, store: Store
) -> None:
    async with client_of(Fake(store)) as client:
        without = [await bodies(client, view) for view in ("coordinator", "mentee")]
    history = a_pool()
    history.say("ann", outside.Preferred(prefer=("max",), wishes=("first_generation",)))
    history.say("max", outside.Preferred(prefer=("ann",), wishes=("first_generation",)))
    client = make_client(history)

    with_them = [await bodies(client, view) for view in ("coordinator", "mentee")]

    assert with_them == without
    for body in (body for each in with_them for body in each):
        assert not [word for word in SECRET if word in body]


SECRET = ("prefer", "avoid", "wish", "first_generation", "never", "not_avoided")


async def bodies(client: httpx.AsyncClient, view: str) -> list[str]:
    """Everything that is shown of the pool, its cycles and candidates, as it is sent."""
    paths = ["pool", "loads", "rounds", "cycles/c1"]
    found = [(await client.get(f"/programs/{PROGRAM}/{path}")).text for path in paths]
    found.append((await client.get(of("c1", view))).text)
    found.append((await client.post(f"{PREVIEW}?view={view}", json=wishes())).text)
    return found


async def test_avoiding_is_one_count_with_leaving_and_with_having_no_place(
    make_client: MakeClient,
) -> None:
    history = a_pool()
    history.say("ann", outside.Preferred(avoid=("mia",)))
    history.say("max", left("mentor"))

    found = await get(make_client(history), of("c1"))

    counts = {each["rule"]: each["count"] for each in found["excluded"]}
    assert counts == {"not_available": 3, "time": 1}
    assert "mia" not in str(found)


async def test_every_query_is_answered_alike_on_each_database(database_url: str) -> None:
    history = a_pool()
    history.a_request("c2", "bob")
    history.say("c2", outside.Assigned(mentor="max", by="coordinator"))
    database = store_at(database_url, history)
    try:
        async with client_of(Fake(database)) as client:
            found = await get(client, of("c1"))
            pool = await get(client, f"/programs/{PROGRAM}/pool")
            loads = (await client.get(f"/programs/{PROGRAM}/loads")).json()
            rounds = (await client.get(f"/programs/{PROGRAM}/rounds")).json()
    finally:
        database.dispose()

    assert [each["mentor"] for each in found["candidates"]] == ["mia"]
    assert (pool["counts"], pool["held"]) == ({"open": 1, "paired": 1}, [])
    assert [(each["mentor"], each["pairs"], each["room"]) for each in loads] == [
        ("max", 1, 0),
        ("mia", 0, 2),
        ("moe", 0, 0),
        ("nat", 0, 1),
    ]
    assert rounds == []


VIEWS: dict[str, type[BaseModel]] = {
    "CandidatesView": CandidatesView,
    "PoolView": PoolView,
    "LoadView": LoadView,
    "RoundView": RoundView,
}


async def test_openapi_describes_each_body_with_an_example_that_it_could_be(
    make_client: MakeClient,
) -> None:
    document = (await make_client(a_pool()).get("/openapi.json")).json()

    body = document["paths"]["/programs/{program}/preview"]["post"]["requestBody"]
    told = body["content"]["application/json"]
    assert {"mentee", "languages"} <= told["schema"]["properties"].keys()
    assert outside.Requested.model_validate(told["example"]).mentee == "p-mentee"
    for name, model in VIEWS.items():
        (example,) = document["components"]["schemas"][name]["examples"]
        assert example.keys() == model.model_fields.keys()
        assert model.model_validate(example).model_dump(mode="json") == example
    refusal = document["paths"]["/programs/{program}/cycles/{cycle}/candidates"]["get"]
    assert {"404", "409", "422"} <= refusal["responses"].keys()
