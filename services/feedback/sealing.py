"""Sealing: ratings and text that nobody reads who holds only the log, a store or a backup of either.

AES-256-GCM (NIST SP 800-38D) under a key that HKDF-SHA-256 (RFC 5869) makes from two data keys: the author's
and that of the person it is about. Without either of them it stays unreadable. Where it belongs (program,
cycle, meeting, side, form) is authenticated with it, so that nothing sealed can be moved elsewhere.

Pure but for the nonce, which is drawn when something is sealed: at the API, never in a fold.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import TypeAdapter, ValidationError

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
VERSION = b"\x01"
"""First byte of what is sealed: names cipher, derivation and padding, so that a later one can differ."""
BLOCK = 256
"""Plaintexts are padded to multiples of this many bytes: the length of a text tells little about it."""
MAX_PLAIN = 32 * 1024
"""Bytes of ratings and texts together; sealed and in base64 they fit the contract's field."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is sealed: ratings and texts by what the form asks; `text` is a note's, or an older review's."""

    ratings: Mapping[str, int] = field(default_factory=dict)
    text: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something sealed belongs; `what` is `review` or `note`, `id` the meeting or note."""

    program: str
    cycle: str
    what: str
    id: str
    side: str
    form: str

    @property
    def bound(self) -> bytes:
        """The bytes that are authenticated with the contents; no part can hold the separator."""
        path = f"{self.program}/{self.cycle}/{self.what}/{self.id}/{self.side}/{self.form}"
        return path.encode()


class TooLong(ValueError):
    """Ratings and texts together are longer than may be sealed."""

    def __init__(self) -> None:
        super().__init__(
            f"/texts: ratings and texts together must have at most {MAX_PLAIN} bytes in JSON"
        )


_CONTENTS = TypeAdapter(Contents)


def shared_key(program: str, author: bytes, subject: bytes) -> bytes:
    """The key for what one person says about another: made from both data keys, in this order."""
    derive = HKDF(
        algorithm=SHA256(),
        length=KEY_BYTES,
        salt=None,
        info=b"mentoring/sealed/1/" + program.encode(),
    )
    return derive.derive(author + subject)


def seal(key: bytes, place: Place, contents: Contents) -> str:
    """Encrypt under a fresh nonce; base64url, as the contract's `sealed` fields hold it.

    Raises:
        TooLong: more than MAX_PLAIN bytes.
    """
    plain = _CONTENTS.dump_json(contents)
    if len(plain) > MAX_PLAIN:
        raise TooLong
    padded = plain.ljust(-(-len(plain) // BLOCK) * BLOCK)
    nonce = os.urandom(NONCE_BYTES)
    return base64.urlsafe_b64encode(
        VERSION + nonce + AESGCM(key).encrypt(nonce, padded, place.bound)
    ).decode()


def unseal(key: bytes, place: Place, sealed: str) -> Contents | None:
    """Decrypt, or None when the bytes are not what was sealed under this key for this place."""
    raw = _raw(sealed)
    if raw is None:
        return None
    nonce, cipher = raw[1 : 1 + NONCE_BYTES], raw[1 + NONCE_BYTES :]
    try:
        return _CONTENTS.validate_json(AESGCM(key).decrypt(nonce, cipher, place.bound))
    except (InvalidTag, ValidationError):
        return None


def well_formed(sealed: str) -> bool:
    """Whether the bytes have the structure of something sealed; says nothing about their contents."""
    return _raw(sealed) is not None


def _raw(sealed: str) -> bytes | None:
    """Version, nonce, padded ciphertext and tag, or None."""
    try:
        raw = base64.b64decode(sealed, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    length = len(raw) - len(VERSION) - NONCE_BYTES - TAG_BYTES
    return raw if raw[:1] == VERSION and length > 0 and length % BLOCK == 0 else None
