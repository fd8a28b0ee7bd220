"""The services' folds, for commands that fold the log by themselves."""

from __future__ import annotations

import importlib
from typing import Literal

from shared.service import Service

ServiceWord = Literal["matching", "scheduling", "feedback"]


def fold_of(name: str) -> Service:
    """A service as its pure functions; loaded only when asked for."""
    service: Service = importlib.import_module(f"services.{name}.app").SERVICE
    return service
