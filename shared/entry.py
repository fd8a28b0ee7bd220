"""A message of the log, as every reader of it sees it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A message of the log.

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
