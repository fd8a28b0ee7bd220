"""Sealing in the place of feedback's API, so that the same seed gives the same bytes.

The API stamps the wall clock's time and draws its nonces and keys at random, as it must. The demo owns its
key ring and its people: their data keys and the nonces follow from the seed, and feedback opens what they
sealed as it opens everything else. A nonce is made from what it seals (as in AES-SIV, RFC 5297), so that
none is used for two texts. Nothing of this runs outside the demo.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import TypeAdapter

from services.feedback.keyring import KeyRing, kek_of
from services.feedback.sealing import (
    BLOCK,
    NONCE_BYTES,
    VERSION,
    Contents,
    Place,
    shared_key,
)

_CONTENTS = TypeAdapter(Contents)


class SeededSeal:
    """Seals for one program under data keys that follow from a seed."""

    def __init__(self, seed: int, program: str) -> None:
        self._secret = f"mentoring demo {seed}".encode()
        self._program = program

    def __call__(self, author: str, subject: str, place: Place, contents: Contents) -> str:
        """Seal what `author` says about `subject`."""
        key = shared_key(self._program, self._data_key(author), self._data_key(subject))
        plain = _CONTENTS.dump_json(contents)
        padded = plain.ljust(-(-len(plain) // BLOCK) * BLOCK)
        nonce = hmac.digest(key, place.bound + b"\0" + padded, "sha256")[:NONCE_BYTES]
        cipher = AESGCM(key).encrypt(nonce, padded, place.bound)
        return base64.urlsafe_b64encode(VERSION + nonce + cipher).decode()

    def hand_over(self, url: str, kek_file: Path, persons: Iterable[str]) -> None:
        """Put the data keys of these persons into a new key ring."""
        ring = KeyRing(url, kek_of(kek_file, None))
        try:
            ring.take(self._program, {person: self._data_key(person) for person in persons})
        finally:
            ring.close()

    def _data_key(self, person: str) -> bytes:
        return hmac.digest(self._secret, f"{self._program}/{person}".encode(), "sha256")
