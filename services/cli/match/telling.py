"""What an explanation says in words: the sentences are matching's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


def parts(shares: Mapping[str, float], reasons: Sequence[Reason]) -> list[Part]:
    """Each part, the greatest first."""
    told = {
        each.code: part_sentence(each.code, shares.get(each.code), each.figures) for each in reasons
    }
    ordered = sorted(shares, key=lambda name: (-shares[name], name))
    return [Part(name, shares[name], told.get(name, NOTHING)) for name in ordered]


def kept(excluded: Mapping[str, int]) -> list[Kept]:
    """Each rule, the one that keeps most mentors away first."""
    ordered = sorted(excluded, key=lambda rule: (-excluded[rule], rule))
    return [Kept(rule, excluded[rule], rule_sentence(rule, excluded[rule])) for rule in ordered]
