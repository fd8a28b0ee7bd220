"""Says `redriven` and `discarded` so that two operators at once say each thing once.

The id of an attempt is derived, and the message names the last one that stood on its subject (NATS's expected last
subject sequence): the second of two is refused by the server, reads again, and finds what the first has said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from services.cli.dead import attempts
from services.cli.dead.attempts import SOURCE, Attempts, Said
from services.cli.dead.letters import Letter
from shared.events.envelope import HEADERS, Event, encode
from shared.events.system import Discarded, Redriven
from shared.log import Fenced, Log, LogTrouble, Message

_TRIES = 20
"""Others may say something about the same key between reading and saying; hardly twenty times."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who acts: `by` is a token, `code` the reason that the log keeps."""

    by: str
    code: str


async def redrive(
    log: Log, known: Attempts, service: str, letter: Letter, attempt: int, operator: Operator
) -> tuple[Said, bool]:
    """Have the log hold the n-th attempt to redrive a letter; True when it was said by this call.

    Args:
        log: the log.
        known: what was said when it was read last; kept up to date.
        service: the service that parked it.
        letter: what is redriven.
        attempt: which attempt, from 1 on.
        operator: who does it.

    Raises:
        LogTrouble, ReaderLost: the log did not take it, or cannot be read.
        Refused: it refuses it for good.
    """
    data = Redriven(event=letter.event, service=service, by=operator.by, reason=operator.code)
    said = _event(attempts.redriven_id(service, letter, attempt), letter, data)

    def there(found: Attempts) -> Said | None:
        made = found.of(service, letter, Redriven)
        return made[attempt - 1] if len(made) >= attempt else None

    return await _once(log, known, said, data, there)


async def discard(
    log: Log, known: Attempts, service: str, letter: Letter, operator: Operator
) -> tuple[Said, bool]:
    """Have the log hold that a letter is given up; True when it was said by this call.

    Raises:
        LogTrouble, ReaderLost, Refused: as `redrive`.
    """
    data = Discarded(event=letter.event, service=service, by=operator.by, reason=operator.code)
    said = _event(attempts.discarded_id(service, letter), letter, data)

    def there(found: Attempts) -> Said | None:
        made = found.of(service, letter, Discarded)
        return next((each for each in made if each.event.id == said.id), None)

    return await _once(log, known, said, data, there)


async def _once(
    log: Log,
    known: Attempts,
    said: Event,
    data: Redriven | Discarded,
    there: Callable[[Attempts], Said | None],
) -> tuple[Said, bool]:
    for _ in range(_TRIES):
        if (found := there(known)) is not None:
            return found, False
        headers = {
            **HEADERS,
            "Nats-Msg-Id": said.id,
            "Nats-Expected-Last-Subject-Sequence": str(known.fence(said.subject)),
        }
        try:
            seq = await log.send(Message(said.subject, encode(said), headers))
        except Fenced:
            known.replace(said.program, said.key, await attempts.read(log, said.program, said.key))
        else:
            made = Said(seq, said, data)
            known.note(made)
            return made, True
    raise LogTrouble(f"somebody else speaks on {said.subject} all the time")


def _event(identity: str, letter: Letter, data: Redriven | Discarded) -> Event:
    return Event(
        id=identity,
        source=SOURCE,
        program=letter.program,
        key=letter.about,
        time=datetime.now(UTC),
        data=data,
    )
