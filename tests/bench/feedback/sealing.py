"""How fast reviews are sealed, published, opened and revealed, with sealing and without.

    python -m tests.bench.feedback.sealing REVIEWS FOLDER

`submit`: from a side's ratings and words to the bytes of its `submitted`, as the HTTP interface makes them. `reveal`: the
service's fold of both sides' `submitted`, judge and decide included, until `reviewed`; rows in memory, no log. Sealed: with a
key ring on SQLite, as a process has it. Not sealed: the same with the contents at hand, in place of the key ring.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

from services.feedback.keyring import KeyRing, kek_of, new_kek
from services.feedback.sealing import Contents, Place
from shared.events import outside
from shared.events.envelope import Event, encode
from shared.events.feedback import Reviewed
from shared.events.types import Side
from tests.feedback.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    START,
    History,
    Ring,
    met,
    opened,
    paired,
    requested,
    scheduled,
)

_TEXTS = {"message": "Thank you for the time. " * 12, "confidential": "We started late again. " * 4}
_CONTENTS = Contents(
    {"usefulness": 5, "preparedness": 4, "listening": 5, "progress": 3}, texts=_TEXTS
)
_SIDES: Mapping[Side, tuple[str, str]] = {"mentee": (MENTEE, MENTOR), "mentor": (MENTOR, MENTEE)}
_PER_CYCLE = 12


class Open(Ring):
    """Seals nothing: whatever is sealed has the same contents."""

    def __init__(self, sealed: str) -> None:
        super().__init__()
        self._sealed = sealed

    def seal(self, author: str, subject: str, place: Place, contents: Contents) -> str:
        return self._sealed

    def unseal(self, author: str, subject: str, place: Place, sealed: str) -> Contents | None:
        return _CONTENTS


def main() -> None:
    """Measure, and say events a second."""
    reviews, folder = int(sys.argv[1]), Path(sys.argv[2])
    ring = KeyRing(f"sqlite:///{folder / 'keys.db'}", kek_of(None, new_kek()))
    example = ring.seal(MENTEE, MENTOR, _place("c0", "m0", "mentee"), _CONTENTS)
    rings: dict[str, KeyRing | Open] = {"sealed": ring, "not sealed": Open(example)}
    rates = {}
    for name, each in rings.items():
        begun = time.perf_counter()
        submitted = _submit(each, reviews)
        rates[f"submit, {name}"] = 2 * reviews / (time.perf_counter() - begun)
        rates[f"reveal, {name}"] = 2 * reviews / _reveal(each, submitted)
    sys.stdout.write(json.dumps(rates) + "\n")


def _submit(ring: KeyRing | Open, reviews: int) -> list[Event]:
    """Both sides' `submitted` of each review, encoded as for the log."""
    found = []
    for number in range(reviews):
        cycle, meeting = f"c{number // _PER_CYCLE}", f"m{number}"
        for side, (author, subject) in _SIDES.items():
            sealed = ring.seal(author, subject, _place(cycle, meeting, side), _CONTENTS)
            data = outside.Submitted(
                meeting=meeting, side=side, form=f"standard-{side}", sealed=sealed
            )
            event = Event(str(uuid.uuid4()), "/mentoring/api", PROGRAM, cycle, START, data)
            encode(event)
            found.append(event)
    return found


def _reveal(ring: KeyRing | Open, submitted: list[Event]) -> float:
    """Seconds in which all of them are folded; every review must have been revealed with its ratings."""
    history = _pairs(ring, len(submitted) // 2)
    begun = time.perf_counter()
    said = [data for event in submitted for data in history.fold_event(event)]
    seconds = time.perf_counter() - begun
    revealed = [
        data for data in said if isinstance(data, Reviewed) and data.ratings.keys() == _SIDES.keys()
    ]
    if len(revealed) != len(submitted) // 2:
        raise SystemExit(f"{len(revealed)} of {len(submitted) // 2} reviews were revealed")
    return seconds


def _pairs(ring: KeyRing | Open, reviews: int) -> History:
    """Pairs whose meetings were all held."""
    history = History(ring=ring)  # type: ignore[arg-type]
    history.say(PROGRAM, opened(review_within="P30D"))
    for number in range(reviews):
        cycle, meeting = f"c{number // _PER_CYCLE}", f"m{number}"
        if number % _PER_CYCLE == 0:
            history.say(cycle, requested(request=f"q-{cycle}"))
            history.say(cycle, paired(request=f"q-{cycle}", planned_meetings=_PER_CYCLE * 2))
        history.say(cycle, scheduled(meeting, 1 + number % _PER_CYCLE))
        history.say(cycle, met(meeting, 1 + number % _PER_CYCLE))
    return history


def _place(cycle: str, meeting: str, side: str) -> Place:
    return Place(PROGRAM, cycle, "review", meeting, side, f"standard-{side}")


if __name__ == "__main__":
    main()
