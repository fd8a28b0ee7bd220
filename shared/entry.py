"""A message of the log, as every reader of it sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from shared.headers import headers_of

_DOTS = 3
"""Of an event's subject without the partition."""
_DIGITS = 19
_ANSWER = re.compile(rb"\r\nMentoring-Cause: ([0-9]{1,19})\r\nMentoring-Service: ([a-z]+)\r\n")
_ANSWER_HEADERS = 2


class Entry(NamedTuple):
    """A message of the log. A named tuple, because a replay makes millions of them.

    Attributes:
        seq: its sequence in the stream.
        subject: without the partition that the stream appends.
        body: the CloudEvent, as it was published.
        cause: the sequence that it answers, from the header `Mentoring-Cause`.
        said_by: the service that says it, from the header `Mentoring-Service`.
        stored: when the server stored it, nanoseconds since 1970.
    """

    seq: int
    subject: str
    body: bytes
    cause: int | None = None
    said_by: str | None = None
    stored: int = 0

    @property
    def word(self) -> str:
        """The event word that the subject names."""
        return self.subject.split(".", 3)[2]


def make_entry(
    seq: int, subject: str, body: bytes, headers: Mapping[str, str] | None, stored: int = 0
) -> Entry:
    """An entry from what NATS gives; an event's subject without the partition that the stream appends."""
    return Entry(seq, _without_partition(subject), body, *_answer(headers or {}), stored)


def delivered_entry(seq: int, subject: bytes, head: bytes, body: bytes, stored: int) -> Entry:
    """The same from the bytes that came; a subject that is no UTF-8 is made readable."""
    cause, said_by = _answer_in(head)
    readable = _without_partition(subject.decode("utf-8", "replace"))
    return _new(Entry, (seq, readable, body, cause, said_by, stored))


_new = tuple.__new__  # half of what `Entry(...)` costs


def _without_partition(subject: str) -> str:
    if subject.count(".") > _DOTS and subject.startswith("mentoring."):
        return subject[: subject.rindex(".")]
    return subject


def _answer_in(head: bytes) -> tuple[int | None, str | None]:
    """As `_answer` from a header block, in short for what the services themselves write."""
    named = head.count(b"Mentoring-")
    if not named:
        return None, None
    found = _ANSWER.search(head)
    if found is None or named != _ANSWER_HEADERS:
        return _answer(headers_of(head))
    cause, said_by = found.group(1, 2)
    return int(cause), said_by.decode()


def _answer(headers: Mapping[str, str]) -> tuple[int | None, str | None]:
    """The input that a message answers and who says it."""
    return _number(headers.get("Mentoring-Cause")), headers.get("Mentoring-Service")


def _number(text: str | None) -> int | None:
    """A header's number; None when an outsider wrote something else there."""
    fits = text is not None and len(text) <= _DIGITS and text.isascii() and text.isdigit()
    return int(text) if fits and text else None
