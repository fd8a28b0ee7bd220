"""Who may ask what: every route, with no token, with another program's, and in each role."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.backends.tokens import bearer
from tests.feedback.api_scene import APP, Scene, a_note, a_review, a_scene, rule
from tests.feedback.history import MENTEE, MENTOR, PROGRAM, a_pair, agreed, hold

BASE = f"/programs/{PROGRAM}"
AGREED = agreed(MENTEE).model_dump(mode="json")
PROGRESSED = {"goal": "g1", "value": 1.0, "unit": "u", "as_of": "2026-03-02T09:00:00Z"}
LEFT = {"roles": ["mentee"], "effective_at": "2026-03-02T09:00:00Z"}

# method, path, body, then who may: as a person in the pair, one who is not, coordinator, system, operator.
# y: not refused for who asks; n: `not_for_this_role`; p: `not_in_pair`; s: `not_yourself`.
ROUTES: list[tuple[str, str, Any, str]] = [
    ("POST", "/reviews", a_review(), "ypnyn"),
    ("POST", "/notes", a_note(), "ypnyn"),
    ("POST", "/erasures", {"program": PROGRAM, "person": MENTEE}, "nnyyy"),
    ("POST", f"{BASE}/agreed/c1", AGREED, "ysnyn"),
    ("POST", f"{BASE}/progressed/c1", PROGRESSED | {"by": MENTEE}, "ysnyn"),
    ("POST", f"{BASE}/withdrawn/c1", {"by": MENTEE, "role": "mentee"}, "ysnyn"),
    ("POST", f"{BASE}/left/{MENTEE}", LEFT, "ysyyn"),
    ("POST", f"{BASE}/volunteered/{MENTEE}", {"willing": True}, "ysnyn"),
    ("GET", f"{BASE}/cycles/c1/reviews", None, "ypynn"),
    ("GET", f"{BASE}/cycles/c1/notes", None, "ypynn"),
    ("GET", f"{BASE}/cycles/c1/roadmap", None, "ypynn"),
    ("GET", f"{BASE}/cycles/c1/conclusion", None, "ypynn"),
    ("GET", f"{BASE}/persons/{MENTEE}/reviews/open", None, "ysnyn"),
    ("GET", f"{BASE}/flags", None, "nnynn"),
    ("GET", f"{BASE}/candidates", None, "nnynn"),
    ("GET", f"{BASE}/report", None, "nnynn"),
]
CALLERS = [
    (MENTEE, "person"),
    ("eve", "person"),
    ("lee", "coordinator"),
    ("chat", "system"),
    ("ops", "operator"),
]
RULES = {"n": "not_for_this_role", "p": "not_in_pair", "s": "not_yourself"}
each_route = pytest.mark.parametrize("method,path,body,may", ROUTES)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One for all cells: who is refused does not depend on what others have stated."""
    history = a_pair()
    hold(history, 1)
    with a_scene(history, tmp_path_factory.mktemp("table")) as scene:
        yield scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Ada and Grace have met once."""
    history = a_pair()
    hold(history, 1)
    with a_scene(history, tmp_path) as scene:
        yield scene


def test_every_route_is_in_the_table() -> None:
    described = APP.openapi()["paths"]
    there = {(method.upper(), path) for path, methods in described.items() for method in methods}

    assert {(method, shape(path)) for method, path in there} == {
        (method, shape(path)) for method, path, *_ in ROUTES
    }
    assert len(there) == len(ROUTES)


def shape(path: str) -> str:
    """A path without what is filled in."""
    filled = {PROGRAM, "c1", MENTEE}
    return "/".join("*" if step in filled or "{" in step else step for step in path.split("/"))


@each_route
def test_nothing_is_answered_without_a_token_of_the_program(
    table: Scene, method: str, path: str, body: Any, may: str
) -> None:
    before = len(table.history.log)
    nobody = table.client.request(method, path, json=body)
    other = bearer(MENTEE, "other", "person", "coordinator", "system", "operator")
    stranger = table.client.request(method, path, json=body, headers=other)
    ended = bearer(MENTEE, PROGRAM, "person", "coordinator", "system", lasting=-3600)
    late = table.client.request(method, path, json=body, headers=ended)

    assert rule(nobody) == (401, "no_token", "/authorization")
    assert nobody.headers["WWW-Authenticate"].startswith("Bearer")
    assert rule(stranger) == (403, "other_program", "/program")
    assert rule(late)[:2] == (401, "expired")
    assert len(table.history.log) == before


@each_route
@pytest.mark.parametrize("place", range(len(CALLERS)), ids=["in", "out", "coord", "sys", "op"])
def test_each_role_may_what_the_table_says(
    table: Scene, method: str, path: str, body: Any, may: str, place: int
) -> None:
    who, role = CALLERS[place]
    if role == "system" and path in {"/reviews", "/notes"}:
        body = body | {"by": MENTEE}
    before = len(table.history.log)

    answer = table.client.request(method, path, json=body, headers=bearer(who, PROGRAM, role))

    if may[place] == "y":
        assert answer.status_code not in {401, 422}
        assert answer.status_code != 403 or answer.json()["rule"] == "confidential"
    else:
        assert (answer.status_code, answer.json()["rule"]) == (403, RULES[may[place]])
        assert len(table.history.log) == before


def test_a_coordinator_ends_a_pair_as_a_coordinator_in_the_own_name(scene: Scene) -> None:
    path, lee = f"{BASE}/withdrawn/c1", ("lee", "coordinator")

    as_side = scene.post(path, {"by": "lee", "role": "mentee"}, *lee)
    for_another = scene.post(path, {"by": "kim", "role": "coordinator"}, *lee)
    person = scene.post(path, {"by": MENTEE, "role": "coordinator"})

    assert rule(as_side) == (403, "not_for_this_role", "/data/role")
    assert rule(for_another) == (403, "not_yourself", "/data/by")
    assert rule(person) == (403, "not_for_this_role", "/data/role")
    assert scene.post(path, {"by": "lee", "role": "coordinator"}, *lee).status_code == 200


def test_with_two_roles_one_may_what_either_may(scene: Scene) -> None:
    both = (MENTOR, "person", "coordinator")

    assert scene.get("flags", *both).status_code == 200
    assert scene.post(f"{BASE}/left/{MENTEE}", LEFT, *both).status_code == 200
    given = {"by": MENTOR, "role": "mentor"}
    assert rule(scene.post(f"{BASE}/withdrawn/c1", given, *both))[1] == "concluded"


def test_a_person_states_nothing_of_a_cycle_of_others_even_in_the_own_name(scene: Scene) -> None:
    for cycle in ("c1", "c9"):
        given = {"by": "eve", "role": "mentee"}
        assert rule(scene.post(f"{BASE}/withdrawn/{cycle}", given, "eve")) == (
            403,
            "not_in_pair",
            "/cycle",
        )


def test_what_breaks_the_contract_is_told_to_who_may_know_and_to_nobody_else(scene: Scene) -> None:
    path = f"{BASE}/volunteered/{MENTEE}"

    assert rule(scene.post(path, {"willing": "perhaps"}))[::2] == (422, "/data/willing")
    assert scene.client.post(path, content=b"{").status_code == 401
    missing = scene.client.get(f"{BASE}/cycles/a b/reviews", headers=bearer(MENTEE, PROGRAM))
    assert rule(missing) == (422, "string_pattern_mismatch", "/cycle")


# -- the description --------------------------------------------------------------------------------


def test_the_description_of_every_route_asks_for_a_token_and_tells_its_refusals() -> None:
    described = APP.openapi()
    operations = [each for path in described["paths"].values() for each in path.values()]

    assert len(operations) == len(ROUTES)
    for operation in operations:
        assert operation["security"] == [{"token": []}]
        assert {"200", "401", "403", "422", "503"} <= set(operation["responses"])
        refusal = operation["responses"]["401"]["content"]["application/json"]["schema"]
        assert refusal == {"$ref": "#/components/schemas/Refusal"}
