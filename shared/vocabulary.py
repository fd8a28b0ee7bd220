"""Vocabularies of skills and occupations by name: shipped as package data, or the operator's own, in one form.

A vocabulary file is JSON, gzipped when its name ends in `.gz`: `statement` (to be shown where the vocabulary is
used), `source`, `occupations` (`id`, `label`, `also`, `skills`) and `skills` (`id`, `label`, `kind`, `also`,
`near`: pairs of a skill id and its cosine in [0, 1]). The one shipped is the ICT part of ESCO, the European
classification of skills, competences, qualifications and occupations.

A program names its vocabulary in its rules. `none` has no entries, so that skills are compared by their names
alone. The folder of the operator's own ones is `MENTORING_VOCABULARIES`; a file there is `<name>.json` or
`<name>.json.gz`, and comes before a shipped one of the same name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.abc import Traversable
from importlib.resources import files
from pathlib import Path
from unicodedata import normalize

from shared.cached import cached_property
from shared.vocabulary_file import (
    FORMS,
    Content,
    InvalidVocabulary,
    Occupation,
    Skill,
    content,
    read,
)

__all__ = ["InvalidVocabulary", "Occupation", "Skill", "Vocabulary", "load", "names", "parse"]

ESCO_ICT = "esco-ict"
NONE = "none"
_NAME = re.compile("[a-z][a-z0-9_.-]{0,63}")


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Skills and occupations by id, in the order of the file."""

    name: str
    statement: str
    source: str
    skills: Mapping[str, Skill]
    occupations: Mapping[str, Occupation]

    def near(self, skill: str) -> Mapping[str, float]:
        """The neighbours of a skill and their cosine, in both directions; none for an unknown skill.

        A file lists only so many neighbours a skill, so that `a` may name `b` and `b` not `a`; here they
        are neighbours of each other.
        """
        return self._near.get(skill, {})

    def gap(self, occupation: str | None, held: Iterable[str]) -> tuple[str, ...]:
        """The skills that the occupation takes and that are not held; none for an unknown occupation."""
        wanted = self.occupations.get(occupation) if occupation else None
        if wanted is None:
            return ()
        has = frozenset(held)
        return tuple(skill for skill in wanted.skills if skill not in has)

    def label(self, skill: str) -> str:
        """The words for a skill; a skill outside the vocabulary is its own label."""
        known = self.skills.get(skill)
        return known.label if known else skill

    def skill(self, name: str) -> str | None:
        """The id of the skill that is meant: by id, by label, or by an alternative label that only one skill has.

        Case and spacing aside; None for what the vocabulary does not know.
        """
        return name if name in self.skills else self._skills_by_name.get(plain(name))

    def occupation(self, name: str) -> str | None:
        """The id of the occupation that is meant, as with skills."""
        return name if name in self.occupations else self._occupations_by_name.get(plain(name))

    @cached_property
    def _near(self) -> Mapping[str, Mapping[str, float]]:
        near: dict[str, dict[str, float]] = {}
        for skill in self.skills.values():
            for other, cosine in skill.near:
                for one, two in ((skill.id, other), (other, skill.id)):
                    known = near.setdefault(one, {})
                    known[two] = max(cosine, known.get(two, 0.0))
        return near

    @cached_property
    def _skills_by_name(self) -> Mapping[str, str]:
        return _by_name(self.skills.values())

    @cached_property
    def _occupations_by_name(self) -> Mapping[str, str]:
        return _by_name(self.occupations.values())


def plain(name: str) -> str:
    """A name without regard to case, spacing and the ways in which Unicode writes one letter.

    Unicode 15, section 3.13, D146 (compatibility caseless matching): what one system writes as a letter and an accent,
    another writes as one character.
    """
    words = " ".join(name.split())
    if words.isascii():
        return words.lower()
    folded = normalize("NFKD", normalize("NFD", words).casefold()).casefold()
    return normalize("NFKC", folded)


def _by_name(entries: Iterable[Skill | Occupation]) -> Mapping[str, str]:
    """Ids by what they are called: the first of a label, an alternative label where only one has it, the id itself."""
    known = tuple(entries)
    meant: dict[str, set[str]] = {}
    for entry in known:
        for name in entry.also:
            meant.setdefault(plain(name), set()).add(entry.id)
    found = {name: min(ids) for name, ids in meant.items() if len(ids) == 1}
    found |= {plain(entry.label): entry.id for entry in reversed(known)}
    return found | {plain(entry.id): entry.id for entry in known}


def load(name: str = ESCO_ICT) -> Vocabulary:
    """The vocabulary of this name; read once, then kept.

    Raises:
        InvalidVocabulary: there is no such file, or it does not have the form.
    """
    return _load(name, _operators_folder())


@lru_cache(maxsize=16)
def _load(name: str, folder: str) -> Vocabulary:
    if name == NONE:
        return Vocabulary(NONE, "", "", {}, {})
    if not _NAME.fullmatch(name):
        raise InvalidVocabulary(f"vocabulary {name!r}: a name is a short lower-case code")
    for place in _folders(folder):
        for form in FORMS:
            file = place.joinpath(f"{name}{form}")
            if file.is_file():
                return _parsed(name, read(file))
    known = ", ".join(names())
    raise InvalidVocabulary(f"vocabulary {name}: there is no such file; there are {known}")


def parse(name: str, whole: object) -> Vocabulary:
    """A vocabulary from the content of its file.

    Raises:
        InvalidVocabulary: it does not have the form.
    """
    return _parsed(name, content(f"vocabulary {name}", whole))


def _parsed(name: str, known: Content) -> Vocabulary:
    return Vocabulary(name, known.statement, known.source, known.skills, known.occupations)


def names() -> tuple[str, ...]:
    """The vocabularies that can be named, `none` included."""
    return tuple(sorted({NONE, *_files(_operators_folder())}))


def _operators_folder() -> str:
    return os.environ.get("MENTORING_VOCABULARIES", "")


def _files(folder: str) -> Iterator[str]:
    for place in _folders(folder):
        for file in place.iterdir():
            yield from (file.name.removesuffix(form) for form in FORMS if file.name.endswith(form))


def _folders(folder: str) -> Iterator[Traversable]:
    """Where to look for a vocabulary, one place after the other.

    Raises:
        InvalidVocabulary: the operator's folder is none.
    """
    if folder:
        if not Path(folder).is_dir():
            raise InvalidVocabulary(f"MENTORING_VOCABULARIES: {folder} is not a folder")
        yield Path(folder)
    yield files("shared.data")
