"""Every rule of feedback's judge alone: what breaks it is refused by it, and its twin that keeps it is taken."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from services.feedback.model import CLOSING
from services.feedback.sealing import Contents
from shared.events import outside
from shared.events.envelope import EventData
from tests.feedback.history import (
    GOOD,
    MENTEE,
    MENTOR,
    START,
    History,
    a_pair,
    a_program,
    agree,
    agreed,
    goal,
    hold,
    left,
    miss,
    progressed,
    refused,
    requested,
    withdrawn,
)

Said = tuple[str, EventData]
"""The key, and what is said about it."""
PLAIN = "cGxhaW4gdGV4dA=="
WILLING = (MENTEE, outside.Volunteered(willing=True))


# -- where things stand -----------------------------------------------------------------------------


def request() -> History:
    history = a_program()
    history.say("c1", requested())
    return history


def with_a_goal() -> History:
    history = a_pair()
    agree(history, "t1", goal("g1"), goal("g2"))
    return history


def with_a_dropped_goal() -> History:
    history = with_a_goal()
    hold(history, 1)
    agree(history, "t2", goal("g2"))
    return history


def held() -> History:
    history = a_pair()
    hold(history, 1)
    return history


def missed() -> History:
    history = a_pair()
    miss(history, 1)
    return history


def revealed() -> History:
    """The mentee was in, the mentor missing."""
    history = held()
    history.submit("mentee")
    history.wait(days=7)
    return history


def revealed_and_late() -> History:
    history = revealed()
    history.submit("mentor")
    return history


def over() -> History:
    history = held()
    history.say("c1", withdrawn())
    return history


def ended() -> History:
    history = over()
    history.wait(days=8)
    return history


def gone() -> History:
    history = a_pair()
    history.say(MENTEE, left("mentee"))
    return history


def erased() -> History:
    history = gone()
    history.say(MENTEE, outside.Erased(person=MENTEE, effective_at=START))
    return history


# -- what is said -----------------------------------------------------------------------------------


def terms(by: str = MENTEE, *ids: str) -> Callable[[History], Said]:
    return lambda _: ("c1", agreed(by, goals=tuple(goal(each) for each in ids)))


def value(goal: str = "g1", days: int = 0, **more: str) -> Callable[[History], Said]:
    def said(history: History) -> Said:
        at = history.now + timedelta(days=days)
        return "c1", progressed(1, goal, as_of=at, **more)

    return said


def note(by: str = MENTEE, sealed: str = "", **more: object) -> Callable[[History], Said]:
    def said(history: History) -> Said:
        data = history.noted(by, **more)  # type: ignore[arg-type]
        return "c1", data.model_copy(update={"sealed": sealed or data.sealed})

    return said


def review(
    side: str = "mentee", meeting: str = "m1", form: str = "", sealed: str = ""
) -> Callable[[History], Said]:
    def said(history: History) -> Said:
        data = history.sealed_review(side, meeting, "c1", Contents(GOOD), form)  # type: ignore[arg-type]
        return "c1", data.model_copy(update={"sealed": sealed or data.sealed})

    return said


def plainly(key: str, data: EventData) -> Callable[[History], Said]:
    return lambda _: (key, data)


def to_be_erased(person: str = MENTEE) -> Callable[[History], Said]:
    return plainly(person, outside.Erased(person=person, effective_at=START))


# -- the rules --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A rule, at its field: broken by the first, kept by the second, each in its history."""

    rule: str
    field: str
    bad: tuple[Callable[[], History], Callable[[History], Said]]
    good: tuple[Callable[[], History], Callable[[History], Said]]


