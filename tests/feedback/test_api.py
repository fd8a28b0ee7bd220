"""HTTP commands: what is confidential is sealed before anything else happens to it, and persons speak for themselves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.feedback.keyring import KeyRing
from shared.events.envelope import Event
from shared.events.feedback import Reviewed
from shared.events.outside import Noted
from shared.log import LogTrouble
from shared.outcome import StoreTrouble
from tests.backends.tokens import bearer
from tests.feedback.api_scene import PHRASE, Scene, a_note, a_review, a_scene, rule
from tests.feedback.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    a_pair,
    agree,
    goal,
    hold,
    left,
    miss,
    requested,
    withdrawn,
)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Ada and Grace have met once."""
    history = a_pair()
    hold(history, 1)
    with a_scene(history, tmp_path) as scene:
        yield scene


def events(scene: Scene, count: int) -> list[Event]:
    """The last inputs in the log."""
    found = [scene.history.fold.read(entry) for entry, _ in scene.history.log[-count:]]
    assert all(isinstance(event, Event) for event in found)
    return [event for event in found if isinstance(event, Event)]


def test_both_reviews_are_revealed_with_their_ratings(scene: Scene) -> None:
    assert scene.post("/reviews", a_review()).status_code == 200
    second = scene.post("/reviews", a_review(ratings={"usefulness": 2}), MENTOR)
    [submitted] = events(scene, 1)
    assert second.json() == {"event": submitted.id, "sequence": len(scene.history.log)}

    said = scene.history.log[-1][1][0].data
    assert isinstance(said, Reviewed)
    assert said.ratings == {"mentee": {"usefulness": 4}, "mentor": {"usefulness": 2}}


