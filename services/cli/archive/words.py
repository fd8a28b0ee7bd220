"""What each service may say: an import must know it to find how far each has answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from services.cli.folds import ServiceWord, fold_of
from shared.catchup import own_words


def says() -> Mapping[str, frozenset[str]]:
    """The words of every service, by its name."""
    return {name: own_words(fold_of(name)) for name in get_args(ServiceWord)}
