"""Two worlds beside each other: nothing confidential is told, and every figure is what it says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.cli.what_if.compare import Comparison, compare
from services.cli.what_if.figures import again, plain, summary
from services.cli.what_if.page import page
from services.cli.what_if.ratings import Ratings
from services.cli.what_if.satisfaction import satisfaction
from services.cli.what_if.tables import report
from services.matching.what_if.account import Pair
from shared.events.outside import Opened
from shared.events.rules import DEFAULT_WEIGHTS
from tests.cli.what_if.worlds import weighed
from tests.shared.replay.recorded import golden

GOLDEN = golden()
WISHING = {**DEFAULT_WEIGHTS, "wishes": 1.0}
"""Weights of the record, in the eyes of the comparison."""


async def test_pairs_are_told_apart_by_their_persons() -> None:
    found = await compared(acceptance="none")
    kept = {(pair.mentee, pair.mentor) for pair in found.both}
    recorded = {(pair.mentee, pair.mentor) for pair in found.recorded.pairs}
    revised = {(pair.mentee, pair.mentor) for pair in found.revised.pairs}
    assert kept == recorded & revised
    assert {(pair.mentee, pair.mentor) for pair in found.only_recorded} == recorded - revised
    assert {(pair.mentee, pair.mentor) for pair in found.only_revised} == revised - recorded


@pytest.mark.parametrize(
    "weights",
    [{"wishes": 5.0}, {"wishes": 0.0}, dict.fromkeys(set(DEFAULT_WEIGHTS) - {"wishes"}, 0.1)],
    ids=["wishes weigh more", "wishes are left out", "the rest weighs less"],
)
async def test_pairs_are_not_listed_where_wishes_alone_may_be_why_they_differ(
    weights: dict[str, float],
) -> None:
    """Whoever could let wishes alone decide, or leave them out, would read them from the pairs."""
    found = await compared(weights={**WISHING, **weights})
    assert not found.named
    assert plain(found)["listed"] is None
    assert not any(pair.mentee in page(found) for pair in found.recorded.pairs)
    assert "pairs are not listed: wishes weigh otherwise" in str(list(report(found).renderables))


async def test_pairs_are_listed_where_wishes_weigh_as_they_did() -> None:
    found = await compared(weights={**WISHING, "skills": 9.0})
    assert plain(found)["listed"] is not None
    assert any(pair.mentee in page(found) for pair in found.recorded.pairs)


async def test_no_score_that_is_shown_knows_wishes() -> None:
    weights = {"wishes": 9.0, "skills": 1.0}
    found = await compared(weights=weights)
    only_skills = await compared(weights={"skills": 1.0})
    by_cycle = {pair.cycle: pair.revised for pair in only_skills.recorded.pairs}
    assert {pair.cycle: pair.revised for pair in found.recorded.pairs} == by_cycle


def test_satisfaction_of_few_persons_is_hidden_and_so_is_the_other_part() -> None:
    ratings = rated({"c1": (0.5, 0.7), "c2": (1.0, 0.9), "c3": (0.5, 0.5)})
    few, many = [pair("c1")], [pair("c2"), pair("c3")]

    hidden = satisfaction(ratings, many, few, k=3)
    shown = satisfaction(ratings, many, few, k=2)
    alone = satisfaction(ratings, [*many, *few], [], k=3)

    assert [each.hidden for each in hidden] == [True, True, False]
    assert [(each.mentee, each.persons) for each in hidden[:2]] == [(None, None), (None, None)]
    assert [each.hidden for each in shown] == [False, False, False]
    assert (shown[0].mentee, shown[0].mentor, shown[0].persons) == (0.75, 0.7, 4)
    assert [each.hidden for each in alone] == [False, False, False]


def test_satisfaction_is_told_in_steps_that_hide_one_pair() -> None:
    ratings = rated({"c1": (0.51, 0.5), "c2": (0.52, 0.5)})
    told = satisfaction(ratings, [pair("c1"), pair("c2")], [], k=1)
    assert told[0].mentee == 0.5


async def test_where_todays_code_does_not_repeat_the_record_it_is_said_first() -> None:
    found = await weighed(GOLDEN)
    pairs = len(found.recorded.pairs)
    found.again.pairs.pop()
    told = compare("demo", found, lambda rules: rules)
    assert "today's version does not make all recorded pairs" in told.limits[0]
    assert (told.again, told.pairs, told.more) == (pairs - 1, pairs, 0)


async def test_pairs_that_a_bug_kept_from_the_record_are_counted_in_the_head() -> None:
    found = await weighed(GOLDEN)
    more = len(found.recorded.pairs) - 1
    found.recorded.pairs[:] = found.recorded.pairs[:1]
    told = compare("demo", found, lambda rules: rules)
    assert summary(told) == (
        "No rule differs: 1 pair in the record, 1 made again, "
        f"and {more} pairs made that the record does not have."
    )
    assert f"1 of 1 recorded pairs come out, at the same instant, and {more} that" in again(told)
    assert (
        f"makes the recorded pairs and {more} pairs that the record does not have" in told.limits[0]
    )


async def test_proposals_that_nobody_has_answered_when_the_record_ends_are_told() -> None:
    """They are no pairs yet, and the rules are not why."""
    first = next(n for n, entry in enumerate(GOLDEN) if entry.word in {"accepted", "declined"})
    told = compare("demo", await weighed(GOLDEN[:first]), revised(floor=0.0))
    assert told.revised.held == told.recorded.held > 0
    assert "for an answer when the record ends, and" in summary(told)


async def test_words_of_the_page_are_escaped() -> None:
    found = await compared()
    assert "&lt;b&gt;" in page(replace(found, program="<b>"))


async def compared(**fields: Any) -> Comparison:
    revise = revised(**fields)
    found = await weighed(GOLDEN, revise)
    found.rules = {name: revised(weights=WISHING)(rules) for name, rules in found.rules.items()}
    return compare("demo", found, revise)


def revised(**fields: Any) -> Callable[[Opened], Opened]:
    return lambda rules: Opened.model_validate({**dict(rules), **fields})


def rated(cycles: dict[str, tuple[float, float]]) -> Ratings:
    return Ratings(
        {
            name: {"mentee": [mentee], "mentor": [mentor]}
            for name, (mentee, mentor) in cycles.items()
        }
    )


def pair(cycle: str) -> Pair:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Pair(cycle, "r", f"a-{cycle}", f"m-{cycle}", at, 1.0, 0.5, 0.5)