CASES = [
    # terms
    Case("unknown_cycle", "/subject", (a_program, terms()), (a_pair, terms())),
    Case("not_paired", "/subject", (request, terms()), (a_pair, terms())),
    Case("concluded", "/subject", (over, terms()), (held, terms())),
    Case("not_in_pair", "/data/by", (a_pair, terms("eve")), (a_pair, terms(MENTOR))),
    Case(
        "same_goal_twice",
        "/data/goals",
        (a_pair, terms(MENTEE, "g1", "g1")),
        (a_pair, terms(MENTEE, "g1", "g2")),
    ),
    # values
    Case("unknown_cycle", "/subject", (a_program, value()), (with_a_goal, value())),
    Case("not_paired", "/subject", (request, value()), (with_a_goal, value())),
    Case("concluded", "/subject", (over, value()), (with_a_goal, value())),
    Case(
        "not_in_pair", "/data/by", (with_a_goal, value(by="eve")), (with_a_goal, value(by=MENTOR))
    ),
    Case("unknown_goal", "/data/goal", (with_a_goal, value("g9")), (with_a_goal, value("g2"))),
    Case("unknown_goal", "/data/goal", (with_a_dropped_goal, value()), (with_a_goal, value())),
    Case(
        "not_the_unit_of_the_goal",
        "/data/unit",
        (with_a_goal, value(unit="books")),
        (with_a_goal, value(unit="talks")),
    ),
    Case("in_the_future", "/data/as_of", (with_a_goal, value(days=1)), (with_a_goal, value())),
    # notes
    Case("unknown_cycle", "/subject", (a_program, note()), (a_pair, note())),
    Case("concluded", "/subject", (ended, note()), (over, note())),
    Case("not_in_pair", "/data/by", (a_pair, note("eve")), (a_pair, note(MENTOR))),
    Case("not_in_pair", "/data/about", (a_pair, note(about="eve")), (a_pair, note(about=MENTOR))),
    Case(
        "unknown_goal", "/data/goal", (with_a_goal, note(goal="g9")), (with_a_goal, note(goal="g1"))
    ),
    Case(
        "not_an_action_item",
        "/data/due_on",
        (a_pair, note(due_on="2026-05-01")),
        (a_pair, note(due_on="2026-05-01", kind="action_item")),
    ),
    Case(
        "not_an_action_item",
        "/data/done",
        (a_pair, note(done=True)),
        (a_pair, note(done=True, kind="action_item")),
    ),
    Case("not_sealed", "/data/sealed", (a_pair, note(sealed=PLAIN)), (a_pair, note())),
    # reviews
    Case("unknown_cycle", "/subject", (a_program, review()), (held, review())),
    Case("concluded", "/subject", (over, review()), (held, review())),
    Case("unknown_meeting", "/data/meeting", (held, review(meeting="m9")), (held, review())),
    Case("not_held", "/data/meeting", (held, review(meeting="m2")), (held, review())),
    Case("missed", "/data/meeting", (missed, review()), (held, review())),
    Case("revealed", "/data/meeting", (revealed, review()), (held, review())),
    Case(
        "already_submitted",
        "/data/meeting",
        (revealed_and_late, review("mentor")),
        (revealed, review("mentor")),
    ),
    Case(
        "not_a_form_for_this",
        "/data/form",
        (held, review(form="standard-mentor")),
        (held, review(form="standard-mentee")),
    ),
    Case("not_sealed", "/data/sealed", (held, review(sealed=PLAIN)), (held, review())),
    Case(
        "not_concluded",
        "/data/meeting",
        (held, review(meeting=CLOSING)),
        (over, review(meeting=CLOSING)),
    ),
    Case(
        "closing_is_over",
        "/data/meeting",
        (ended, review(meeting=CLOSING)),
        (over, review(meeting=CLOSING)),
    ),
    # endings
    Case(
        "unknown_cycle",
        "/subject",
        (a_program, plainly("c1", withdrawn())),
        (request, plainly("c1", withdrawn())),
    ),
    Case(
        "concluded",
        "/subject",
        (over, plainly("c1", withdrawn())),
        (held, plainly("c1", withdrawn())),
    ),
    Case(
        "not_in_role",
        "/data/by",
        (a_pair, plainly("c1", withdrawn(MENTEE, "mentor"))),
        (a_pair, plainly("c1", withdrawn(MENTOR, "mentor"))),
    ),
    Case(
        "erased",
        "/subject",
        (erased, plainly(MENTEE, left("mentor"))),
        (gone, plainly(MENTEE, left("mentor"))),
    ),
    Case("not_left", "/data/person", (a_pair, to_be_erased()), (gone, to_be_erased())),
    # volunteers
    Case(
        "unknown_person", "/subject", (a_program, plainly(*WILLING)), (request, plainly(*WILLING))
    ),
    Case("erased", "/subject", (erased, plainly(*WILLING)), (gone, plainly(*WILLING))),
]


def _name(case: Case) -> str:
    return case.rule


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_what_breaks_the_rule_is_refused_by_it_and_changes_nothing(case: Case) -> None:
    history = case.bad[0]()
    rows = list(history.world.rows())

    assert refused(history.say(*case.bad[1](history))) == (case.rule, case.field)
    assert [row for row in history.world.rows() if type(row).__name__ != "DeadLetter"] == rows


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_its_twin_that_keeps_the_rule_is_taken(case: Case) -> None:
    history = case.good[0]()

    said = history.say(*case.good[1](history))

    assert "rejected" not in [data.WORD for data in said]


def test_a_note_of_another_is_refused_and_ones_own_is_replaced() -> None:
    history = a_pair()
    history.say("c1", history.noted(MENTEE))

    assert refused(history.say("c1", history.noted(MENTOR))) == ("note_of_another", "/data/note")
    assert history.say("c1", history.noted(MENTEE)) == []
