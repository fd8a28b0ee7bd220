"""Feedback's key ring, after its store was exchanged: whom the new store knows to be erased has no keys."""

from __future__ import annotations

import importlib
import os
from dataclasses import replace
from pathlib import Path

from services.cli.output import say
from services.cli.place import Folder
from shared.outcome import StoreTrouble
from shared.settings import BadSetting, Settings, from_environment

_SQLITE = "sqlite:///"
_LATER = "start feedback again: it deletes the keys of everybody whom its store knows to be erased"


def settle_keys(service: str, url: str, folder: Path) -> None:
    """Delete the keys of the erased where the key ring is at hand; else say who does it.

    The rebuild itself touches no key: it may still be given up.
    """
    if service != "feedback":
        return
    settings = _settings(url, Folder(folder))
    if settings is None:
        say(_LATER)
        return
    feedback = importlib.import_module("services.feedback.app")
    try:
        feedback.open_ring(settings).close()
    except (StoreTrouble, feedback.KeyRefused) as error:
        say(f"the key ring: {error}; {_LATER}")


def _settings(url: str, folder: Folder) -> Settings | None:
    """Those of the environment, else those of the folder's `mentoring up`; None when neither leads to a key ring."""
    try:
        found = replace(from_environment("feedback"), database_url=url)
    except BadSetting:
        return None
    if found.kek or found.kek_file or os.environ.get("MENTORING_KEYRING_URL"):
        return found if _is_there(found.keyring_url) else None
    if not folder.kek.exists() or url != f"sqlite:///{folder.database('feedback')}":
        return None
    ring = f"sqlite:///{folder.database('keyring')}"
    return replace(found, keyring_url=ring, kek_file=folder.kek)


def _is_there(ring: str) -> bool:
    """Whether opening it would not make a new one, which knows of nobody's keys."""
    return not ring.startswith(_SQLITE) or Path(ring.removeprefix(_SQLITE)).exists()
