"""Texts that were made lately, so that they need not be made again."""

from __future__ import annotations

from collections import OrderedDict


class Kept:
    """The texts last asked for, by name, up to so many bytes together. For one thread.

    Args:
        room: bytes of the texts at most; one that is longer is not kept.
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
        self._taken += len(text) - len(self._texts.pop(name, b""))
        self._texts[name] = text
        while self._taken > self._room:
            _, gone = self._texts.popitem(last=False)
            self._taken -= len(gone)
