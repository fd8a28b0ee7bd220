"""Key-encryption keys: the first wraps, the others still unwrap what was wrapped before a rotation.

Each is known by its fingerprint, which tells nothing about the key and may stand in tables, messages and logs.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.feedback.sealing import KEY_BYTES, NONCE_BYTES

FILE_VARIABLE = "MENTORING_KEK_FILE"
VARIABLE = "MENTORING_KEK"
HOW = f"set {FILE_VARIABLE} to a file, or {VARIABLE}, holding {KEY_BYTES} random bytes in base64"
_FINGERPRINT_BYTES = 6
_FINGERPRINT_OF = b"mentoring/key-encryption-key/1"


class KeyRefused(Exception):
    """A key-encryption key is missing, malformed, or not this key ring's. Never shows a key."""


class KeyDamaged(Exception):
    """A data key is there, and none of the key-encryption keys opens it: a backup of the key ring may hold it whole.

    Neither trouble that passes nor an erasure. Names the person by their id.
    """


@dataclass(frozen=True)
class Kek:
    """One key-encryption key, for AES-256-GCM (NIST SP 800-38D)."""

    key: bytes = field(repr=False)

    @cached_property
    def fingerprint(self) -> str:
        """12 hexadecimal digits: of an HMAC-SHA-256 (RFC 2104) under the key, so that they tell nothing about it."""
        return hmac.digest(self.key, _FINGERPRINT_OF, "sha256")[:_FINGERPRINT_BYTES].hex()

    def wrap(self, plain: bytes, bound: bytes) -> bytes:
        """Encrypt under a fresh nonce; `bound` is authenticated with it."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self.key).encrypt(nonce, plain, bound)

    def unwrap(self, wrapped: bytes, bound: bytes) -> bytes | None:
        """What was wrapped under this key and bound to this, or None."""
        nonce, cipher = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return AESGCM(self.key).decrypt(nonce, cipher, bound)
        except (InvalidTag, ValueError, TypeError):  # too short for a nonce; SQLite may hold a text
            return None


@dataclass(frozen=True, slots=True)
class Keks:
    """The key-encryption keys of a key ring: the first is to wrap, all of them unwrap."""

    all: tuple[Kek, ...]

    @property
    def first(self) -> Kek:
        """What wraps in a new key ring, and in an older one from its next rotation on."""
        return self.all[0]

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Of all, in their order."""
        return tuple(kek.fingerprint for kek in self.all)

    def get(self, fingerprint: str) -> Kek | None:
        """The one with this fingerprint."""
        return next((kek for kek in self.all if kek.fingerprint == fingerprint), None)


def keks(*keys: bytes) -> Keks:
    """Key-encryption keys in this order, each once."""
    return Keks(tuple(Kek(key) for key in dict.fromkeys(keys)))


def new_kek() -> str:
    """A fresh key-encryption key in base64, for a line of the file."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def not_given(fingerprints: Sequence[str]) -> str:
    """What is said when these are needed."""
    names = ", ".join(fingerprints)
    return f"data keys are wrapped by the key-encryption key {names}, which is not given"


def kek_of(file: Path | None, text: str | None) -> Keks:
    """The key-encryption keys from a file or from text, one per line or separated by commas; the file wins.

    Raises:
        KeyRefused: there is none, or one is not 32 bytes in base64.
    """
    where = f"the file of {FILE_VARIABLE}" if file else VARIABLE
    if file:
        try:
            text = file.read_text(encoding="ascii")
        except (OSError, UnicodeError) as error:
            raise KeyRefused(f"{FILE_VARIABLE} names a file that cannot be read: {HOW}") from error
    found = [part for part in re.split(r"[\s,]+", text or "") if part]
    if not found:
        raise KeyRefused(f"there is no key-encryption key: {HOW}")
    return keks(*(_decoded(part, n, where) for n, part in enumerate(found, 1)))


def _decoded(text: str, number: int, where: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        which = f"key-encryption key {number}" if number > 1 else "key-encryption key"
        raise KeyRefused(f"the {which} in {where} is not {KEY_BYTES} bytes in base64: {HOW}")
    return key
