"""Each part of the score by itself, the weighing, and what is told of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.matching import components, rules, scoring, telling
from services.matching.industry import closeness, section
from services.matching.record import Ratings
from shared import vocabulary
from shared.events.outside import Preferred
from shared.events.people import HeldOccupation
from shared.events.types import Part
from tests.matching.history import hours
from tests.matching.people import Able, Asking, ann, mia, of

ESCO = vocabulary.load()
HASKELL = "000f1d3d-220f-4789-9c0a-cc742521fb02"
NEAR, COSINE = max(ESCO.near(HASKELL).items(), key=lambda near: near[1])
FAR = next(skill for skill in ESCO.skills if skill not in {*ESCO.near(HASKELL), HASKELL})
JOB = ESCO.occupations["0464b062-cea6-4164-b10d-956c61956ae7"]


ALL = slice(None)


def part(name: Part, asking: Asking, able: Able, **given: Any) -> float | None:
    """A component of one pair; None where it says nothing."""
    found = float(components.COMPONENTS[name](of(asking, able, **given), ALL)[0, 0])
    return None if np.isnan(found) else found


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


def test_background_wishes_are_the_share_of_the_mentees_that_both_state() -> None:
    mine, yours = Preferred(wishes=("parent", "rural", "secret")), Preferred(wishes=("parent",))
    given = {"wishes": ("parent", "rural", "remote")}
    assert part("wishes", ann(likes=mine), mia(likes=yours), **given) == 0.5
    assert part("wishes", ann(likes=mine), mia(), **given) == 0
    assert part("wishes", ann(likes=mine), mia(likes=yours)) is None
    both = Preferred(wishes=("parent",), prefer=("mia",))
    assert part("wishes", ann(likes=both), mia(likes=yours), **given) == 0.75


def test_a_rating_counts_from_k_opinions_on_and_before_that_the_programs_mean() -> None:
    program = Ratings("acme", ratings_sum=8_000_000, ratings_count=10)
    pool = of(
        ann(),
        mia(ratings=(5_000_000, 5)),
        mia(mentor="mio", ratings=(0, 4)),
        ratings=program,
        k=5,
    )
    assert components.ratings(pool, ALL).tolist() == [[0.9, 0.8]]


@pytest.mark.parametrize("count, told", [(4, [[None]]), (5, [[0.25]])])
def test_before_k_opinions_in_the_whole_program_not_even_their_mean_is_told(
    count: int, told: list[list[float | None]]
) -> None:
    program = Ratings("acme", ratings_sum=count * 250_000, ratings_count=count)
    pool = of(ann(), mia(), ratings=program, k=5, weights={"ratings": 1.0, "industry": 1.0})
    found = components.ratings(pool, ALL)
    assert np.where(np.isnan(found), None, found).tolist() == told  # type: ignore[call-overload]
    assert ("ratings" in scoring.scored(pool, ALL).parts) == (count == 5)


def test_where_nobody_has_rated_anybody_ratings_say_nothing() -> None:
    assert part("ratings", ann(), mia()) is None
    pool = of(ann(), mia(), weights={"ratings": 1.0, "industry": 1.0})
    assert scoring.scores(pool, ALL).tolist() == [[1.0]]


def test_the_score_is_the_weighted_mean_of_what_the_request_speaks_of() -> None:
    weights: dict[Part, float] = {"skills": 3.0, "industry": 1.0, "gap": 5.0, "waiting": 9.0}
    pool = of(ann(wanted_skills=("go", "c")), mia(skills=("go",)), weights=weights)
    assert telling.parts(pool, 0, 0) == {"skills": 0.5, "industry": 1}
    assert telling.score(pool, 0, 0) == round((3 * 0.5 + 1) / 4, 6)
    assert telling.weight(pool, 0) == 4


def test_a_part_without_weight_is_not_measured() -> None:
    assert set(telling.parts(of(ann(), mia(), weights={"time": 1.0}), 0, 0)) == {"time"}


def test_a_program_that_weighs_nothing_but_waiting_scores_nothing() -> None:
    pool = of(ann(), mia(), weights={"waiting": 1.0})
    assert scoring.scores(pool, ALL).tolist() == [[0]]
    assert (scoring.values(pool, ALL) > 0).all()


def test_figures_have_six_digits() -> None:
    asked = ann(wanted_skills=("a", "b", "c"))
    pool = of(asked, mia(skills=("a",)), weights={"skills": 1.0})
    assert telling.score(pool, 0, 0) == telling.parts(pool, 0, 0)["skills"] == 0.333333


def test_the_score_tells_nothing_of_wishes_and_a_pair_that_is_wished_for_is_worth_more() -> None:
    weights: dict[Part, float] = {"industry": 1.0, "wishes": 1.0}
    likes = Preferred(prefer=("mia",))
    wished = of(ann(likes=likes), mia(), mia(mentor="mio"), weights=weights)
    assert scoring.scores(wished, ALL).tolist() == [[1, 1]]
    values = scoring.values(wished, ALL)[0]
    assert values[0] > values[1]
    assert telling.public(telling.parts(wished, 0, 0)) == {"industry": 1}


def test_waiting_and_load_decide_between_equal_pairs_and_a_better_score_before_load() -> None:
    weights: dict[Part, float] = {"skills": 1.0, "waiting": 1.0}
    first, second = (
        ann(mentee=name, place=place, wanted_skills=tuple("abc"))
        for place, name in enumerate(["ann", "bob"])
    )
    able = [
        mia(mentor="m0", skills=tuple("ab"), capacity=99),
        mia(mentor="m1", skills=tuple("ab"), capacity=99, load=1),
        mia(mentor="m2", skills=tuple("abc"), capacity=99, load=63),
    ]
    earlier, later = scoring.values(of(first, second, *able, weights=weights, capacity=99), ALL)
    assert (earlier > later).all()
    assert earlier[2] > earlier[0] > earlier[1] > 0


def test_who_is_overtaken_grows_older_than_any_score_of_a_newcomer() -> None:
    weights: dict[Part, float] = {"skills": 9.0, "waiting": 1.0}
    old = ann(wanted_skills=("a",))
    new = ann(mentee="bob", place=500, wanted_skills=("b",))
    able = mia(skills=("b",))
    early, late = scoring.values(of(old, new, able, weights=weights), ALL)[:, 0]
    assert early > late
    again = of(old, ann(mentee="bob", place=1, wanted_skills=("b",)), able, weights=weights)
    early, late = scoring.values(again, ALL)[:, 0]
    assert early < late


def test_a_pair_below_the_floor_or_forbidden_is_worth_nothing() -> None:
    weights: dict[Part, float] = {"skills": 1.0, "waiting": 9.0}
    asked = ann(wanted_skills=("a", "b"))
    half, none = mia(skills=("a",)), mia(mentor="mio", skills=("c",))
    pool = of(asked, half, none, mia(mentor="out", skills=("a", "b"), left=True), weights=weights)
    assert (scoring.values(pool, ALL)[0] > 0).tolist() == [True, True, False]
    kept = of(asked, half, none, weights=weights, floor=0.5)
    assert (scoring.values(kept, ALL)[0] > 0).tolist() == [True, False]


@pytest.mark.parametrize("floor, enough", [(0.333333, True), (0.33333301, False)])
def test_the_floor_is_compared_with_the_score_as_it_is_told(floor: float, enough: bool) -> None:
    asked = ann(wanted_skills=("a", "b", "c"))
    pool = of(asked, mia(skills=("a",)), weights={"skills": 1.0}, floor=floor)
    assert scoring.scores(pool, ALL).tolist() == [[0.333333]]
    assert (scoring.values(pool, ALL) > 0).tolist() == [[enough]]


def test_the_scores_of_a_row_come_with_their_parts() -> None:
    weights: dict[Part, float] = {"skills": 1.0, "industry": 1.0, "gap": 1.0, "wishes": 1.0}
    found = scoring.scored(of(ann(wanted_skills=("a",)), mia(), weights=weights), ALL)
    assert found.scores.tolist() == [[0.5]]
    assert found.weight.tolist() == [2]
    assert found.parts["skills"].tolist() == [[0]]
    assert np.isnan(found.parts["gap"]).all()
    assert "wishes" not in found.parts


@pytest.mark.parametrize("rows", [(), (ann(),), (mia(),)])
def test_a_pool_without_requests_or_mentors_has_no_pairs(rows: tuple[Any, ...]) -> None:
    pool = of(*rows)
    shape = (pool.requests, pool.mentors)
    assert scoring.values(pool, ALL).shape == scoring.scores(pool, ALL).shape == shape
    assert rules.allowed(pool, ALL).shape == rules.shown_rule(pool, ALL).shape == shape


def test_a_skill_named_by_its_label_counts_as_that_skill() -> None:
    assert part("skills", ann(wanted_skills=(HASKELL,)), mia(skills=("hasKELL",))) == 1
    near = part("skills", ann(wanted_skills=("HASKELL",)), mia(skills=(ESCO.label(NEAR),)))
    assert near == pytest.approx(COSINE**2)


def test_without_a_vocabulary_only_equal_names_match() -> None:
    asked = ann(wanted_skills=(HASKELL, "Public speaking"), target_occupation=JOB.id)
    offer = mia(skills=(NEAR, "public  Speaking"))
    assert part("skills", asked, offer, vocabulary="none") == 0.5
    assert part("gap", asked, offer, vocabulary="none") is None


def test_a_program_compares_skills_by_its_own_vocabulary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = {
        "id": "mig",
        "label": "MIG welding",
        "kind": "skill",
        "also": [],
        "near": [["tig", 0.5]],
    }
    other = {"id": "tig", "label": "TIG welding", "kind": "skill", "also": [], "near": []}
    whole = {"statement": "", "source": "", "skills": [near, other], "occupations": []}
    (tmp_path / "trades.json").write_text(json.dumps(whole))
    monkeypatch.setenv("MENTORING_VOCABULARIES", str(tmp_path))
    asked = ann(wanted_skills=("mig welding",))
    assert part("skills", asked, mia(skills=("tig",)), vocabulary="trades") == 0.25
    assert part("skills", asked, mia(skills=("tig",))) == 0


def test_reasons_have_figures_the_greatest_first_and_never_wishes() -> None:
    asked = ann(
        wanted_skills=("a", HASKELL, "c", "d"),
        likes=Preferred(prefer=("mia",)),
        time=hours("09:00", 240, "MO"),
    )
    weights: dict[Part, float] = {"skills": 1.0, "time": 1.0, "wishes": 1.0, "industry": 1.0}
    pool = of(asked, mia(skills=("a", NEAR)), weights=weights)
    parts = telling.parts(pool, 0, 0)
    assert "wishes" in parts
    assert "wishes" not in telling.public(parts)
    told = {reason.code: reason.figures for reason in telling.reasons(pool, 0, 0, parts)}
    assert list(told) == ["industry", "time", "skills"]
    assert told["skills"] == {"wanted": 4, "exact": 1, "near": 1}
    assert told["time"] == {"minutes": 240}


def test_the_skills_behind_a_score_are_told_in_the_requests_order() -> None:
    asked = ann(wanted_skills=("d", HASKELL, "a"), target_occupation=JOB.id)
    pool = of(asked, mia(skills=("a", NEAR, JOB.skills[0])))
    told = telling.told(pool, 0, 0)
    assert (told.exact, told.near) == (("a",), (HASKELL,))
    assert told.missing == JOB.skills
    assert JOB.skills[0] in told.covered
