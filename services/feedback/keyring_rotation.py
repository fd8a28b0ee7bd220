"""Rotation of the key-encryption key: every data key is unwrapped and wrapped anew; nothing that is sealed changes.

Online and resumable. First the key ring says that the new one wraps from now on, then the data keys follow in
batches, each a transaction. Cut off anywhere, both keys together open everything, and the next call goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.feedback.keyring import KeyRing


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did.

    Attributes:
        kek: the fingerprint of the key-encryption key that wraps everything now.
        rewrapped: data keys that were wrapped anew by this call.
        damaged: how many could not be, by the fingerprint that they name: none of those given opens them.
    """

    kek: str
    rewrapped: int
    damaged: Mapping[str, int]


def _quiet(done: int) -> None:
    del done


def rotate(ring: KeyRing, told: Callable[[int], None] = _quiet) -> Rotated:
    """Have the first key-encryption key wrap everything, and rewrite the files that held it otherwise.

    Args:
        ring: opened with the new key-encryption key first, and those that still wrap something behind it.
        told: hears after each batch how many data keys were wrapped anew so far.

    Raises:
        StoreTrouble: the database does not answer; what is done is done, call it again.
    """
    kek = ring.put_first_in_charge()
    rewrapped = 0
    last, done = ring.rewrap()
    while last is not None:
        rewrapped += done
        told(rewrapped)
        last, done = ring.rewrap(last)
    ring.store.scrub()
    left = ring.store.census().keys
    return Rotated(kek, rewrapped, {each: left[each] for each in left.keys() - {kek}})
