"""What `mentoring state` and the preview of a rebuild hide of feedback's rows."""

from __future__ import annotations

from typing import Any

from services.cli.confidential import COLUMNS, HIDDEN, veiled
from services.feedback.model import Cycle, Person, Review
from services.feedback.store import TABLES
from shared.digest import plain
from shared.events.outside import Volunteered
from shared.world import Row
from tests.feedback.history import MENTEE, a_pair, hold, withdrawn

BAD: dict[str, Any] = {"usefulness": 1, "preparedness": 1, "listening": 1, "progress": 1}


def shown(row: Row) -> dict[str, Any]:
    table = str(TABLES[type(row)].__tablename__)
    return veiled("feedback", table, plain(row))


def test_what_a_side_has_rated_is_hidden_in_the_pair_while_it_goes_on_and_when_it_is_over() -> None:
    history = a_pair(4)
    for number in (1, 2):
        hold(history, number)
        history.submit("mentee", f"m{number}", **BAD)
        history.submit("mentor", f"m{number}", **BAD)

    state = shown(history.row(Cycle, "c1"))["state"]
    history.say("c1", withdrawn())
    over = shown(history.row(Cycle, "c1"))["state"]

    assert {state["watch"]["opinions"], state["watch"]["flags"], state["totals"]} == {HIDDEN}
    assert over["summary"]["satisfaction"] == HIDDEN
    assert (state["planned"], over["summary"]["held"]) == (4, 2)


def test_a_late_review_is_hidden_as_one_in_time_is() -> None:
    history = a_pair()
    hold(history, 1)
    history.wait(days=8)
    history.submit("mentor")

    row = shown(history.row(Review, "c1", "m1"))

    assert (row["late"], row["state"], row["entries"]) == (HIDDEN, HIDDEN, {})


def test_nobody_can_tell_from_a_hidden_answer_whether_it_was_a_yes_or_a_no() -> None:
    history = a_pair()
    answers = []
    for willing in (True, False):
        history.say(MENTEE, Volunteered(willing=willing), source="/mentoring/api")
        answers.append(shown(history.row(Person, MENTEE)))

    assert answers[0] == answers[1]
    assert answers[0]["willing"] == HIDDEN


def test_every_hidden_column_exists() -> None:
    for (service, table), paths in COLUMNS.items():
        if service == "feedback":
            columns = next(of for of in TABLES.values() if of.__tablename__ == table).model_fields
            assert {path.partition(".")[0] for path in paths} <= columns.keys()
