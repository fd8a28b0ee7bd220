"""A pair is told what it has to work on: what the mentee lacks or wants and the mentor can teach."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.matching.skills import TAUGHT, missing, taught
from shared import vocabulary
from shared.events.matching import Paired, Proposed
from shared.events.outside import Accepted
from tests.matching.history import a_program, all_of, always, offered, only, requested

ESCO = vocabulary.load()
NONE = vocabulary.load("none")
JOB = next(iter(ESCO.occupations.values()))


def skills_of(*offer: str, known: vocabulary.Vocabulary = ESCO, **wishes: Any) -> tuple[str, ...]:
    return taught(known, requested("ann", **wishes), offer)


def test_a_pair_works_on_what_is_wanted_and_offered_in_the_order_of_the_request() -> None:
    found = skills_of(
        "sales", "Writing", "speaking", known=NONE, wanted_skills=("speaking", "cooking", "writing")
    )
    assert found == ("speaking", "writing")


def test_what_is_offered_itself_comes_before_what_is_near_whatever_is_wanted_first() -> None:
    (skill, near), other = closest(), far_from(*closest())
    assert skills_of(near, other, wanted_skills=(skill, other)) == (other, skill)


def test_a_skill_that_is_only_a_little_like_what_the_mentor_offers_is_not_taught() -> None:
    skill, near = next(
        (one, other) for one in ESCO.skills for other, how in ESCO.near(one).items() if how < 0.7
    )
    assert skills_of(near, wanted_skills=(skill,)) == ()
    assert skills_of(near, wanted_skills=(near,)) == (near,)


def test_what_the_target_occupation_takes_stands_behind_what_is_wanted() -> None:
    one, other = two_missing()
    found = skills_of(one, other, "juggling", target_occupation=JOB.id, wanted_skills=("juggling",))
    assert found == ("juggling", one, other)


def test_what_the_mentee_holds_already_is_not_missing() -> None:
    one, other = two_missing()
    assert skills_of(one, other, target_occupation=JOB.id, held_skills=(one,)) == (other,)


def test_a_skill_that_is_both_wanted_and_missing_is_named_once() -> None:
    one, _ = two_missing()
    label = ESCO.label(one).upper()
    assert skills_of(one, target_occupation=JOB.id, wanted_skills=(label,)) == (one,)


def test_eight_skills_are_named_at_most() -> None:
    names = tuple(f"skill {number}" for number in range(20))
    assert skills_of(*names, known=NONE, wanted_skills=names) == names[:TAUGHT]


def test_a_pair_without_a_skill_in_common_has_none_to_work_on() -> None:
    assert skills_of("sales", known=NONE, wanted_skills=("writing",)) == ()
    assert skills_of("sales", known=NONE) == ()


def test_a_skill_whose_id_no_event_can_hold_is_named_as_the_request_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"kind": "skill", "also": [], "near": []}
    long = [{"id": letter * 200, "label": f"{letter} skill", **known} for letter in "ab"]
    job = {"id": "job", "label": "Job", "also": [], "skills": [each["id"] for each in long]}
    whole = {"statement": "", "source": "", "skills": long, "occupations": [job]}
    (tmp_path / "long.json").write_text(json.dumps(whole))
    monkeypatch.setenv("MENTORING_VOCABULARIES", str(tmp_path))
    found = taught(
        vocabulary.load("long"),
        requested("ann", wanted_skills=("A skill",), target_occupation="job"),
        ("a skill", "b skill"),
    )
    assert found == ("A skill",)


def test_paired_names_the_skills_of_the_pair_whoever_was_asked_first() -> None:
    for acceptance in ("none", "mentor"):
        history = a_program(acceptance=acceptance)
        history.say("mia", offered(skills=("writing", "sales")))
        history.say("mia", always())
        history.say("ann", always())
        said = history.say("c1", requested("ann", wanted_skills=("sales", "tax")))
        for asked in all_of(said, Proposed):
            said = history.say("c1", Accepted(proposal=asked.proposal, by="mia"))
        assert only(said, Paired).skills == ("sales",)


def closest() -> tuple[str, str]:
    """Two skills of the vocabulary than which none are nearer to each other."""
    near = ((how, one, other) for one in ESCO.skills for other, how in ESCO.near(one).items())
    return max(near)[1:]


def far_from(*skills: str) -> str:
    near = {*skills, *(other for skill in skills for other in ESCO.near(skill))}
    return next(skill for skill in ESCO.skills if skill not in near)


def two_missing() -> tuple[str, str]:
    """Two skills of the job, in its order, that no other skill of it is near to."""
    lacks = missing(ESCO, requested("ann", target_occupation=JOB.id))
    one, other, *_ = (skill for skill in lacks if not set(ESCO.near(skill)) & set(lacks))
    return one, other