def test_nothing_confidential_reaches_log_store_or_answer(
    scene: Scene, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    answers = [
        scene.post("/reviews", a_review()),
        scene.post("/notes", a_note()),
        scene.post("/notes", a_note(about=MENTOR)),
        scene.post("/reviews", a_review(meeting="m2")),
        scene.post("/reviews", a_review(texts={PHRASE: "x"})),
        scene.post("/reviews", {**a_review(), PHRASE: "x"}),
        scene.post("/reviews", a_review(), "eve"),
        scene.post("/reviews", a_review(), MENTOR, "coordinator"),
        scene.post("/reviews", a_review(ratings={}), MENTOR),
    ]

    codes = [answer.status_code for answer in answers]
    assert codes == [200, 200, 200, 409, 422, 422, 403, 403, 200]
    everywhere = [entry.body for entry, _ in scene.history.log]
    everywhere += [path.read_bytes() for path in tmp_path.iterdir()]
    everywhere += [answer.content for answer in answers]
    assert not any(word.encode() in place for place in everywhere for word in PHRASE.split()[1:3])
    assert PHRASE not in caplog.text


@pytest.mark.parametrize(
    "changes, refusal",
    [
        ({"ratings": {"usefulness": 9}}, (422, "must_be_1_to_5", "/ratings/usefulness")),
        ({"ratings": {"charm": 3}}, (422, "not_asked_by_the_form", "/ratings")),
        ({"ratings": {"usefulness": "good"}}, (422, "int_type", "/ratings")),
        ({"ratings": {"she listens": 3}}, (422, "string_pattern_mismatch", "/ratings")),
        ({"texts": {"gossip": "she listens"}}, (422, "not_asked_by_the_form", "/texts")),
        ({"texts": {"message": "x" * 8001}}, (422, "string_too_long", "/texts")),
        ({"texts": {"message": "x" * 4001}}, (422, "at_most_4000_characters", "/texts/message")),
        ({"texts": {"message": "\N{PILE OF POO}" * 4000, "confidential": "\0" * 4000}},
         (422, "too_long", "/texts")),
        ({"text": "she listens"}, (422, "extra_forbidden", "")),
        ({"program": "a b"}, (422, "string_pattern_mismatch", "/program")),
        ({"program": "other"}, (403, "other_program", "/program")),
        ({"cycle": "c9"}, (403, "not_in_pair", "/cycle")),
        ({"by": MENTOR}, (403, "not_yourself", "/by")),
        ({"meeting": "m9"}, (409, "unknown_meeting", "/meeting")),
        ({"form": "standard-mentor"}, (409, "not_a_form_for_this", "/form")),
        ({"meeting": "m2"}, (409, "not_held", "/data/meeting")),
        ({"meeting": "closing"}, (409, "not_concluded", "/data/meeting")),
    ],
)  # fmt: skip
def test_a_refusal_names_rule_and_field_and_repeats_nothing(
    scene: Scene, changes: dict[str, Any], refusal: tuple[int, str, str]
) -> None:
    refused = scene.post("/reviews", a_review(**changes))

    assert rule(refused) == refusal
    assert "listens" not in refused.text
    assert "good" not in refused.text


def test_a_review_of_a_missed_meeting_is_refused_with_the_rule_named(scene: Scene) -> None:
    miss(scene.history, 2)
    scene.runtime.save()

    assert rule(scene.post("/reviews", a_review(meeting="m2"))) == (409, "missed", "/data/meeting")


def test_a_review_is_replaced_until_it_is_revealed_and_refused_then(scene: Scene) -> None:
    scene.post("/reviews", a_review(ratings={"usefulness": 1}))
    assert scene.post("/reviews", a_review(ratings={"usefulness": 5})).status_code == 200
    scene.post("/reviews", a_review(), MENTOR)

    assert rule(scene.post("/reviews", a_review())) == (409, "revealed", "/data/meeting")
    seen = scene.seen("reviews", MENTOR)[0]["sides"]["mentee"]
    assert seen["ratings"] == {"usefulness": 5}


def test_the_side_follows_from_the_person_and_the_form_from_the_side(scene: Scene) -> None:
    scene.post("/reviews", a_review(), MENTOR)
    scene.post("/reviews", a_review(form="standard-mentee"), MENTEE)

    said = [event.data for event in events(scene, 2)]
    assert [(data.side, data.form) for data in said] == [  # type: ignore[attr-defined]
        ("mentor", "standard-mentor"),
        ("mentee", "standard-mentee"),
    ]


def test_where_there_are_several_forms_one_is_named(tmp_path: Path) -> None:
    items = [{"id": "usefulness"}]
    forms = [{"id": name, "side": "mentee", "items": items} for name in ("short", "long")]
    history = a_pair(forms=forms)
    hold(history, 1)
    with a_scene(history, tmp_path) as scene:
        given = a_review(texts={})
        assert rule(scene.post("/reviews", given)) == (422, "required", "/form")
        assert scene.post("/reviews", given | {"form": "long"}).status_code == 200
        nobody_asks_the_mentor = scene.post("/reviews", given, MENTOR)
        assert rule(nobody_asks_the_mentor) == (409, "not_a_form_for_this", "/form")


def test_what_a_form_requires_is_required(tmp_path: Path) -> None:
    items = [{"id": "usefulness", "required": True}]
    forms = [
        {"id": "f", "side": "mentee", "items": items, "texts": [{"id": "why", "required": True}]}
    ]
    history = a_pair(forms=forms)
    hold(history, 1)
    with a_scene(history, tmp_path) as scene:
        first = a_review(ratings={}, texts={"why": "x"})
        second = a_review(texts={"why": "  "})
        assert rule(scene.post("/reviews", first)) == (422, "required", "/ratings/usefulness")
        assert rule(scene.post("/reviews", second)) == (422, "required", "/texts/why")


def test_a_system_reviews_in_the_name_of_whom_it_names(scene: Scene) -> None:
    assert scene.post("/reviews", a_review(by=MENTOR), "chat", "system").status_code == 200
    assert rule(scene.post("/reviews", a_review(), "chat", "system")) == (422, "required", "/by")
    assert rule(scene.post("/reviews", a_review(by="eve"), "chat", "system")) == (
        409,
        "not_in_pair",
        "/by",
    )
    unknown = scene.post("/reviews", a_review(by=MENTOR, cycle="c9"), "chat", "system")
    assert rule(unknown) == (409, "unknown_cycle", "/cycle")


def test_before_there_is_a_pair_there_is_nobody_to_write_to(scene: Scene) -> None:
    scene.say("c2", requested("ida"))

    refused = scene.post("/reviews", a_review(cycle="c2", meeting="closing"), "ida")

    assert rule(refused) == (409, "not_paired", "/cycle")


def test_a_retry_under_the_same_idempotency_key_is_the_same_event(scene: Scene) -> None:
    once = {"Idempotency-Key": "once"}
    for _ in range(2):
        scene.post("/reviews", a_review(), **once)
    for _ in range(2):
        scene.post("/notes", a_note(), **once)

    first, second, third, fourth = events(scene, 4)
    assert first.id == second.id
    assert first.source == "/mentoring/api"
    assert third.id == fourth.id


def test_the_same_idempotency_key_for_another_meeting_or_note_is_another_event(
    scene: Scene,
) -> None:
    hold(scene.history, 2)
    scene.runtime.save()
    once = {"Idempotency-Key": "1"}

    for given in (a_review(), a_review(meeting="m2")):
        assert scene.post("/reviews", given, **once).status_code == 200
    for name in ("n1", "n2"):
        assert scene.post("/notes", a_note(note=name), **once).status_code == 200

    assert len({event.id for event in events(scene, 4)}) == 4


def test_the_same_idempotency_key_of_another_person_is_another_event(scene: Scene) -> None:
    once = {"Idempotency-Key": "1"}
    assert scene.post("/notes", a_note(), **once).status_code == 200
    assert scene.post("/notes", a_note(), MENTOR, **once).status_code == 200
    path = f"/programs/{PROGRAM}/withdrawn/c1"
    given = {"by": MENTEE, "role": "mentor"}
    scene.post(path, given, **once)
    scene.post(path, given | {"by": MENTOR}, MENTOR, **once)

    assert len({event.id for event in events(scene, 4)}) == 4


# -- notes ------------------------------------------------------------------------------------------


def test_notes_are_written_by_a_side_about_a_side(scene: Scene) -> None:
    assert scene.post("/notes", a_note(about=MENTOR)).status_code == 200
    assert rule(scene.post("/notes", a_note(), "eve")) == (403, "not_in_pair", "/cycle")
    assert rule(scene.post("/notes", a_note(about="eve"))) == (409, "not_in_pair", "/about")
    assert rule(scene.post("/notes", a_note(by=MENTOR))) == (403, "not_yourself", "/by")
    assert rule(scene.post("/notes", a_note(text=None))) == (422, "required", "/text")
    assert rule(scene.post("/notes", a_note(kind="gossip"))) == (422, "literal_error", "/kind")
    assert rule(scene.post("/notes", a_note(due="tomorrow"))) == (422, "extra_forbidden", "")
    assert rule(scene.post("/notes", a_note(goal="g9"))) == (409, "unknown_goal", "/data/goal")


def test_a_note_says_what_it_serves_and_by_when(scene: Scene) -> None:
    agree(scene.history, "t1", goal("g1"))
    scene.runtime.save()
    item = a_note(kind="action_item", goal="g1", due_on="2026-04-01", audience="pair")

    assert scene.post("/notes", item).status_code == 200

    data = events(scene, 1)[0].data
    assert isinstance(data, Noted)
    assert (data.goal, str(data.due_on), data.done) == ("g1", "2026-04-01", False)
    assert (data.by, data.about, data.audience) == (MENTEE, None, "pair")


def test_an_action_item_is_done_without_saying_its_words_again(scene: Scene) -> None:
    item = a_note(note="n1", kind="action_item")
    scene.post("/notes", item)

    assert scene.post("/notes", item | {"text": None, "done": True}).status_code == 200

    (note,) = scene.seen("notes")
    assert (note["text"], note["done"]) == (PHRASE, True)


def test_nobody_takes_over_the_words_of_another_s_note(scene: Scene) -> None:
    scene.post("/notes", a_note(note="n1"))

    assert rule(scene.post("/notes", a_note(note="n1", text=None), MENTOR))[1] == "required"
    assert rule(scene.post("/notes", a_note(note="n1"), MENTOR)) == (
        409,
        "note_of_another",
        "/data/note",
    )


@pytest.mark.parametrize(
    "changes,refusal",
    [
        ({"due_on": "1066-10-14"},
         ("must be a date such as 2026-03-01, between 1970 and 2999", "/due_on")),
        ({"due_on": "soon"}, ("must be a date such as 2026-03-01, between 1970 and 2999", "/due_on")),
        ({"text": "\ud800"}, ("string_unicode", "/text")),
        ({"text": ""}, ("string_too_short", "/text")),
        ({"done": "true"}, ("bool_type", "/done")),
        ({"kind": ["win"]}, ("literal_error", "/kind")),
    ],
)  # fmt: skip
def test_what_breaks_the_contract_of_a_note_is_refused_by_rule(
    scene: Scene, changes: dict[str, Any], refusal: tuple[str, str]
) -> None:
    headers = bearer(MENTEE, PROGRAM) | {"Content-Type": "application/json"}
    body = json.dumps(a_note(kind="action_item") | changes)

    assert rule(scene.client.post("/notes", content=body, headers=headers)) == (422, *refusal)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b"null", b"[" * 200_000])
