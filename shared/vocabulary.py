"""Vocabularies of skills and occupations, shipped as package data in one form.

A vocabulary file is gzipped JSON: `statement` (to be shown where the vocabulary is used), `source`,
`occupations` (`id`, `label`, `also`, `skills`) and `skills` (`id`, `label`, `kind`, `also`, `near`: pairs of
a skill id and its cosine in [0, 1]). The one shipped is the ICT part of ESCO, the European classification
of skills, competences, qualifications and occupations.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

ESCO_ICT = "esco-ict"


class InvalidVocabulary(ValueError):
    """A vocabulary file that does not have the form above, or names an unknown skill."""


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill or a piece of knowledge; `near` holds its nearest neighbours with their cosine."""

    id: str
    label: str
    kind: str
    also: tuple[str, ...]
    near: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Occupation:
    """An occupation and the ids of the skills that it takes."""

    id: str
    label: str
    also: tuple[str, ...]
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Skills and occupations by id, in the order of the file."""

    name: str
    statement: str
    source: str
    skills: Mapping[str, Skill]
    occupations: Mapping[str, Occupation]
    _near: Mapping[str, Mapping[str, float]]

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


@lru_cache(maxsize=8)
def load(name: str = ESCO_ICT) -> Vocabulary:
    """The vocabulary of this name; read once, then kept.

    Raises:
        InvalidVocabulary: the file is missing or does not have the form.
    """
    try:
        text = gzip.decompress(files("shared.data").joinpath(f"{name}.json.gz").read_bytes())
        return parse(name, json.loads(text))
    except (OSError, gzip.BadGzipFile, json.JSONDecodeError) as error:
        raise InvalidVocabulary(f"vocabulary {name}: {error}") from error


def parse(name: str, content: Mapping[str, Any]) -> Vocabulary:
    """A vocabulary from the content of its file.

    Raises:
        InvalidVocabulary: a part is missing, or an occupation or neighbour names an unknown skill.
    """
    try:
        skills = {row["id"]: _skill(row) for row in content["skills"]}
        occupations = {row["id"]: _occupation(row) for row in content["occupations"]}
        statement, source = content["statement"], content["source"]
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidVocabulary(f"vocabulary {name}: {error!r}") from error
    _check_names(name, skills, occupations)
    return Vocabulary(name, statement, source, skills, occupations, _both_ways(skills.values()))


def _skill(row: Mapping[str, Any]) -> Skill:
    near = tuple((str(other), float(cosine)) for other, cosine in row["near"])
    return Skill(row["id"], row["label"], row["kind"], tuple(row["also"]), near)


def _occupation(row: Mapping[str, Any]) -> Occupation:
    return Occupation(row["id"], row["label"], tuple(row["also"]), tuple(row["skills"]))


def _check_names(
    name: str, skills: Mapping[str, Skill], occupations: Mapping[str, Occupation]
) -> None:
    taken = {skill for occupation in occupations.values() for skill in occupation.skills}
    neighbours = {other for skill in skills.values() for other, _ in skill.near}
    if unknown := sorted((taken | neighbours) - skills.keys()):
        raise InvalidVocabulary(f"vocabulary {name}: unknown skill {unknown[0]}")


def _both_ways(skills: Iterable[Skill]) -> Mapping[str, Mapping[str, float]]:
    near: dict[str, dict[str, float]] = {}
    for skill in skills:
        for other, cosine in skill.near:
            for one, two in ((skill.id, other), (other, skill.id)):
                known = near.setdefault(one, {})
                known[two] = max(cosine, known.get(two, 0.0))
    return near
