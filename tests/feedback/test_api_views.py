"""HTTP queries: persons see their own, coordinators what the pair agreed on, nobody the other side before the reveal."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.feedback.report.asking import finished
from services.feedback.report.collect import Collector
from services.feedback.report.model import Report
from shared.events.outside import Erased
from tests.feedback.api_scene import PHRASE, Scene, a_note, a_review, a_scene, rule
from tests.feedback.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    START,
    a_pair,
    agree,
    goal,
    hold,
    left,
    miss,
    progressed,
    requested,
    withdrawn,
)

LEE = ("lee", "coordinator")
WORDS = {"message": "to you: " + PHRASE, "confidential": "to the program: " + PHRASE}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Ada and Grace have met once."""
    history = a_pair(pay_it_forward=True)
    hold(history, 1)
    with a_scene(history, tmp_path) as scene:
        yield scene


def terms(scene: Scene, level: str, *goals: Any) -> None:
    agree(scene.history, f"t-{level}", *goals, confidentiality=level)
    scene.runtime.save()


def review_of(scene: Scene, who: str, *roles: str) -> dict[str, Any]:
    (found,) = scene.seen("reviews", who, *roles)
    assert isinstance(found, dict)
    return found


# -- reviews ----------------------------------------------------------------------------------------


def test_before_the_reveal_one_sees_the_own_words_and_nothing_of_the_other_side(
    scene: Scene,
) -> None:
    scene.post("/reviews", a_review(texts=WORDS))

    mine, other, lee = (review_of(scene, *who) for who in ((MENTEE,), (MENTOR,), LEE))

    assert mine["sides"]["mentee"]["texts"] == WORDS
    assert mine["sides"]["mentee"]["ratings"] == {"usefulness": 4}
    assert (mine["status"], mine["deadline"], mine["submitted"]) == (
        "blind",
        (START + timedelta(days=7)).isoformat().replace("+00:00", "Z"),
        ["mentee"],
    )
    assert (other["sides"], other["submitted"]) == ({}, [])
    assert (lee["sides"], lee["submitted"]) == ({}, ["mentee"])


def test_both_in_each_sees_the_other_s_ratings_and_the_words_that_are_meant_for_it(
    scene: Scene,
) -> None:
    scene.post("/reviews", a_review(texts=WORDS))
    scene.post("/reviews", a_review(ratings={"listening": 2}, texts={}), MENTOR)

    seen = review_of(scene, MENTOR)

    assert (seen["status"], seen["by"], seen["missing"]) == ("revealed", "both", [])
    assert seen["sides"]["mentee"]["ratings"] == {"usefulness": 4}
    assert seen["sides"]["mentee"]["texts"] == {"message": WORDS["message"]}
    assert review_of(scene, MENTEE)["sides"]["mentor"]["ratings"] == {"listening": 2}
    assert review_of(scene, MENTEE)["sides"]["mentee"]["texts"] == WORDS


def test_who_was_silent_sees_nothing_of_the_other_side_even_after_a_late_review(
    scene: Scene,
) -> None:
    scene.post("/reviews", a_review(texts=WORDS))
    scene.wait(days=7)
    assert review_of(scene, MENTOR)["sides"] == {}

    assert scene.post("/reviews", a_review(ratings={"usefulness": 1}), MENTOR).status_code == 200

    mentor, mentee, lee = (review_of(scene, *who) for who in ((MENTOR,), (MENTEE,), LEE))
    assert mentor["missing"] == ["mentor"]
    assert list(mentor["sides"]) == ["mentor"]
    assert (mentor["sides"]["mentor"]["late"], mentor["sides"]["mentor"]["ratings"]) == (
        True,
        {"usefulness": 1},
    )
    assert list(mentee["sides"]) == list(lee["sides"]) == ["mentee"]
    assert rule(scene.post("/reviews", a_review(), MENTOR))[1] == "already_submitted"


