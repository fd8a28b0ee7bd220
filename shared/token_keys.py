"""Keys of bearer tokens: a shared secret, or the public key of whoever issues them.

The algorithm follows from the key's kind and never from a token (RFC 8725, section 3.1): a public key can
never be taken for a secret that both sides share.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from shared.settings import BadSetting

FILE_VARIABLE = "MENTORING_TOKEN_KEY_FILE"
VARIABLE = "MENTORING_TOKEN_KEY"
SECRET_BYTES = 32
RSA_BITS = 2048
HOW = (
    f"set {FILE_VARIABLE} to a file, or {VARIABLE}, holding at least {SECRET_BYTES} random bytes in base64 "
    "or the issuer's public key in PEM"
)
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.+?-----END \1-----", re.DOTALL)

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key and the one algorithm (RFC 7518) that it is good for. Never shows the key."""

    algorithm: str
    key: bytes | PublicKey = field(repr=False)

    @property
    def signs(self) -> bytes | None:
        """The secret to sign with; None when only the issuer can."""
        return self.key if isinstance(self.key, bytes) else None


def new_key() -> str:
    """A fresh secret in base64."""
    return base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def read_keys(file: Path | None, text: str | None) -> Sequence[TokenKey]:
    """The keys from a file or from text; the file wins. One secret a line, or one PEM behind the other.

    Raises:
        BadSetting: there is none, or one cannot be used. The words never show it.
    """
    name = FILE_VARIABLE if file else VARIABLE
    if file:
        try:
            text = file.read_text(encoding="ascii")
        except (OSError, UnicodeError) as error:
            raise BadSetting(f"{name}: names a file that cannot be read: {HOW}") from error
    if not text or not text.strip():
        raise BadSetting(f"{name}: there is no key to check tokens with: {HOW}")
    if "-----BEGIN" in text:
        return tuple(_public(name, found) for found in _blocks(name, text))
    return tuple(_secret(name, line) for line in text.split())


def _blocks(name: str, text: str) -> Sequence[re.Match[str]]:
    found = tuple(_PEM.finditer(text))
    if not found or _PEM.sub("", text).strip():
        raise BadSetting(f"{name}: is not whole PEM blocks: {HOW}")
    return found


def _public(name: str, block: re.Match[str]) -> TokenKey:
    if block[1] != "PUBLIC KEY":
        raise BadSetting(f"{name}: must hold PUBLIC KEY blocks only, not {block[1]}: {HOW}")
    try:
        key = load_pem_public_key(block[0].encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadSetting(f"{name}: holds a public key that cannot be read: {HOW}") from error
    match key:
        case RSAPublicKey() if key.key_size >= RSA_BITS:
            return TokenKey("RS256", key)
        case EllipticCurvePublicKey() if isinstance(key.curve, SECP256R1):
            return TokenKey("ES256", key)
        case Ed25519PublicKey():
            return TokenKey("EdDSA", key)
    kinds = f"RSA of at least {RSA_BITS} bits, P-256 or Ed25519"
    raise BadSetting(f"{name}: a public key must be {kinds}: {HOW}")


def _secret(name: str, line: str) -> TokenKey:
    try:
        key = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < SECRET_BYTES:
        raise BadSetting(f"{name}: a secret must be at least {SECRET_BYTES} bytes in base64: {HOW}")
    return TokenKey("HS256", key)
