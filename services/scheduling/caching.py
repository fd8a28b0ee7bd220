"""What readers have already need not be sent, and what was written lately need not be written again."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_LIST = re.compile(rf"[ \t,]*(?:{_TAG.pattern}[ \t]*(?:,[ \t,]*|$))+")


def has_it(if_none_match: Iterable[str], tag: str) -> bool:
    """Whether the header names the entity tag (RFC 9110, 13.1.2): by weak comparison, as a proxy that packs a text weakens its tag.

    Args:
        if_none_match: the values of all its lines; several are one list (RFC 9110, 5.3). What breaks the grammar names nothing.
        tag: the strong one of what would be sent.
    """
    told = ", ".join(if_none_match).strip(" \t")
    if told == "*":
        return True
    return _LIST.fullmatch(told) is not None and tag in _TAG.findall(told)


class Kept:
    """The texts last asked for, by name, up to so many bytes together. For one thread.

    Args:
        room: bytes of the texts at most; one that is longer is not kept, and displaces none.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._taken = 0
        self._texts: OrderedDict[str, bytes] = OrderedDict()

    def get(self, name: str) -> bytes | None:
        """The text of a name, None when it is not here."""
        text = self._texts.get(name)
        if text is not None:
            self._texts.move_to_end(name)
        return text

    def put(self, name: str, text: bytes) -> None:
        """Keep a text; those not asked for longest make room."""
        if len(text) > self._room:
            return
        self._taken += len(text) - len(self._texts.pop(name, b""))
        self._texts[name] = text
        while self._taken > self._room:
            _, gone = self._texts.popitem(last=False)
            self._taken -= len(gone)
