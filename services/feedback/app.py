"""Wiring: feedback as a service, around a key ring."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from threading import Lock
from typing import Protocol

from fastapi import APIRouter
from sqlalchemy import make_url

from services.feedback import api
from services.feedback.decide import decides
from services.feedback.evolve import EVOLVES
from services.feedback.judge import JUDGES
from services.feedback.keyring import KeyRefused, KeyRing, kek_of
from services.feedback.keyring_tables import read_url
from services.feedback.metrics import figures
from services.feedback.reach import reach
from services.feedback.report.asking import Reports
from services.feedback.sealing import Contents, Place
from services.feedback.store import TABLES, blind_persons, erased_persons, holds_sealed
from services.feedback.timers import timers
from shared.events.envelope import Event
from shared.events.outside import Erased
from shared.identity import Tokens
from shared.outcome import StoreTrouble
from shared.runtime import Runtime
from shared.service import Service
from shared.settings import BadSetting, Settings
from shared.store import Store

FOLD_VERSION = 2
LOST = (
    "the key ring is empty, and the store holds what was sealed with another one: restore that one, or set "
    "MENTORING_KEYRING_LOST=1 to go on without what nobody can read any more"
)
"""A wrong address or a lost volume must not end as `reviewed` events that say for ever who was silent."""
PARTLY_LOST = (
    "the key ring knows nothing of {} persons whose reviews are sealed and not revealed yet: restore a newer one, "
    "or set MENTORING_KEYRING_LOST=1 until they are revealed, as missing"
)
"""An older backup must not end so, either."""
TOGETHER = (
    "MENTORING_KEYRING_URL names the database of the store: give the key ring one of its own, "
    "so that no backup of the store holds a key"
)
logger = logging.getLogger("mentoring.feedback")


class Ring(Protocol):
    """What the fold needs of a key ring."""

    def unseal(self, author: str, subject: str, place: Place, sealed: str) -> Contents | None:
        """The contents, or None when a key is gone or the bytes are not what was sealed there."""

    def erase(self, *persons: tuple[str, str]) -> None:
        """Delete the keys of (program, person) for ever."""


def service(ring: Callable[[], Ring]) -> Service:
    """Feedback around a key ring, which is asked for when it is needed."""

    def unseal(author: str, subject: str, place: Place, sealed: str) -> Contents | None:
        return ring().unseal(author, subject, place, sealed)

    def effect(event: Event) -> None:
        if isinstance(event.data, Erased):
            ring().erase((event.program, event.data.person))

    return Service(
        name="feedback",
        fold_version=FOLD_VERSION,
        judges=JUDGES,
        evolves=EVOLVES,
        decides=decides(unseal),
        timers=timers,
        tables=TABLES,
        reach=reach,
        effect=effect,
        figures=figures,
        says=frozenset({"reviewed", "flagged", "concluded", "rejected", "parked"}),
    )


class RingAtHand:
    """The process's key ring: opened at start or, when its database is away then, when it is back."""

    def __init__(self) -> None:
        self._settings: Settings | None = None
        self._ring: KeyRing | None = None
        self._lock = Lock()

    def prepare(self, settings: Settings) -> Service:
        """Open it as the settings say.

        Raises:
            BadSetting: the key-encryption key is missing or not this key ring's.
        """
        self._settings = settings
        try:
            self._ring = open_ring(settings)
        except KeyRefused as error:
            raise BadSetting(str(error)) from error
        except StoreTrouble as error:
            logger.warning("the key ring is opened later: %s", error)
        return SERVICE

    def __call__(self) -> KeyRing:
        """The key ring.

        Raises:
            StoreTrouble: it cannot be opened now; that says nothing about any input.
        """
        with self._lock:
            if self._ring is None:
                if self._settings is None:
                    raise StoreTrouble("the key ring is opened when the service starts")
                try:
                    self._ring = open_ring(self._settings)
                except KeyRefused as error:
                    raise StoreTrouble(str(error)) from error
            return self._ring


def open_ring(settings: Settings) -> KeyRing:
    """Open the key ring, and delete the keys of everybody whom the store knows to be erased.

    Raises:
        KeyRefused: the key-encryption key is missing or not this key ring's, or the key ring is not the store's.
        StoreTrouble: a database does not answer.
    """
    if _same_place(settings.keyring_url, settings.database_url):
        raise KeyRefused(TOGETHER)
    given = partial(kek_of, settings.kek_file, settings.kek)
    ring = KeyRing(settings.keyring_url, given(), given, lost=settings.keyring_lost)
    try:
        _apply_store(ring, settings)
    except BaseException:
        ring.close()
        raise
    return ring


def _apply_store(ring: KeyRing, settings: Settings) -> None:
    store = Store(TABLES, settings.database_url)
    try:
        if not settings.keyring_lost and ring.is_empty() and store.read(holds_sealed):
            raise KeyRefused(LOST)
        ring.erase(*store.read(erased_persons))
        unknown = ring.store.unknown(store.read(blind_persons))
        if unknown and not settings.keyring_lost:
            raise KeyRefused(PARTLY_LOST.format(len(unknown)))
    finally:
        store.dispose()


def _same_place(one: str, another: str) -> bool:
    """Whether two addresses lead to one database, whoever connects and however."""
    first, second = read_url(one), make_url(another)
    if first.get_backend_name() != second.get_backend_name():
        return False
    if first.get_backend_name() == "sqlite":
        return Path(first.database or "").resolve() == Path(second.database or "").resolve()
    places = {
        (url.host, url.port, url.database, url.query.get("service")) for url in (first, second)
    }
    return len(places) == 1


RING = RingAtHand()
SERVICE = service(RING)


def prepare(settings: Settings) -> Service:
    """Feedback as the settings say.

    Raises:
        BadSetting: a key is missing or malformed, or not the key ring's.
    """
    Tokens.of(settings)
    return RING.prepare(settings)


def router(runtime: Runtime) -> APIRouter:
    """Feedback's HTTP interface."""
    settings = runtime.settings
    tokens = cache(lambda: Tokens.of(settings))
    return api.router(runtime, caught_up(runtime, RING), tokens, Reports(settings.nats_url))


def caught_up(runtime: Runtime, ring: Callable[[], KeyRing]) -> Callable[[], KeyRing]:
    """The key ring, once the service has folded what it had: until then a restored backup may hold who was erased."""

    def at_hand() -> KeyRing:
        if not runtime.has_caught_up():
            raise StoreTrouble("the key ring is opened when the log is folded as far as it was")
        return ring()

    return at_hand
