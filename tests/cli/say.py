"""Events for the command's tests."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

from shared.events.envelope import Event, EventData, encode
from shared.events.outside import Progressed, Withdrawn

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "shared" / "events" / "examples"


def event(data: EventData, key: str = "c1", program: str = "spring", n: int = 0) -> Event:
    """An outside event, the same for the same arguments."""
    name = f"{program} {key} {data.WORD} {n}"
    return Event(
        id=str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
        source="/hr",
        program=program,
        key=key,
        time=NOW,
        data=data,
    )


def progress(n: int, key: str = "c1", program: str = "spring") -> Event:
    """The n-th measurement of a goal."""
    return event(Progressed(goal="g", value=n, unit="points", as_of=NOW, by="p1"), key, program, n)


def withdrawal(key: str = "c1", program: str = "spring") -> Event:
    """A mentee gives up."""
    return event(Withdrawn(by="p1", role="mentee", rematch=False), key, program)


def line(said: Event) -> bytes:
    """The event as a line of a file."""
    return encode(said)


def example(word: str) -> bytes:
    """The example of a contract, as a line of a file."""
    return b" ".join((EXAMPLES / f"{word}.v1.json").read_bytes().split())
