"""Skills in words, by the program's vocabulary as far as this computer has it."""

from __future__ import annotations

from collections.abc import Iterable

from services.cli.brief import printable
from shared.vocabulary import InvalidVocabulary, Vocabulary, load


def in_words(skills: Iterable[str], vocabulary: str) -> str:
    """The labels of some skills; ids where the vocabulary is not at hand, or does not know them."""
    known = _load(vocabulary)
    return ", ".join(printable(known.label(each) if known else each) for each in skills)


def _load(name: str) -> Vocabulary | None:
    try:
        return load(name)
    except InvalidVocabulary:
        return None
