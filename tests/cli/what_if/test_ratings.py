"""What a comparison reads of reviews, and the arithmetic of its figures."""

from datetime import UTC, datetime

import pytest

from services.cli.population_program import Plan, opened
from services.cli.what_if.arithmetic import mean, quantile, survival_median
from services.cli.what_if.ratings import Ratings
from shared.events import feedback
from shared.events.envelope import Event

AT = datetime(2026, 3, 2, tzinfo=UTC)


def reviewed(cycle: str, scale: tuple[int, int] | None, **ratings: int) -> Event:
    stated = {"usefulness": {"min": scale[0], "max": scale[1]}} if scale else {}
    data = feedback.Reviewed.model_validate(
        {
            "mentee": "ann",
            "mentor": "bob",
            "rules": "r1",
            "meeting": "m1",
            "by": "both",
            "scales": dict.fromkeys(ratings, stated),
            "ratings": {side: {"usefulness": value} for side, value in ratings.items()},
            "missing": sorted({"mentee", "mentor"} - ratings.keys()),
        }
    )
    return Event("00000000-0000-4000-8000-000000000001", "/x", "demo", cycle, AT, data)


def test_ratings_are_shares_of_the_scale_that_a_review_names_else_of_the_rules() -> None:
    ratings = Ratings()
    rules = opened(Plan(1, 1, 1))
    ratings.add(Event("00000000-0000-4000-8000-000000000002", "/x", "demo", "demo", AT, rules))
    ratings.add(reviewed("a", (0, 10), mentee=9))
    ratings.add(reviewed("a", None, mentee=5, mentor=1))
    assert ratings.of("a") == {"mentee": [0.9, 1.0], "mentor": [0.0]}
    assert ratings.of("b") == {}


def test_figures_of_nothing_are_none() -> None:
    assert (mean([]), quantile([], 50), survival_median([], [])) == (None, None, None)


@pytest.mark.parametrize("percent, expected", [(50, 2.0), (90, 4.0), (25, 1.0), (26, 2.0)])
def test_quantiles_are_by_nearest_rank(percent: int, expected: float) -> None:
    assert quantile([4.0, 1.0, 3.0, 2.0], percent) == expected


def test_the_median_of_all_counts_those_who_waited_in_vain() -> None:
    assert survival_median([1, 2, 3], []) == 2
    assert survival_median([1, 2, 3], [1, 9]) == 3
    assert survival_median([1], [9, 9]) is None
