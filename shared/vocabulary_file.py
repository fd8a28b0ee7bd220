"""Reading a vocabulary file: each part is checked, and what is wrong is said by file, field and rule."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.abc import Traversable
from typing import NamedTuple, TypeVar

import orjson

FORMS = (".json.gz", ".json")
MOST_SKILLS = 2000
"""So many skills an occupation takes at most: they are added up in millionths, which 32 bits hold."""
_GZIP = b"\x1f\x8b"

T = TypeVar("T", str, int, float, list[object], dict[str, object])
E = TypeVar("E")


class InvalidVocabulary(ValueError):
    """A vocabulary that cannot be used; the words name the file, the field and the rule."""


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


class Content(NamedTuple):
    """What a file holds."""

    statement: str
    source: str
    skills: Mapping[str, Skill]
    occupations: Mapping[str, Occupation]


def read(file: Traversable) -> Content:
    """The content of a vocabulary file.

    Raises:
        InvalidVocabulary: it cannot be read or does not have the form.
    """
    try:
        raw = file.read_bytes()
        text = gzip.decompress(raw) if raw.startswith(_GZIP) else raw
        whole = orjson.loads(text)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise InvalidVocabulary(f"{file}: cannot be read as JSON: {error}") from error
    return content(str(file), whole)


def content(file: str, whole: object) -> Content:
    """The content of a vocabulary, checked; `file` is what it is called in errors.

    Raises:
        InvalidVocabulary: a field is missing or of another type, an id stands twice, or one that is named is unknown.
    """
    top = _Fields(file, "", whole)
    found = Content(
        top.text("statement"),
        top.text("source"),
        top.entries("skills", _skill),
        top.entries("occupations", _occupation),
    )
    for number, skill in enumerate(found.skills.values()):
        for other, _ in skill.near:
            if other not in found.skills:
                raise InvalidVocabulary(f"{file}: skills[{number}].near: unknown skill {other}")
    for number, job in enumerate(found.occupations.values()):
        if rule := _broken(job, found.skills):
            raise InvalidVocabulary(f"{file}: occupations[{number}].skills: {rule}")
    return found


def _broken(job: Occupation, skills: Mapping[str, Skill]) -> str:
    """What is wrong with the skills of an occupation; empty when nothing is."""
    if len(job.skills) > MOST_SKILLS:
        return f"must be {MOST_SKILLS} at most"
    known: set[str] = set()
    for skill in job.skills:
        if skill not in skills:
            return f"unknown skill {skill}"
        if skill in known:
            return f"stands twice: {skill}"
        known.add(skill)
    return ""


class _Fields:
    """The fields of one object of the file, each with where it stands."""

    def __init__(self, file: str, where: str, row: object) -> None:
        self.file, self.where = file, where
        self._row = self._is(row, dict, where or "the whole file", "an object")

    def text(self, name: str) -> str:
        return self._is(self._get(name), str, self._at(name), "text")

    def texts(self, name: str) -> tuple[str, ...]:
        rows = self._list(name)
        where = self._at(name)
        return tuple(self._is(one, str, f"{where}[{at}]", "text") for at, one in enumerate(rows))

    def near(self, name: str) -> tuple[tuple[str, float], ...]:
        where = self._at(name)
        return tuple(self._pair(f"{where}[{at}]", one) for at, one in enumerate(self._list(name)))

    def entries(self, name: str, make: Callable[[_Fields], E]) -> dict[str, E]:
        """Objects by id, in the order of the file."""
        found: dict[str, E] = {}
        for at, row in enumerate(self._list(name)):
            fields = _Fields(self.file, f"{self._at(name)}[{at}]", row)
            identity = fields.text("id")
            if identity in found:
                raise self.refused(f"{fields.where}.id", f"stands twice: {identity}")
            found[identity] = make(fields)
        return found

    def refused(self, where: str, rule: str) -> InvalidVocabulary:
        """The error that says what is wrong."""
        return InvalidVocabulary(f"{self.file}: {where}: {rule}")

    def _pair(self, where: str, value: object) -> tuple[str, float]:
        match value:
            case [str(other), float() | int() as cosine]:
                if 0 <= cosine <= 1 and not isinstance(cosine, bool):
                    return other, float(cosine)
        raise self.refused(where, "must be a pair of a skill id and a cosine from 0 to 1")

    def _list(self, name: str) -> Sequence[object]:
        return self._is(self._get(name), list, self._at(name), "a list")

    def _get(self, name: str) -> object:
        if name not in self._row:
            raise self.refused(self._at(name), "is missing")
        return self._row[name]

    def _at(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def _is(self, value: object, kind: type[T], where: str, words: str) -> T:
        if not isinstance(value, kind):
            raise self.refused(where, f"must be {words}")
        return value


def _skill(row: _Fields) -> Skill:
    known = (row.text("id"), row.text("label"), row.text("kind"))
    return Skill(*known, row.texts("also"), row.near("near"))


def _occupation(row: _Fields) -> Occupation:
    known = (row.text("id"), row.text("label"))
    return Occupation(*known, row.texts("also"), row.texts("skills"))
