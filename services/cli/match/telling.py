"""What an explanation says in words: the sentences are matching's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.cli.match.story import Attempt
from services.matching.explain import together
from services.matching.sentences import part_sentence, rule_sentence
from shared.events.matching import Reason

NOTHING = "Adds nothing."
"""Of a part that speaks for nobody: an event gives no reason for it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a score, its share of what could be, and its sentence."""

    part: str
    share: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule, how many mentors it keeps from the request, and its sentence."""

    rule: str
    count: int
    sentence: str


def parts(attempt: Attempt) -> list[Part]:
    """Each part of an attempt's score, the greatest first."""
    shares: dict[str, float] = {str(part): share for part, share in attempt.parts.items()}
    told = {each.code: _sentence(each, shares, attempt) for each in attempt.reasons}
    ordered = sorted(shares, key=lambda name: (-shares[name], name))
    return [Part(name, shares[name], told.get(name, NOTHING)) for name in ordered]


def _sentence(reason: Reason, shares: Mapping[str, float], attempt: Attempt) -> str:
    """As it was worded with the rows of then, else from the event's figures alone."""
    known = attempt.sentences.get(reason.code)
    return known or part_sentence(reason.code, shares.get(reason.code), reason.figures)


def kept(excluded: Mapping[str, int]) -> list[Kept]:
    """Each rule, the one that keeps most mentors away first; who is full counts as not available, in old logs too."""
    counts = together(excluded)
    ordered = sorted(counts, key=lambda rule: (-counts[rule], rule))
    return [Kept(rule, counts[rule], rule_sentence(rule, counts[rule])) for rule in ordered]
