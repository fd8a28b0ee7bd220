"""Each hard rule decides alone: everything else about the pair is allowed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from services.matching.rules import (
    ALWAYS,
    CHOICE,
    CHOSEN,
    SHOWN,
    allowed,
    broken,
    in_force,
    shown,
    shown_rule,
)
from shared.events.outside import Preferred
from shared.events.types import Duration
from tests.matching.history import hours
from tests.matching.people import EVERY_RULE, Able, Asking, ann, mia, of, rules

ALL = slice(None)


def names(asking: Asking, able: Able, **given: Any) -> list[str]:
    return broken(of(asking, able, **given), 0, 0)


def test_no_rule_keeps_ann_and_mia_apart() -> None:
    pool = of(ann(), mia())
    assert names(ann(), mia()) == []
    assert allowed(pool, ALL).tolist() == [[True]]
    assert shown_rule(pool, ALL).tolist() == [[-1]]


@pytest.mark.parametrize(
    "rule, asking, able",
    [
        ("other_person", ann(mentee="mia"), mia()),
        ("present", ann(), mia(left=True)),
        ("present", ann(), mia(paused=True)),
        ("present", ann(), mia(accepts_new=False)),
        ("not_ruled_out", ann(never=("mia",)), mia()),
        ("not_avoided", ann(likes=Preferred(avoid=("mia",))), mia()),
        ("not_avoided", ann(), mia(likes=Preferred(avoid=("ann",)))),
        ("only_once", ann(mentors=("mia",)), mia()),
        ("not_reciprocal", ann(), mia(mentors=("ann",))),
        ("capacity", ann(), mia(capacity=2, load=2)),
        ("capacity", ann(), mia(capacity=0)),
        ("language", ann(languages=("fr",)), mia(languages=("en",))),
        ("time", ann(time=hours("08:00", 120)), mia(time=hours("12:00", 120))),
        ("time", ann(time=None), mia()),
        ("format", ann(formats=("chat",)), mia(formats=("video", "audio"))),
        ("team", ann(team="red"), mia(team="red")),
        ("reporting_line", ann(manager="mia"), mia()),
        ("reporting_line", ann(), mia(manager="ann")),
        ("seniority", ann(seniority=6), mia(seniority=6)),
    ],
)
def test_a_rule_alone_keeps_two_apart(rule: str, asking: Asking, able: Able) -> None:
    pool = of(asking, able)
    assert names(asking, able) == [rule]
    assert not allowed(pool, ALL).any()
    assert SHOWN[shown_rule(pool, ALL)[0, 0]] == shown([rule])


@pytest.mark.parametrize("rule", EVERY_RULE)
def test_a_chosen_rule_holds_only_where_the_program_chose_it(rule: str) -> None:
    nothing_in_common = (
        ann(time=None, languages=("fr",), formats=("chat",), team="red", manager="mia"),
        mia(team="red", seniority=1),
    )
    assert names(*nothing_in_common, hard=()) == []
    assert names(*nothing_in_common, hard=(rule,)) == [rule]


def test_the_programs_limit_binds_before_the_offered_capacity() -> None:
    assert names(ann(), mia(capacity=5, load=2), capacity=2) == ["capacity"]
    assert names(ann(), mia(capacity=5, load=2), capacity=3) == []


def test_regional_variants_are_one_language() -> None:
    assert names(ann(languages=("en-GB",)), mia(languages=("en-US",))) == []


def test_common_time_has_to_hold_a_whole_meeting() -> None:
    short = (ann(time=hours("08:00", 120)), mia(time=hours("09:01", 120)))
    assert names(*short) == ["time"]
    assert names(*short, length=Duration(clock=59)) == []


def test_common_time_looks_through_zones() -> None:
    berlin = hours("09:00", 60, zone="Europe/Berlin")
    lisbon = hours("08:00", 60, zone="Europe/Lisbon")
    assert names(ann(time=berlin), mia(time=lisbon)) == []


def test_an_explanation_names_one_rule_and_never_a_choice() -> None:
    assert shown([]) is None
    assert shown(["time", "capacity"]) == "capacity"
    assert {shown(["time", rule]) for rule in CHOICE} == {"not_available"}


def test_every_rule_is_in_force_once() -> None:
    found = [name for name, _ in in_force(rules())]
    assert found == [*ALWAYS, *CHOSEN]


def test_rules_are_asked_of_all_pairs_at_once_and_of_the_rows_that_are_named() -> None:
    pool = of(ann(team="red"), ann(mentee="bob", place=1), mia(team="red"), mia(mentor="mio"))
    assert allowed(pool, ALL).tolist() == [[False, True], [True, True]]
    assert allowed(pool, slice(1, 2)).tolist() == [[True, True]]
    assert allowed(pool, np.array([1, 0])).tolist() == [[True, True], [False, True]]


def test_who_names_somebody_outside_the_pool_is_kept_from_nobody() -> None:
    likes = Preferred(avoid=("zoe",))
    assert names(ann(never=("zoe",), mentors=("zoe",), manager="zoe", likes=likes), mia()) == []


def test_more_than_64_languages_in_a_pool_are_told_apart() -> None:
    codes = [f"{one}{two}" for one in "abcdefghij" for two in "abcdefghij"]
    mentors = [mia(mentor=f"m-{code}", languages=(code,)) for code in codes]
    pool = of(ann(languages=("je", "de")), *mentors)
    found = allowed(pool, ALL)[0].nonzero()[0]
    assert [codes[column] for column in found] == ["de", "je"]
