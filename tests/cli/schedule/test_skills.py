"""Skills in words, as far as this computer has the vocabulary."""

from __future__ import annotations

from services.cli.schedule.skills import in_words
from tests.cli.schedule.scene import SKILL


def test_a_skill_is_told_by_its_label() -> None:
    assert in_words([SKILL], "esco-ict") == "Java (computer programming)"


def test_a_skill_outside_the_vocabulary_is_its_own_label() -> None:
    assert in_words([SKILL, "knitting"], "none") == f"{SKILL}, knitting"


def test_without_the_vocabulary_ids_are_told() -> None:
    assert in_words([SKILL], "not-on-this-computer") == SKILL


def test_what_a_terminal_would_obey_is_not_handed_to_it() -> None:
    assert (
        in_words(["a\x9b31mred\u202e"], "none")
        == "a\N{REPLACEMENT CHARACTER}31mred\N{REPLACEMENT CHARACTER}"
    )
