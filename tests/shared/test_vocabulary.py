"""The shipped vocabulary, the operator's own ones, and the form of a vocabulary file."""

import gzip
import json
from pathlib import Path
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


def test_none_is_a_vocabulary_without_entries() -> None:
    none = vocabulary.load("none")
    assert (none.skill("Haskell"), none.near("x"), none.gap("o", ())) == (None, {}, ())


def test_a_skill_is_known_by_id_label_and_alternative_label_case_and_spacing_aside() -> None:
    skill = {"id": "W-1", "label": "Arc welding", "kind": "skill", "also": ["arc work"], "near": []}
    parsed = vocabulary.parse("test", _content(skills=[skill], occupations=[]))
    names = ("W-1", "w-1", "ARC  welding", " Arc Work ")
    assert {parsed.skill(name) for name in names} == {"W-1"}
    assert parsed.skill("welding") is None


def test_an_alternative_label_of_two_skills_means_neither_and_a_label_comes_before_it() -> None:
    one, two, three = (
        {"id": name, "label": name.upper(), "kind": "skill", "also": also, "near": []}
        for name, also in [("a", ["ml", "c"]), ("b", ["ml"]), ("c", [])]
    )
    parsed = vocabulary.parse("test", _content(skills=[one, two, three], occupations=[]))
    assert parsed.skill("ML") is None
    assert parsed.skill("c") == parsed.skill("C") == "c"


def test_an_occupation_is_known_by_its_label_too() -> None:
    parsed = vocabulary.parse("test", _content())
    assert parsed.occupation("O") == parsed.occupation("o") == "o"
    assert vocabulary.load().occupation("Beekeeper") is None


@pytest.mark.parametrize("name", ["trades.json", "trades.json.gz"])
def test_the_operators_folder_brings_vocabularies_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    text = json.dumps(_content()).encode()
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    monkeypatch.setenv("MENTORING_VOCABULARIES", str(tmp_path))
    assert vocabulary.load("trades").label("a") == "A"
    assert vocabulary.names() == ("esco-ict", "none", "trades")
    assert len(vocabulary.load("esco-ict").skills) == 1286


def test_a_folder_that_is_not_there_is_named_with_its_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENTORING_VOCABULARIES", str(tmp_path / "gone"))
    with pytest.raises(InvalidVocabulary, match=r"MENTORING_VOCABULARIES: .*gone is not a folder"):
        vocabulary.load("esco-ict")


@pytest.mark.parametrize("name", ["../trades", "Trades", "a/b", "", ".."])
def test_a_name_that_is_no_code_names_no_file(name: str) -> None:
    with pytest.raises(InvalidVocabulary):
        vocabulary.load(name)


@pytest.mark.parametrize("text", [b"", b"{", b"\x1f\x8bno", b"\xff", b"[" * 100_000])
def test_a_file_that_is_no_json_is_refused_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes
) -> None:
    (tmp_path / "bad.json").write_bytes(text)
    monkeypatch.setenv("MENTORING_VOCABULARIES", str(tmp_path))
    with pytest.raises(InvalidVocabulary, match=r"bad.json: cannot be read as JSON"):
        vocabulary.load("bad")


SKILL = {"id": "a", "label": "A", "kind": "skill", "also": [], "near": []}
JOB = {"id": "o", "label": "O", "also": []}


@pytest.mark.parametrize(
    "changed, words",
    [
        ({"statement": 1}, "statement: must be text"),
        ({"skills": {}}, "skills: must be a list"),
        ({"skills": ["a"]}, r"skills\[0\]: must be an object"),
        ({"skills": [SKILL | {"label": None}]}, r"skills\[0\].label: must be text"),
        ({"skills": [SKILL | {"also": "x"}]}, r"skills\[0\].also: must be a list"),
        ({"skills": [SKILL | {"also": [1]}]}, r"skills\[0\].also\[0\]: must be text"),
        ({"skills": [SKILL, SKILL]}, r"skills\[1\].id: stands twice: a"),
        ({"skills": [SKILL | {"near": [["b"]]}]}, r"skills\[0\].near\[0\]: must be a pair"),
        ({"skills": [SKILL | {"near": [["a", 1.1]]}]}, "a cosine from 0 to 1"),
        ({"skills": [SKILL | {"near": [["a", True]]}]}, "a cosine from 0 to 1"),
        ({"skills": [SKILL | {"near": [["a", False]]}]}, "a cosine from 0 to 1"),
        ({"skills": [SKILL | {"near": [["b", 1]]}]}, r"skills\[0\].near: unknown skill b"),
        (
            {"occupations": [JOB | {"skills": ["a", "a"]}]},
            r"occupations\[0\].skills: stands twice: a",
        ),
        ({"occupations": [JOB | {"skills": ["a"] * 2001}]}, "skills: must be 2000 at most"),
        ({"occupations": [{"id": "o"}]}, r"occupations\[0\].label: is missing"),
    ],
)
def test_what_is_wrong_is_said_by_field_and_rule(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidVocabulary, match=words):
        vocabulary.parse("test", _content(occupations=[]) | changed)


@pytest.mark.parametrize(
    "one, other",
    [
        ("Système", "syste\u0300me"),
        ("\ufb01nance", "FINANCE"),
        ("Straße", "STRASSE"),
        ("\u212bngström", "a\u030angstro\u0308m"),
        ("two  words", "TWO\u00a0WORDS"),
    ],
)
def test_a_name_is_the_same_however_unicode_writes_it(one: str, other: str) -> None:
    assert vocabulary.plain(one) == vocabulary.plain(other)


def test_an_accent_still_tells_two_names_apart() -> None:
    assert vocabulary.plain("côte") != vocabulary.plain("cote")
