"""Opening what is sealed for somebody who reads it: what nobody can open is unreadable, never an error."""

from __future__ import annotations

import logging
from collections.abc import Callable

from services.feedback.keyring import KeyDamaged, KeyRing
from services.feedback.reveal import Unseal
from services.feedback.sealing import Contents, Place

logger = logging.getLogger("mentoring.feedback")


def for_readers(ring: Callable[[], KeyRing]) -> Unseal:
    """Opens as the key ring does; behind a damaged data key nothing, and the log says whose it is.

    A fold must not: what it takes for missing is said to be so for ever.
    """

    def opened(author: str, subject: str, place: Place, sealed: str) -> Contents | None:
        try:
            return ring().unseal(author, subject, place, sealed)
        except KeyDamaged as damaged:
            logger.warning("unreadable: %s; restore it from a backup of the key ring", damaged)
            return None

    return opened
