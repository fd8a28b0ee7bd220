"""The three services as the contestants run them: the real ones, feedback around a ring that knows what was rated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import orjson

from services.feedback.app import service as feedback
from services.feedback.sealing import Contents, Place
from services.matching.app import SERVICE as MATCHING
from services.scheduling.app import SERVICE as SCHEDULING
from shared.service import Service
from tests.lifecycle.golden import golden_log

NAMES = ("matching", "scheduling", "feedback")


@dataclass
class KnownRatings:
    """A ring for a log whose keys nobody has: it opens what the golden log sealed, as `reviewed` then told it.

    Looking up in the place of decrypting costs a live run some 10 µs a review less; a replay opens nothing.
    """

    ratings: Mapping[str, Mapping[str, int]]

    def unseal(self, author: str, subject: str, place: Place, sealed: str) -> Contents | None:
        """What was rated, by the sealed text."""
        del author, subject, place
        found = self.ratings.get(sealed)
        return None if found is None else Contents(found)

    def erase(self, *persons: tuple[str, str]) -> None:
        """There are no keys to delete."""


@cache
def service(name: str) -> Service:
    """One of the three."""
    ring = KnownRatings(_ratings())
    return {"matching": MATCHING, "scheduling": SCHEDULING, "feedback": feedback(lambda: ring)}[
        name
    ]


def _ratings() -> Mapping[str, Mapping[str, int]]:
    sealed: dict[tuple[str, str, str], str] = {}
    found: dict[str, Mapping[str, int]] = {}
    for entry in golden_log.read():
        if entry.word not in ("submitted", "reviewed"):
            continue
        event = orjson.loads(entry.body)
        cycle, data = event["subject"], event["data"]
        if entry.word == "submitted":
            sealed[cycle, data["meeting"], data["side"]] = data["sealed"]
        for side, ratings in data.get("ratings", {}).items():
            found[sealed[cycle, data["meeting"], side]] = ratings
    return found
