"""Each part of the score by itself, the weighing, and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from services.matching import scoring
from services.matching.industry import closeness, section
from services.matching.pool import Guide, Seeker
from shared import vocabulary
from shared.events.outside import Preferred
from shared.events.people import HeldOccupation
from shared.events.types import Part
from tests.matching.history import hours
from tests.matching.people import ann, mia, rules

ESCO = vocabulary.load()
HASKELL = "000f1d3d-220f-4789-9c0a-cc742521fb02"
NEAR, COSINE = max(ESCO.near(HASKELL).items(), key=lambda near: near[1])
FAR = next(skill for skill in ESCO.skills if skill not in {*ESCO.near(HASKELL), HASKELL})
JOB = ESCO.occupations["0464b062-cea6-4164-b10d-956c61956ae7"]


def part(name: Part, seeker: Seeker, guide: Guide, **given: Any) -> float | None:
    return scoring.MEASURES[name](seeker, guide, rules(**given))


def test_skills_are_the_share_of_the_wanted_ones_that_are_offered() -> None:
    assert part("skills", ann(wanted_skills=("go", "rust")), mia(skills=("go", "c"))) == 0.5


def test_a_near_skill_counts_as_the_square_of_its_cosine() -> None:
    near = part("skills", ann(wanted_skills=(HASKELL,)), mia(skills=(NEAR,)))
    assert near == pytest.approx(COSINE**2)
    assert part("skills", ann(wanted_skills=(HASKELL,)), mia(skills=(FAR,))) == 0
    assert part("skills", ann(wanted_skills=(HASKELL,)), mia(skills=(NEAR, HASKELL))) == 1


def test_labels_are_compared_without_case_and_spacing_and_each_once() -> None:
    asked = ann(wanted_skills=("Public  Speaking", "public speaking"))
    assert part("skills", asked, mia(skills=("PUBLIC SPEAKING",))) == 1


def test_the_gap_is_closed_by_five_of_the_missing_skills() -> None:
    asked = ann(target_occupation=JOB.id, held_skills=JOB.skills[:2])
    missing = JOB.skills[2:]
    alone = [skill for skill in missing if not set(ESCO.near(skill)) & set(missing)]
    assert part("gap", asked, mia(skills=alone[:1])) == pytest.approx(1 / 5)
    assert part("gap", asked, mia(skills=missing)) == 1
    assert part("gap", asked, mia()) == 0


def test_who_misses_nothing_has_no_gap_to_be_measured() -> None:
    assert part("gap", ann(target_occupation=JOB.id, held_skills=JOB.skills), mia()) is None
    assert part("gap", ann(), mia()) is None


@pytest.mark.parametrize(
    "one, two, close",
    [("J", "J", 1), ("6201", "6201", 1), ("6201", "6202", 0.75), ("62", "63", 0.5), ("J", "62", 0.5), ("J", "K", 0), ("01", "99", 0)],
)  # fmt: skip
def test_industries_are_close_by_division_and_section(one: str, two: str, close: float) -> None:
    assert closeness(one, two) == closeness(two, one) == close


@pytest.mark.parametrize("code, letter", [("01", "A"), ("0111", "A"), ("33", "C"), ("99", "U")])
def test_a_code_lies_in_its_section(code: str, letter: str) -> None:
    assert section(code) == letter


@pytest.mark.parametrize(
    "held, share", [(("dev", "lead"), 1), (("lead",), 0.5), (("dev",), 0), ((), 0)]
)
def test_a_transition_counts_whole_when_the_mentor_made_it(
    held: tuple[str, ...], share: float
) -> None:
    jobs = tuple(HeldOccupation(id=job) for job in held)
    asked = ann(occupation="dev", target_occupation="lead")
    assert part("transition", asked, mia(occupations=jobs)) == share


def test_without_a_target_there_is_no_transition() -> None:
    assert part("transition", ann(), mia()) is None


@pytest.mark.parametrize("steps, share", [(-1, 0), (0, 0), (1, 0.5), (3, 1), (5, 0.5), (7, 0)])
def test_three_steps_of_seniority_are_best(steps: int, share: float) -> None:
    assert part("seniority", ann(seniority=1), mia(seniority=max(0, 1 + steps))) == share


def test_languages_are_the_share_of_the_mentees() -> None:
    assert part("languages", ann(languages=("en", "de")), mia(languages=("de-AT", "fr"))) == 0.5


def test_common_time_is_measured_by_four_meetings() -> None:
    free = ann(time=hours("09:00", 120, "MO"))
    assert part("time", free, mia()) == 0.5
    assert part("time", ann(), mia()) == 1
    assert part("time", ann(time=None), mia()) == 0


def test_wishes_count_half_for_each_side() -> None:
    mine, yours = Preferred(prefer=("mia",)), Preferred(prefer=("ann",))
    assert part("wishes", ann(likes=mine), mia()) == 0.5
    assert part("wishes", ann(likes=mine), mia(likes=yours)) == 1
    assert part("wishes", ann(), mia(likes=yours)) is None


def test_the_score_is_the_weighted_mean_of_what_the_request_speaks_of() -> None:
    weighed = rules(weights={"skills": 3.0, "industry": 1.0, "gap": 5.0, "waiting": 9.0})
    found = scoring.score(ann(wanted_skills=("go", "c")), mia(skills=("go",)), weighed)
    assert found.parts == {"skills": 0.5, "industry": 1}
    assert found.score == round((3 * 0.5 + 1) / 4, 6)


def test_a_part_without_weight_is_not_measured() -> None:
    found = scoring.score(ann(), mia(), rules(weights={"time": 1.0}))
    assert set(found.parts) == {"time"}


def test_a_program_that_weighs_nothing_but_waiting_scores_nothing() -> None:
    assert scoring.score(ann(), mia(), rules(weights={"waiting": 1.0})).score == 0


def test_figures_have_six_digits() -> None:
    asked = ann(wanted_skills=("a", "b", "c"))
    found = scoring.score(asked, mia(skills=("a",)), rules(weights={"skills": 1.0}))
    assert (found.score, found.parts["skills"]) == (0.333333, 0.333333)


def test_waiting_and_load_decide_between_equal_pairs_and_a_better_score_before_load() -> None:
    given = rules(weights={"skills": 1.0, "waiting": 1.0})
    found = scoring.score(ann(wanted_skills=("a",)), mia(skills=("a",)), given)
    less = found._replace(score=found.score - 0.00001)
    assert scoring.value(found, 1, 0, given) > scoring.value(found, 0, 0, given)
    assert scoring.value(found, 0, 0, given) > scoring.value(found, 0, 1, given)
    assert scoring.value(found, 0, 63, given) > scoring.value(less, 0, 0, given) > 0


def test_reasons_have_figures_the_greatest_first_and_never_wishes() -> None:
    asked = ann(
        wanted_skills=("a", HASKELL, "c", "d"),
        likes=Preferred(prefer=("mia",)),
        time=hours("09:00", 240, "MO"),
    )
    able = mia(skills=("a", NEAR))
    weights: dict[Part, float] = {"skills": 1.0, "time": 1.0, "wishes": 1.0, "industry": 1.0}
    found = scoring.score(asked, able, rules(weights=weights))
    assert "wishes" in found.parts
    assert "wishes" not in scoring.public(found.parts)
    told = {reason.code: reason.figures for reason in scoring.reasons(asked, able, found.parts)}
    assert list(told) == ["industry", "time", "skills"]
    assert told["skills"] == {"wanted": 4, "exact": 1, "near": 1}
    assert told["time"] == {"minutes": 240}
