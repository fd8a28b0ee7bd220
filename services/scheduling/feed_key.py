"""The key of the calendars: what makes an address of a feed, and the name of a room, unknowable to others.

Both are HMAC-SHA256 (RFC 2104) over what they are for, so nothing is stored and every host that has the key gives the
same. Who reads the log knows programs, persons and meetings, and can compute neither.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from pathlib import Path

from shared.settings import BadSetting

FILE_VARIABLE = "MENTORING_CALENDAR_KEY_FILE"
VARIABLE = "MENTORING_CALENDAR_KEY"
BYTES = 32
ROOM_BYTES = 16
"""Bytes of a room's name: nobody finds one by trying."""
_RULE = f"must be {BYTES} random bytes in base64"


class FeedKey:
    """Makes tokens and names of rooms. Never shows the key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, program: str, person: str, generation: int) -> str:
        """The secret part of the address of a person's feed: 43 characters of base64url."""
        digest = self._digest("feed", program, person, str(generation))
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def fits(self, token: str, program: str, person: str, generation: int) -> bool:
        """Whether this is the token; takes as long for every wrong one."""
        right = self.token(program, person, generation)
        return hmac.compare_digest(token.encode(), right.encode())

    def room(self, program: str, cycle: str, meeting: str) -> str:
        """The name of a meeting's room: 32 hexadecimal digits, which stay when the meeting is moved."""
        return self._digest("room", program, cycle, meeting)[:ROOM_BYTES].hex()

    @property
    def mark(self) -> str:
        """Tells this key from another, and nothing about it."""
        return self._digest("mark")[:ROOM_BYTES].hex()

    def _digest(self, *parts: str) -> bytes:
        """Tokens of the contract have no slash, so different parts are different text."""
        return hmac.digest(self._key, "/".join(parts).encode(), "sha256")


def new_key() -> str:
    """A fresh key in base64."""
    return base64.b64encode(os.urandom(BYTES)).decode()


def read_key(file: Path | None, text: str | None) -> FeedKey | None:
    """The key from a file or from text; the file wins. None when neither is given.

    Raises:
        BadSetting: it cannot be read, or is not 32 bytes in base64. The words never show it.
    """
    name = FILE_VARIABLE if file else VARIABLE
    if file:
        try:
            text = file.read_text(encoding="ascii")
        except (OSError, UnicodeError) as error:
            raise BadSetting(f"{name}: names a file that cannot be read") from error
    elif not text:
        return None
    try:
        key = base64.b64decode((text or "").strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != BYTES:
        raise BadSetting(f"{name}: {_RULE}")
    return FeedKey(key)