@pytest.mark.parametrize(
    "level,ratings,words",
    [
        ("private", None, None),
        ("standard", {"usefulness": 4}, {"confidential"}),
        ("shared", {"usefulness": 4}, {"message", "confidential"}),
        ("of-their-own", None, None),
    ],
)
def test_a_coordinator_sees_of_a_revealed_review_what_the_terms_allow(
    scene: Scene, level: str, ratings: dict[str, int] | None, words: set[str] | None
) -> None:
    terms(scene, level)
    scene.post("/reviews", a_review(texts=WORDS))
    scene.post("/reviews", a_review(texts={}), MENTOR)

    seen = review_of(scene, *LEE)

    shown = seen["sides"].get("mentee", {})
    assert shown.get("ratings") == ratings
    assert (set(shown["texts"]) if shown else None) == words
    assert (seen["status"], seen["submitted"]) == ("revealed", ["mentee", "mentor"])


def test_a_coordinator_who_is_in_the_pair_sees_it_as_that_side(scene: Scene) -> None:
    terms(scene, "shared")
    scene.post("/reviews", a_review(texts=WORDS))
    scene.post("/reviews", a_review(), MENTOR)

    seen = review_of(scene, MENTOR, "person", "coordinator")

    assert set(seen["sides"]["mentee"]["texts"]) == {"message"}


def test_a_closing_review_is_read_by_its_author_alone(scene: Scene) -> None:
    terms(scene, "shared")
    scene.say("c1", withdrawn())
    scene.post("/reviews", a_review(meeting="closing", texts=WORDS))

    seen = {who: scene.seen("reviews", *who)[-1] for who in ((MENTEE,), (MENTOR,), LEE)}

    assert seen[MENTEE,]["sides"]["mentee"]["texts"] == WORDS
    assert {review["status"] for review in seen.values()} == {"for_report"}
    assert seen[MENTOR,]["sides"] == seen[LEE]["sides"] == {}
    assert (seen[MENTOR,]["submitted"], seen[LEE]["submitted"]) == ([], ["mentee"])


def test_what_nobody_can_read_any_more_is_said_to_be_unreadable(scene: Scene) -> None:
    terms(scene, "shared")
    scene.post("/reviews", a_review(texts=WORDS))
    scene.post("/reviews", a_review(), MENTOR)
    scene.post("/notes", a_note(audience="pair"))
    scene.say(MENTEE, left("mentee"))
    scene.say(MENTEE, Erased(person=MENTEE, effective_at=START))

    for who in ((MENTEE,), (MENTOR,), LEE):
        side = review_of(scene, *who)["sides"]["mentee"]
        assert (side["unreadable"], side["texts"]) == (True, {})
        assert side["ratings"] == {"usefulness": 4}  # as `reviewed` says for ever
        (note,) = scene.seen("notes", *who)
        assert (note["unreadable"], note["text"]) == (True, None)


def test_a_review_that_nobody_could_read_at_the_reveal_is_missing_and_not_in(scene: Scene) -> None:
    scene.post("/reviews", a_review(texts=WORDS))
    scene.history.ring.erase((PROGRAM, MENTEE))
    scene.wait(days=7)

    for who in ((MENTEE,), (MENTOR,), LEE):
        seen = review_of(scene, *who)
        assert (seen["submitted"], seen["missing"]) == ([], ["mentee", "mentor"])
    own = review_of(scene, MENTEE)["sides"]["mentee"]
    assert (own["unreadable"], own["ratings"], own["late"]) == (True, {}, False)


def test_no_answer_is_kept_by_a_browser_or_on_the_way(scene: Scene) -> None:
    answers = [scene.get("cycles/c1/reviews"), scene.get("cycles/c1/reviews", "eve")]

    assert [answer.status_code for answer in answers] == [200, 403]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


def test_reviews_stand_in_the_order_of_their_meetings(scene: Scene) -> None:
    scene.history.wait(days=3)
    hold(scene.history, 2)
    scene.runtime.save()
    scene.say("c1", withdrawn())
    scene.post("/reviews", a_review(meeting="closing"))

    assert [each["meeting"] for each in scene.seen("reviews")] == ["m1", "m2", "closing"]


# -- what awaits ------------------------------------------------------------------------------------


def open_reviews(scene: Scene, who: str, *asker: str) -> list[dict[str, Any]]:
    found = scene.get(f"persons/{who}/reviews/open", *(asker or (who,)))
    assert found.status_code == 200
    reviews: list[dict[str, Any]] = found.json()
    return reviews


