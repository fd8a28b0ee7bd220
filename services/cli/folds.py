"""The services' folds, for commands that fold the log by themselves."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Literal, get_args

from shared.service import Service

ServiceWord = Literal["matching", "scheduling", "feedback"]


def fold_of(name: str) -> Service:
    """A service as its pure functions; loaded only when asked for."""
    service: Service = importlib.import_module(f"services.{name}.app").SERVICE
    return service


def says() -> Mapping[str, frozenset[str]]:
    """The words that each service may say, by its name: by them an archive tells how far each has answered."""
    from shared.catchup import own_words

    return {name: own_words(fold_of(name)) for name in get_args(ServiceWord)}
