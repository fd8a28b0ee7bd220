"""What a number is of grows by nobody or by k persons, however many others something else has happened to."""

from collections.abc import Callable
from typing import Any

import pytest

from services.feedback.report.report import make_report
from shared.events import outside
from tests.feedback.report.telling import GOOD, Telling, at, begun

K = 3
OUTSIDE = {"mentee": "PT30M", "mentor": "PT0M"}


def program() -> Telling:
    """A dozen requests: four pairs that did everything, six that have not met, and four that wait."""
    told = begun(k=K)
    for number in range(14):
        told.offered(f"mentor-{number}", 3)
        told.requested(f"c{number}", f"mentee-{number}")
        if number < 10:
            told.paired(f"c{number}", f"mentor-{number}")
            told.scheduled(f"c{number}", 1, day=2 if number < 4 else 9, outside=OUTSIDE)
        else:
            held = {"proposal": f"p{number}", "mentor": f"mentor-{number}"}
            told.fact("matching", "proposed", f"c{number}", held)
    told.day = 2
    for number in range(4):
        told.met(f"c{number}", 1)
        told.reviewed(f"c{number}", mentee=GOOD, mentor=GOOD)
        told.concluded(f"c{number}", "completed", agreed=2, reached=1)
    told.day = 9
    return told


def one_is_paired_as_others_end(told: Telling, few: int) -> None:
    for number in range(10, 14):
        if number < 10 + few:
            told.paired(f"c{number}", f"mentor-{number}")
        else:
            told.concluded(f"c{number}", "unmatched", paired=False)


def one_is_absent_as_others_have_no_evidence(told: Telling, few: int) -> None:
    for number in range(4, 10):
        reason = "absent" if number < 4 + few else "no_evidence"
        told.missed(f"c{number}", 1, reason=reason)


def one_has_met_as_others_are_absent(told: Telling, few: int) -> None:
    for number in range(4, 10):
        (told.met if number < 4 + few else told.missed)(f"c{number}", 1)


def one_pair_rates_as_of_others_one_side_does(told: Telling, few: int) -> None:
    for number in range(4, 10):
        sides = ("mentee", "mentor") if number < 4 + few else (("mentee", "mentor")[number % 2],)
        told.reviewed(f"c{number}", **dict.fromkeys(sides, GOOD))


def one_has_goals_as_others_end_without(told: Telling, few: int) -> None:
    for number in range(4, 10):
        goals: dict[str, Any] = {"agreed": 2, "reached": 2} if number < 4 + few else {}
        told.concluded(f"c{number}", "completed", **goals)


def one_lets_an_offer_go(told: Telling, few: int) -> None:
    for number in range(10, 10 + few):
        told.say(f"c{number}", outside.Declined(proposal=f"p{number}", by=f"mentor-{number}"))


@pytest.mark.parametrize(
    "metric, happens",
    [
        ("time_to_pair", one_is_paired_as_others_end),
        ("no_show", one_is_absent_as_others_have_no_evidence),
        ("outside_of_mentees", one_has_met_as_others_are_absent),
        ("two_sided", one_pair_rates_as_of_others_one_side_does),
        ("goals", one_has_goals_as_others_end_without),
        ("load", one_lets_an_offer_go),
    ],
)
def test_a_number_is_renewed_when_it_grows_by_k_persons_and_not_when_by_one(
    metric: str, happens: Callable[[Telling, int], None]
) -> None:
    renewed = []
    for few in (1, K):
        told = program()
        happens(told, few)
        columns = told.columns()
        before, after = (make_report(columns, at(day), log="x") for day in (8, 15))
        assert before.metric(metric).as_of == before.released
        renewed.append(after.metric(metric).as_of == after.released)

    assert renewed == [False, True]