def test_a_review_awaits_whoever_has_not_written_it(scene: Scene) -> None:
    (first,) = open_reviews(scene, MENTEE)
    assert (first["cycle"], first["meeting"]) == ("c1", "m1")
    assert first["deadline"] == (START + timedelta(days=7)).isoformat().replace("+00:00", "Z")
    (form,) = first["forms"]
    assert form["id"] == "standard-mentee"
    assert [text["id"] for text in form["texts"]] == ["message", "confidential"]

    scene.post("/reviews", a_review())

    assert open_reviews(scene, MENTEE) == []
    assert [each["meeting"] for each in open_reviews(scene, MENTOR, "chat", "system")] == ["m1"]
    scene.wait(days=7)
    assert open_reviews(scene, MENTOR) == []


def test_after_the_conclusion_the_closing_review_awaits_until_it_is_over_or_nobody_could_read_it(
    scene: Scene,
) -> None:
    scene.say("c1", withdrawn())
    (closing,) = open_reviews(scene, MENTEE)
    assert (closing["meeting"], closing["starts_at"]) == ("closing", None)
    scene.post("/reviews", a_review(meeting="closing"))
    assert open_reviews(scene, MENTEE) == []

    scene.say(MENTEE, left("mentee"))
    assert len(open_reviews(scene, MENTOR)) == 1
    scene.say(MENTEE, Erased(person=MENTEE, effective_at=START))
    assert open_reviews(scene, MENTOR) == []


# -- notes and roadmap ------------------------------------------------------------------------------


@pytest.mark.parametrize("level,status", [("private", 403), ("standard", 403), ("shared", 200)])
def test_notes_are_their_author_s_or_the_pair_s_and_coordinators_see_what_is_shared(
    scene: Scene, level: str, status: int
) -> None:
    terms(scene, level)
    scene.post("/notes", a_note(note="n1", text="mine"))
    scene.history.now += timedelta(hours=1)
    scene.post("/notes", a_note(note="n2", text="ours", audience="pair", about=MENTOR), MENTEE)
    scene.post("/notes", a_note(note="n3", text="hers"), MENTOR)

    def texts(*who: str) -> list[str]:
        return [note["text"] for note in scene.seen("notes", *who)]

    assert sorted(texts(MENTEE)) == ["mine", "ours"]
    assert sorted(texts(MENTOR)) == ["hers", "ours"]
    answer = scene.get("cycles/c1/notes", *LEE)
    assert answer.status_code == status
    assert status == 200 or answer.json()["rule"] == "confidential"
    assert status == 403 or [note["text"] for note in answer.json()] == ["ours"]


def test_a_roadmap_has_goals_with_milestones_and_what_is_to_be_done(scene: Scene) -> None:
    terms(scene, "standard", goal("g1"), goal("g2", 4, of="g1", target_on=date(2026, 3, 4)))
    scene.say("c1", progressed(5))
    item = a_note(kind="action_item", goal="g2")
    scene.post("/notes", item | {"note": "n1", "due_on": "2026-03-03"})
    scene.post("/notes", item | {"note": "n2", "audience": "pair", "done": True})

    road = scene.seen("roadmap", MENTEE)

    (top,) = road["goals"]
    assert (top["goal"], top["progress"], top["history"][0]["value"]) == ("g1", 0.5, 5.0)
    (milestone,) = top["milestones"]
    assert (milestone["goal"], milestone["overdue"]) == ("g2", True)
    assert [(each["note"], each["done"]) for each in road["action_items"]] == [
        ("n1", False),
        ("n2", True),
    ]
    assert [each["note"] for each in scene.seen("roadmap", MENTOR)["action_items"]] == ["n2"]
    assert scene.seen("roadmap", *LEE)["action_items"] == []
    assert "listens" not in str(road)


def test_what_a_pair_wants_to_reach_is_for_the_pair_when_its_terms_are_private(
    scene: Scene,
) -> None:
    terms(scene, "private", goal("g1"))

    assert rule(scene.get("cycles/c1/roadmap", *LEE)) == (403, "confidential", "/cycle")
    assert scene.get("cycles/c1/roadmap", MENTOR).status_code == 200


# -- conclusion, flags, candidates ------------------------------------------------------------------


