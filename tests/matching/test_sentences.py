"""Each part of a score and each rule has its sentence in plain words, from code and figures."""

from __future__ import annotations

from typing import get_args

import pytest

from services.matching.sentences import PARTS, RULES, part_sentence, rule_sentence
from shared.events.types import HardRule, Part


@pytest.mark.parametrize(
    "code, figures, part, sentence",
    [
        (
            "skills",
            {"wanted": 4, "exact": 2, "near": 1},
            0.6,
            "Offers 3 of the 4 skills asked for, 1 of them by a near one.",
        ),
        ("skills", {"wanted": 1, "exact": 1, "near": 0}, 1, "Offers 1 of the 1 skill asked for."),
        (
            "skills",
            {"wanted": 2, "exact": 0, "near": 2},
            0.5,
            "Offers 2 of the 2 skills asked for, by near ones.",
        ),
        (
            "skills",
            {"wanted": 4, "exact": 1, "near": 3},
            0.6,
            "Offers 4 of the 4 skills asked for, 3 of them by near ones.",
        ),
        (
            "skills",
            {"wanted": 2, "exact": 0, "near": 1},
            0.3,
            "Offers 1 of the 2 skills asked for, by a near one.",
        ),
        (
            "gap",
            {"missing": 7, "covered": 2},
            0.4,
            "Covers 2 of the 7 skills that the aspired occupation takes and the mentee lacks.",
        ),
        ("industry", {}, 1.0, "Works in the mentee's industry."),
        ("industry", {}, 0.75, "Works in an industry of the same division."),
        ("industry", {}, 0.5, "Works in an industry of the same section."),
        ("industry", {}, None, "Works in the mentee's industry or one close to it."),
        ("transition", {}, 1.0, "Has gone from the mentee's occupation to the one aspired to."),
        ("transition", {}, 0.5, "Has worked in the occupation that the mentee aspires to."),
        ("seniority", {"steps": 1}, 0.5, "Stands 1 level of seniority above the mentee."),
        ("languages", {"common": 2}, 1.0, "Shares 2 languages with the mentee."),
        (
            "time",
            {"minutes": 270},
            1.0,
            "Has 4 hours and 30 minutes a week in common with the mentee, all the year.",
        ),
        (
            "time",
            {"minutes": 45},
            0.2,
            "Has 45 minutes a week in common with the mentee, all the year.",
        ),
        (
            "ratings",
            {"count": 12},
            0.815,
            "Was rated 0.81 of 1 by 12 mentees, drawn to the program's mean.",
        ),
        (
            "time",
            {"minutes": 61},
            1.0,
            "Has 1 hour and 1 minute a week in common with the mentee, all the year.",
        ),
        (
            "time",
            {},
            0.001,
            "Has less than a minute a week in common with the mentee, all the year.",
        ),
        (
            "ratings",
            {"count": 1},
            0.5,
            "Was rated 0.50 of 1 by 1 mentee, drawn to the program's mean.",
        ),
        (
            "ratings",
            {"count": 0},
            0.7,
            "Has few ratings as yet and counts with the program's mean.",
        ),
    ],
)
def test_a_part_is_told_with_its_figures(
    code: str, figures: dict[str, float], part: float | None, sentence: str
) -> None:
    assert part_sentence(code, part, figures) == sentence


def test_skills_are_named_where_they_are_at_hand_and_counted_beyond_five() -> None:
    figures = {"wanted": 7, "exact": 7, "near": 0}
    assert part_sentence("skills", 1, figures, ["Go", "SQL"]).endswith("asked for: Go, SQL.")
    assert part_sentence("skills", 1, figures, list("abcdefg")).endswith(": a, b, c, d, e, 2 more.")


@pytest.mark.parametrize(
    "rule, count, sentence",
    [
        ("capacity", 2, "2 mentors have no place left."),
        ("capacity", 1, "1 mentor has no place left."),
        ("language", 3, "3 mentors share no language with the mentee."),
        ("floor", 1, "1 mentor suits the request less than the program's floor asks."),
        ("not_available", 4, "4 mentors are not available."),
    ],
)
def test_a_rule_is_told_with_how_many_it_keeps_away(rule: str, count: int, sentence: str) -> None:
    assert rule_sentence(rule, count) == sentence


def test_every_part_that_may_be_shown_has_words_and_no_other() -> None:
    assert set(PARTS) == set(get_args(Part)) - {"wishes", "waiting"}


def test_every_rule_that_may_be_named_has_words_and_no_rule_of_choice() -> None:
    assert set(RULES) == {*get_args(HardRule), "capacity", "floor", "not_available"}


def test_a_code_of_a_later_version_stands_for_itself() -> None:
    assert part_sentence("same_school", None, {}) == "Same school."
    assert rule_sentence("distance", 2) == "2 mentors break the rule distance."
