"""What feedback refuses, and why."""

import base64

from services.feedback.sealing import Contents, Place
from shared.events import outside
from tests.feedback.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    START,
    History,
    a_pair,
    a_program,
    agreed,
    goal,
    left,
    progressed,
    refused,
    requested,
    withdrawn,
)

ERASED = outside.Erased(person=MENTEE, effective_at=START)


def a_request() -> History:
    history = a_program()
    history.say("c1", requested())
    return history


def noted(by: str, history: History, about: str | None = None) -> outside.Noted:
    place = Place(PROGRAM, "c1", "note", "n1", by, "win")
    sealed = history.ring.seal(by, about or by, place, Contents(text="well done"))
    return outside.Noted(note="n1", kind="win", by=by, about=about, sealed=sealed)


def test_terms_of_an_unknown_cycle_are_refused() -> None:
    assert refused(a_program().say("c9", agreed(MENTEE))) == ("unknown_cycle", "/subject")


def test_terms_before_pairing_are_refused() -> None:
    assert refused(a_request().say("c1", agreed(MENTEE))) == ("not_paired", "/subject")


def test_terms_of_a_stranger_are_refused() -> None:
    assert refused(a_pair().say("c1", agreed("eve"))) == ("not_in_pair", "/data/by")


def test_terms_after_the_conclusion_are_refused() -> None:
    history = a_pair()
    history.say("c1", withdrawn())

    assert refused(history.say("c1", agreed(MENTEE))) == ("concluded", "/subject")


def test_nobody_withdraws_in_a_role_that_is_not_theirs() -> None:
    assert refused(a_pair().say("c1", withdrawn(MENTOR, "mentee"))) == ("not_in_role", "/data/by")
    assert refused(a_request().say("c1", withdrawn(MENTOR, "mentor"))) == (
        "not_in_role",
        "/data/by",
    )


def test_a_coordinator_may_withdraw_any_cycle() -> None:
    assert [data.WORD for data in a_pair().say("c1", withdrawn("zoe", "coordinator"))] == [
        "concluded"
    ]


def test_a_cycle_is_not_withdrawn_twice() -> None:
    history = a_pair()
    history.say("c1", withdrawn())

    assert refused(history.say("c1", withdrawn())) == ("concluded", "/subject")


def test_progress_is_stated_of_a_goal_in_force_and_in_its_unit() -> None:
    history = a_pair()
    assert refused(history.say("c1", progressed(1))) == ("unknown_goal", "/data/goal")
    history.say("c1", agreed(MENTEE, goals=(goal(),)))
    assert refused(history.say("c1", progressed(1))) == ("unknown_goal", "/data/goal")
    history.say("c1", agreed(MENTOR, goals=(goal(),)))

    wrong = history.say("c1", progressed(1, unit="books"))

    assert refused(wrong) == ("not_the_unit_of_the_goal", "/data/unit")
    assert history.say("c1", progressed(1)) == []


def test_notes_are_written_by_a_side_about_a_side() -> None:
    history = a_pair()

    assert refused(history.say("c1", noted("eve", history))) == ("not_in_pair", "/data/by")
    assert refused(history.say("c1", noted(MENTEE, history, "eve"))) == (
        "not_in_pair",
        "/data/about",
    )
    assert history.say("c1", noted(MENTEE, history, MENTOR)) == []


def test_a_note_is_changed_by_its_author_only() -> None:
    history = a_pair()
    history.say("c1", noted(MENTEE, history))

    assert history.say("c1", noted(MENTEE, history)) == []
    assert refused(history.say("c1", noted(MENTOR, history))) == ("note_of_another", "/data/note")


def test_a_note_in_plain_text_is_refused() -> None:
    text = base64.urlsafe_b64encode(b"she never listens to me").decode()
    note = outside.Noted(note="n1", kind="setback", by=MENTEE, sealed=text)

    assert refused(a_pair().say("c1", note)) == ("not_sealed", "/data/sealed")


def test_who_has_not_left_is_not_erased() -> None:
    history = a_pair()

    assert refused(history.say(MENTEE, ERASED)) == ("not_left", "/data/person")
    assert history.ring.keys.get(MENTEE, b"") is not None


def test_leaving_one_role_is_not_enough_while_a_cycle_is_open_in_the_other() -> None:
    history = a_pair()
    history.say(MENTEE, left("mentor"))

    assert refused(history.say(MENTEE, ERASED)) == ("not_left", "/data/person")


def test_erasing_deletes_the_key_and_can_be_stated_again() -> None:
    history = a_pair()
    history.say(MENTEE, left("mentee"))

    assert history.say(MENTEE, ERASED) == []
    assert history.say(MENTEE, ERASED) == []
    assert history.ring.keys[MENTEE] is None


def test_who_is_erased_does_not_leave_again() -> None:
    history = a_pair()
    history.say(MENTEE, left("mentee"))
    history.say(MENTEE, ERASED)

    assert refused(history.say(MENTEE, left("mentee"))) == ("erased", "/subject")
