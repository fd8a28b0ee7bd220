"""What operators have said about parked events: read from the log, where it stands for good."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.cli.dead.letters import Letter
from shared.events.envelope import Event, InvalidEvent, decode
from shared.events.system import Discarded, Redriven
from shared.log import Log

SOURCE = "/mentoring/operations"
"""One for all operators: a copy of what one of them says is known by source and id."""
_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "urn:mentoring:operations")
_Place = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """One `redriven` or `discarded` in the log."""

    seq: int
    event: Event
    data: Redriven | Discarded


@dataclass
class Attempts:
    """Everything that operators have said, by service and parked event, in the order of the log."""

    said: dict[_Place, list[Said]] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)

    def of(self, service: str, letter: Letter, kind: type[Redriven | Discarded]) -> list[Said]:
        """What was said about this letter."""
        found = self.said.get((service, letter.program, letter.about, letter.event), [])
        return [each for each in found if isinstance(each.data, kind)]

    def fence(self, subject: str) -> int:
        """The last sequence on a subject: whoever says more there names it."""
        return self.last.get(subject, 0)

    def note(self, said: Said) -> None:
        """One more was said."""
        data, event = said.data, said.event
        place = (data.service, event.program, event.key, data.event)
        self.said.setdefault(place, []).append(said)
        self.last[event.subject] = said.seq

    def replace(self, program: str, about: str, fresh: Attempts) -> None:
        """What was said about one key was read again."""
        for place in [each for each in self.said if each[1:3] == (program, about)]:
            del self.said[place]
        self.said.update(fresh.said)
        self.last.update(fresh.last)


async def read(log: Log, program: str | None = None, about: str | None = None) -> Attempts:
    """What the log says of redriving and discarding, of all programs and keys or of one.

    Raises:
        LogTrouble, ReaderLost: it cannot be read.
    """
    found = Attempts()
    filters = [f"mentoring.{program or '*'}.{word}.{about or '*'}.>" for word in _WORDS]
    async for entries in log.read(filters):
        for entry in entries:
            found.last[entry.subject] = entry.seq
            try:
                event = decode(entry.body)
            except InvalidEvent:
                continue
            if event.subject == entry.subject and isinstance(event.data, Redriven | Discarded):
                found.note(Said(entry.seq, event, event.data))
    return found


_WORDS: Sequence[str] = (Redriven.WORD, Discarded.WORD)


def redriven_id(service: str, letter: Letter, attempt: int) -> str:
    """The id of the n-th attempt, the same for whoever makes it."""
    return _id(service, letter, f"redriven {attempt}")


def discarded_id(service: str, letter: Letter) -> str:
    """The id of giving an event up, which happens once."""
    return _id(service, letter, "discarded")


def _id(service: str, letter: Letter, what: str) -> str:
    name = f"{service} {letter.program} {letter.about} {letter.seq} {letter.event} {what}"
    return str(uuid.uuid5(_NAMES, name))
