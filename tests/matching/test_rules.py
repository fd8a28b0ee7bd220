"""Each hard rule decides alone: everything else about the pair is allowed."""

from __future__ import annotations

from typing import Any

import pytest

from services.matching.pool import Guide, Seeker
from services.matching.rules import ALWAYS, CHOICE, CHOSEN, broken, in_force, shown
from shared.events.outside import Preferred
from shared.events.types import Duration
from tests.matching.history import hours
from tests.matching.people import EVERY_RULE, ann, mia, rules


def names(seeker: Seeker, guide: Guide, **given: Any) -> list[str]:
    return list(broken(seeker, guide, rules(**given)))


def test_no_rule_keeps_ann_and_mia_apart() -> None:
    assert names(ann(), mia()) == []


@pytest.mark.parametrize(
    "rule, seeker, guide",
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
def test_a_rule_alone_keeps_two_apart(rule: str, seeker: Seeker, guide: Guide) -> None:
    assert names(seeker, guide) == [rule]


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