def rated(scene: Scene) -> None:
    """The first meeting is reviewed by both, the second by the mentee alone; then it is over."""
    scene.post("/reviews", a_review(ratings={"usefulness": 5}))
    scene.post("/reviews", a_review(ratings={"usefulness": 1}), MENTOR)
    hold(scene.history, 2)
    scene.runtime.save()
    scene.post("/reviews", a_review(meeting="m2", ratings={"usefulness": 3}))
    scene.wait(days=8)


@pytest.mark.parametrize("level,seen", [("private", {}), ("standard", None), ("shared", None)])
def test_a_conclusion_tells_satisfaction_to_its_side_and_to_coordinators_as_the_terms_allow(
    scene: Scene, level: str, seen: dict[str, float] | None
) -> None:
    terms(scene, level, goal("g1"))
    assert rule(scene.get("cycles/c1/conclusion")) == (409, "not_concluded", "/cycle")
    rated(scene)

    mentee, mentor, lee = (scene.seen("conclusion", *who) for who in ((MENTEE,), (MENTOR,), LEE))

    assert mentee["satisfaction"] == {"mentee": 0.75}
    assert mentor["satisfaction"] == {"mentor": 0.0}
    both = {"mentee": 0.75, "mentor": 0.0}
    assert lee["satisfaction"] == (both if seen is None else seen)
    assert (lee["outcome"], lee["planned"], lee["held"]) == ("completed", 2, 2)
    assert (lee["goals_agreed"], lee["goals_reached"], lee["overlap_minutes"]) == (1, 0, 100)


def test_a_cycle_that_never_was_a_pair_has_an_outcome_and_no_figures(scene: Scene) -> None:
    scene.say("c2", requested("ida"))
    scene.say("c2", withdrawn("ida"))

    found = scene.get("cycles/c2/conclusion", "ida").json()

    assert (found["outcome"], found["planned"], found["satisfaction"]) == ("withdrawn", None, {})


def test_flags_are_told_to_coordinators_with_their_evidence_and_not_of_their_own_pairs(
    scene: Scene,
) -> None:
    terms(scene, "private")
    assert scene.get("flags", *LEE).json() == []
    miss(scene.history, 2)
    miss(scene.history, 3, "m3")
    scene.runtime.save()

    (flag,) = scene.get("flags", *LEE).json()

    assert (flag["cycle"], flag["mentee"], flag["mentor"]) == ("c1", MENTEE, MENTOR)
    assert (flag["rule"], flag["side"], len(flag["evidence"])) == ("missed", None, 2)
    assert scene.get("flags", MENTOR, "coordinator").json() == []


def test_who_concluded_well_and_is_willing_is_a_candidate(scene: Scene) -> None:
    rated(scene)
    assert scene.get("candidates", *LEE).json() == []
    path = f"/programs/{PROGRAM}/volunteered/{MENTEE}"
    assert scene.post(path, {"willing": True}).status_code == 200

    (found,) = scene.get("candidates", *LEE).json()

    assert (found["person"], found["mentors"]) == (MENTEE, 0)
    (cycle,) = found["finished"]
    assert (cycle["cycle"], cycle["outcome"], cycle["held"]) == ("c1", "completed", 2)
    scene.post(path, {"willing": False})
    assert scene.get("candidates", *LEE).json() == []


# -- report -----------------------------------------------------------------------------------------


def test_the_report_is_given_as_it_is_made(scene: Scene) -> None:
    collector = Collector(PROGRAM, "event")
    collector.add([entry for entry, _ in scene.history.log])
    report = scene.reports.report = finished(collector, None, "log")

    shown = scene.get("report?at=2026-06-01T00:00:00Z", *LEE)

    assert Report.model_validate_json(shown.content) == report
    (asked,) = scene.reports.asked
    assert (asked[0], str(asked[1])) == (PROGRAM, "2026-06-01 00:00:00+00:00")


def test_a_report_of_no_program_or_no_instant_is_refused(scene: Scene) -> None:
    assert rule(scene.get("report", *LEE)) == (404, "unknown_program", "/program")
    for at in ("yesterday", "2026-06-01T00:00:00"):
        assert rule(scene.get(f"report?at={at}", *LEE))[::2] == (422, "/at")
