"""What a redelivery is and how far it is: the token that it is resumed by."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass

import orjson
from pydantic import TypeAdapter

from services.cli.output import Failure


@dataclass(frozen=True, slots=True)
class Ticket:
    """A redelivery, from the next event to its end.

    Attributes:
        run: its name, in the header of each event that it delivers.
        log: the identity of the log.
        to: the subject, perhaps with {program}, {event} and {key} in it.
        next, end: the sequences between which there is still something to deliver, both included.
        program, event, key: only these.
        acknowledged: a stream keeps what is delivered, and says so.
        reason: why, in words: whoever resumes it need not say it again.
    """

    run: str
    log: str
    to: str
    next: int
    end: int
    program: str | None = None
    event: str | None = None
    key: str | None = None
    acknowledged: bool = True
    reason: str = ""

    @property
    def token(self) -> str:
        """All of it, in letters that a shell takes as they are."""
        return base64.urlsafe_b64encode(orjson.dumps(asdict(self))).decode().rstrip("=")


def read_ticket(token: str) -> Ticket:
    """The redelivery that a token names.

    Raises:
        Failure: it is none.
    """
    try:
        told = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return TypeAdapter(Ticket).validate_json(told, strict=True)
    except ValueError as error:
        raise Failure(
            "--resume: this is no token of a redelivery; take it whole, as it was printed"
        ) from error
