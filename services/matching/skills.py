"""Skills as they are compared: exact, near by the vocabulary's neighbours, missing for an occupation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from shared.vocabulary import load


@lru_cache(maxsize=65_536)
def normalised(names: tuple[str, ...]) -> tuple[str, ...]:
    """Each skill once; labels without regard to case and spacing."""
    return tuple(dict.fromkeys(" ".join(name.split()).casefold() for name in names))


@lru_cache(maxsize=65_536)
def cover(offered: tuple[str, ...]) -> Mapping[str, float]:
    """The skills that an offer covers: 1 for its own, the squared cosine for the nearest of near ones."""
    near: dict[str, float] = {}
    for skill in normalised(offered):
        for other, cosine in load().near(skill).items():
            near[other] = max(cosine**2, near.get(other, 0.0))
    return near | dict.fromkeys(normalised(offered), 1.0)


@lru_cache(maxsize=65_536)
def missing(target: str | None, held: tuple[str, ...]) -> tuple[str, ...]:
    """What the target occupation takes beyond the held skills."""
    return normalised(load().gap(target, held))
