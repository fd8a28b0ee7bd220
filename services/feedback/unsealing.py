"""Opening what is sealed for somebody who reads it: what nobody can open is unreadable, never an error."""

from __future__ import annotations

import logging

from services.feedback.keyring import KeyDamaged
from services.feedback.reveal import Unseal
from services.feedback.sealing import Contents, Place

logger = logging.getLogger("mentoring.feedback")


def for_readers(unseal: Unseal) -> Unseal:
    """Opens as this does; behind a damaged data key nothing, and the log says whose it is.

    A fold must not: what it takes for missing is said to be so for ever.
    """

    def opened(author: str, subject: str, place: Place, sealed: str) -> Contents | None:
        try:
            return unseal(author, subject, place, sealed)
        except KeyDamaged as damaged:
            logger.warning("unreadable: %s; restore it from a backup of the key ring", damaged)
            return None

    return opened
