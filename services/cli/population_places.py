"""Where the demo's people live: real IANA zones, the regions whose holidays they keep, what is spoken there."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from services.cli.population_chance import likely

SPEAKS_ANOTHER = 0.85


@dataclass(frozen=True, slots=True)
class Place:
    """Where people live: zone, region with its holidays, languages, and how likely it is beside the others."""

    zone: str
    region: str
    languages: tuple[str, ...]
    weight: int


PLACES = (
    Place("Europe/Berlin", "DE", ("de", "en"), 6),
    Place("Europe/Paris", "FR", ("fr", "en"), 4),
    Place("Europe/Madrid", "ES", ("es", "en"), 3),
    Place("Europe/London", "GB", ("en",), 4),
    Place("Europe/Warsaw", "PL", ("pl", "en"), 3),
    Place("Africa/Lagos", "NG", ("en",), 2),
    Place("America/New_York", "US", ("en", "es"), 4),
    Place("America/Sao_Paulo", "BR", ("pt", "en"), 3),
    Place("Asia/Kolkata", "IN", ("en", "hi"), 3),
    Place("Asia/Tokyo", "JP", ("ja", "en"), 1),
    Place("Australia/Sydney", "AU", ("en",), 1),
)


def place_of(chance: Random) -> Place:
    """Where somebody lives."""
    return chance.choices(PLACES, [each.weight for each in PLACES])[0]


def languages_of(chance: Random, place: Place) -> tuple[str, ...]:
    """The first one of the place, mostly the others as well."""
    first, *others = place.languages
    return (first, *(each for each in others if likely(chance, SPEAKS_ANOTHER)))