def test_a_body_that_is_none_is_refused_in_the_same_form(scene: Scene, body: bytes) -> None:
    headers = bearer(MENTEE, PROGRAM) | {"Content-Type": "application/json"}

    for path in ("/notes", "/reviews", "/erasures"):
        refused = scene.client.post(path, content=body, headers=headers)
        assert refused.status_code == 422
        assert set(refused.json()) == {"field", "rule"}


# -- erasure and trouble ----------------------------------------------------------------------------


def test_who_has_not_left_is_not_said_to_be_erased_to_services_that_would_not_wait_for_the_judge(
    scene: Scene,
) -> None:
    before = len(scene.history.log)
    erasure = {"program": PROGRAM, "person": MENTEE}

    assert rule(scene.post("/erasures", erasure, "hr", "system")) == (409, "not_left", "/person")
    assert len(scene.history.log) == before


def test_erasing_makes_reviews_impossible_and_what_was_said_unreadable(scene: Scene) -> None:
    scene.post("/reviews", a_review())
    scene.post("/notes", a_note(note="n1"))
    erasure = {"program": PROGRAM, "person": MENTEE}
    scene.say(MENTEE, left("mentee"))

    assert scene.post("/erasures", erasure, "c-lee", "coordinator").status_code == 200

    refused = scene.post("/reviews", a_review(meeting="closing"), MENTOR)
    assert rule(refused) == (409, "erased", "/cycle")
    assert rule(scene.post("/notes", a_note(note="n1", text=None))) == (409, "unreadable", "/text")


def test_closing_reviews_are_taken_after_the_conclusion(scene: Scene) -> None:
    scene.say("c1", withdrawn())

    assert scene.post("/reviews", a_review(meeting="closing")).status_code == 200
    refused = scene.post("/reviews", a_review())
    assert rule(refused) == (409, "concluded", "/subject")


def test_a_key_ring_that_is_away_is_told_as_trouble(scene: Scene) -> None:
    def away() -> KeyRing:
        raise StoreTrouble("away")

    scene.post("/notes", a_note())
    scene.ring = away

    for answer in (scene.post("/reviews", a_review()), scene.get("cycles/c1/notes")):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert answer.json() == {"rule": "store_away", "field": ""}


def test_a_log_that_is_away_is_told_as_trouble(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(event: Event) -> None:
        raise LogTrouble("away")

    monkeypatch.setattr(scene.runtime, "append", away)
    leaving = {"roles": ["mentee"], "effective_at": "2026-03-02T09:00:00Z"}

    for path, body in (("/notes", a_note()), (f"/programs/{PROGRAM}/left/{MENTEE}", leaving)):
        answer = scene.post(path, body)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert answer.json() == {"rule": "log_away", "field": ""}
