"""The shipped vocabulary and the form of a vocabulary file."""

from typing import Any

import pytest

from shared import vocabulary
from shared.vocabulary import InvalidVocabulary


def _content(**changed: Any) -> dict[str, Any]:
    skill = {"id": "a", "label": "A", "kind": "skill", "also": [], "near": [["b", 0.75]]}
    other = {"id": "b", "label": "B", "kind": "skill", "also": [], "near": []}
    occupation = {"id": "o", "label": "O", "also": [], "skills": ["a", "b"]}
    whole = {"statement": "s", "source": "x", "skills": [skill, other], "occupations": [occupation]}
    return whole | changed


def test_the_shipped_vocabulary_holds_91_occupations_and_1286_skills_with_its_statement() -> None:
    esco = vocabulary.load()
    assert (len(esco.occupations), len(esco.skills)) == (91, 1286)
    assert esco.statement == "This service uses the ESCO classification of the European Commission."


def test_every_skill_of_an_occupation_is_in_the_vocabulary() -> None:
    esco = vocabulary.load()
    assert all(skill in esco.skills for job in esco.occupations.values() for skill in job.skills)


def test_the_vocabulary_is_read_once() -> None:
    assert vocabulary.load() is vocabulary.load()


def test_neighbours_are_neighbours_of_each_other() -> None:
    parsed = vocabulary.parse("test", _content())
    assert parsed.near("a") == {"b": 0.75}
    assert parsed.near("b") == {"a": 0.75}


def test_a_skill_outside_the_vocabulary_has_no_neighbours_and_is_its_own_label() -> None:
    parsed = vocabulary.parse("test", _content())
    assert parsed.near("welding") == {}
    assert parsed.label("welding") == "welding"
    assert parsed.label("a") == "A"


def test_the_gap_is_what_the_target_takes_and_the_mentee_lacks() -> None:
    parsed = vocabulary.parse("test", _content())
    assert parsed.gap("o", ["a"]) == ("b",)
    assert parsed.gap("o", ["a", "b"]) == ()


@pytest.mark.parametrize("occupation", [None, "astronaut"])
def test_without_a_known_target_there_is_no_gap(occupation: str | None) -> None:
    assert vocabulary.parse("test", _content()).gap(occupation, []) == ()


def test_a_missing_part_is_refused_by_name() -> None:
    content = _content()
    del content["skills"]
    with pytest.raises(InvalidVocabulary, match="skills"):
        vocabulary.parse("test", content)


def test_an_unknown_skill_of_an_occupation_is_refused() -> None:
    occupation = {"id": "o", "label": "O", "also": [], "skills": ["welding"]}
    with pytest.raises(InvalidVocabulary, match="unknown skill welding"):
        vocabulary.parse("test", _content(occupations=[occupation]))


def test_a_vocabulary_that_is_not_shipped_is_refused() -> None:
    with pytest.raises(InvalidVocabulary, match="vocabulary trades"):
        vocabulary.load("trades")
