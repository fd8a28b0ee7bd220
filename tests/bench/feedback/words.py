"""The events of the timeline as a log holds them: the contract's examples, with this program's ids, instants and figures."""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

import shared.events
from tests.bench.feedback.lives import ABSENT, HOUR, KINDS, NO_EVIDENCE, Lives, timeline
from tests.bench.feedback.settings import MEETINGS, PROGRAM

Data = dict[str, Any]
ZONES = (
    "Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "Asia/Kolkata", "Asia/Tokyo",
    "Australia/Sydney", "Africa/Lagos",
)  # fmt: skip
_ITEMS = ("usefulness", "preparedness", "listening", "progress")
_SCALES = {item: {"min": 1, "max": 5} for item in _ITEMS}
_SEALED_BYTES = 285
_DAYS = ("MO", "TU", "WE", "TH")
_OUTCOMES = {
    True: ("ended_early", "ended_early", "left"),
    False: ("completed", "completed", "goals_reached"),
}


class Said(NamedTuple):
    """An event of the log.

    Attributes:
        at: when it is stored, in seconds since 1970.
        word, key: of its subject.
        by: the service that says it; empty for what comes from outside.
        body: the CloudEvent.
    """

    at: int
    word: str
    key: str
    by: str
    body: bytes


def said(lives: Lives) -> Iterator[Said]:
    """Every event in the log's order."""
    speaker = _Speaker(lives)
    for row in timeline(lives):
        at, who, kind, number = row.item()
        name = KINDS[kind]
        yield from getattr(speaker, name)(at, who, number)


class _Speaker:
    """Says each kind of event; all methods take instant, cycle or mentor, and number of the meeting."""

    def __init__(self, lives: Lives) -> None:
        self._lives = lives
        self._chance = random.Random(lives.setting.seed)
        self._forms = {
            path.name.partition(".")[0]: orjson.loads(path.read_bytes())
            for path in _EXAMPLES.glob("*.v1.json")
        }
        for form in self._forms.values():
            form.pop("traceparent", None)
        self._copies: dict[int, Said] = {}

    def _say(self, word: str, key: str, at: int, by: str, change: Data) -> Said:
        form = self._forms[word]
        form["id"] = self._id()
        form["subject"] = f"{PROGRAM}/{key}"
        form["time"] = instant(at)
        form["data"].update(change)
        if by or "correlationid" in form:
            form["correlationid"] = key
        if by:
            form["causationid"] = form["id"]
            form["source"] = f"/mentoring/{by}"
        return Said(at, word, key, by, orjson.dumps(form))

    def _id(self) -> str:
        text = f"{self._chance.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-8{text[17:20]}-{text[20:]}"

    def _pair(self, cycle: int) -> Data:
        lives = self._lives
        return {
            "mentee": person(int(lives.mentee[cycle])),
            "mentor": person(int(lives.mentor[cycle])),
        }

    # -- people --

    def opened(self, at: int, _who: int, _number: int) -> Iterator[Said]:
        change = {
            "effective_at": instant(at),
            "starts_on": "2026-01-05",
            "ends_on": "2027-12-31",
            "capacity": 8,
        }
        yield self._say("opened", PROGRAM, at, "", {**change, "planned_meetings": MEETINGS})

    def available(self, at: int, cycle: int, _number: int) -> Iterator[Said]:
        hours = int(self._lives.hours[cycle])
        yield self._states(at, cycle, ZONES[min(cycle * 7919 % 13, 7)], max(1, hours))

    def restated(self, at: int, cycle: int, _number: int) -> Iterator[Said]:
        yield self._states(at, cycle, "Pacific/Auckland", 12)

    def _states(self, at: int, cycle: int, zone: str, hours: int) -> Said:
        window = {
            "byday": _DAYS[: min(hours, 4)],
            "start": "09:00",
            "duration": f"PT{max(1, hours // 4)}H",
        }
        change = {"zone": zone, "weekly": [window], "exceptions": []}
        return self._say("available", person(int(self._lives.mentee[cycle])), at, "", change)

    def offered(self, at: int, mentor: int, _number: int) -> Iterator[Said]:
        yield self._say("offered", person(mentor), at, "", {"capacity": 1 + mentor % 5})

    def left(self, at: int, mentor: int, _number: int) -> Iterator[Said]:
        yield self._say(
            "left", person(mentor), at, "", {"roles": ["mentor"], "effective_at": instant(at)}
        )

    # -- requests --

    def requested(self, at: int, cycle: int, _number: int) -> Iterator[Said]:
        lives = self._lives
        first = cycle - 1 if lives.second[cycle] or lives.successor[cycle] else cycle
        change: Data = {
            "request": f"r-{_scattered(first)}",
            "seat": 2 if lives.second[cycle] else 1,
        }
        change["mentee"] = person(int(lives.mentee[cycle]))
        change["continues"] = cycle_id(first) if lives.successor[cycle] else None
        by = "matching" if lives.successor[cycle] else ""
        found = self._say("requested", cycle_id(cycle), at, by, change)
        self._forms["requested"]["source"] = "/hr/requests"
        if cycle % 500 == 0:
            self._copies[cycle] = found
        yield found

    def copied(self, at: int, cycle: int, _number: int) -> Iterator[Said]:
        yield self._copies.pop(cycle)._replace(at=at)

    def ghost(self, at: int, cycle: int, _number: int) -> Iterator[Said]:
        """A request that its judge rejects."""
        key, nobody = f"x-{_scattered(cycle)}", person(self._lives.setting.mentors + cycle)
        yield self._say(
            "requested",
            key,
            at,
            "",
            {"request": key, "seat": 1, "mentee": nobody, "continues": None},
        )
        yield self._say(
            "rejected", key, at, "matching", {"rule": "ends_before", "field": "/data/mentee"}
        )

    def proposed(self, at: int, cycle: int, number: int) -> Iterator[Said]:
        change = {**self._pair(cycle), "proposal": _proposal(cycle, number)}
        yield self._say(
            "proposed", cycle_id(cycle), at, "matching", {**change, "to": change["mentor"]}
        )

    def declined(self, at: int, cycle: int, _number: int) -> Iterator[Said]:
        mentor = person(int(self._lives.mentor[cycle]))
        yield self._say(
            "declined", cycle_id(cycle), at, "", {"proposal": _proposal(cycle, 0), "by": mentor}
        )

    def accepted(self, at: int, cycle: int, _number: int) -> Iterator[Said]:
        mentor = person(int(self._lives.mentor[cycle]))
        yield self._say(
            "accepted", cycle_id(cycle), at, "", {"proposal": _proposal(cycle, 1), "by": mentor}
        )

    def paired(self, at: int, cycle: int, _number: int) -> Iterator[Said]:
        change = {
            **self._pair(cycle),
            "proposal": _proposal(cycle, 1),
            "planned_meetings": MEETINGS,
        }
        yield self._say("paired", cycle_id(cycle), at, "matching", change)

    # -- meetings --

    def scheduled(self, at: int, cycle: int, number: int) -> Iterator[Said]:
        lives = self._lives
        start = int(lives.starts[cycle, number]) - (24 * HOUR if lives.moved[cycle, number] else 0)
        yield self._place(at, cycle, number, start, "paired", 0)

    def moved(self, at: int, cycle: int, number: int) -> Iterator[Said]:
        yield self._place(at, cycle, number, int(self._lives.starts[cycle, number]), "moved", 1)

    def cancelled(self, at: int, cycle: int, number: int) -> Iterator[Said]:
        yield self._place(at, cycle, number, int(self._lives.starts[cycle, number]), "cancelled", 2)

    def dropped(self, at: int, cycle: int, number: int) -> Iterator[Said]:
        yield self._place(at, cycle, number, int(self._lives.starts[cycle, number]), "concluded", 2)

    def _place(
        self, at: int, cycle: int, number: int, start: int, cause: str, sequence: int
    ) -> Said:
        meeting = meeting_id(cycle, number)
        outside = {
            "mentee": f"PT{(cycle + number) % 3 * 20}M",
            "mentor": f"PT{(cycle * 3 + number) % 4 * 15}M",
        }
        change: Data = {
            **self._pair(cycle),
            "meeting": meeting,
            "uid": f"{meeting}@{PROGRAM}.mentoring",
            "sequence": sequence,
            "status": "CONFIRMED" if cause in {"paired", "moved"} else "CANCELLED",
            "starts_at": instant(start),
            "ends_at": instant(start + HOUR),
            "number": number + 1,
            "cause": cause,
            "outside": outside,
        }
        return self._say("scheduled", cycle_id(cycle), at, "scheduling", change)

    def attended_mentee(self, at: int, cycle: int, number: int) -> Iterator[Said]:
        yield self._attends(at, cycle, number, int(self._lives.mentee[cycle]))

    def attended_mentor(self, at: int, cycle: int, number: int) -> Iterator[Said]:
        yield self._attends(at, cycle, number, int(self._lives.mentor[cycle]))

    def _attends(self, at: int, cycle: int, number: int, who: int) -> Said:
        change = {
            "meeting": meeting_id(cycle, number),
            "person": person(who),
            "joined_at": instant(at),
        }
        return self._say(
            "attended", cycle_id(cycle), at, "", {**change, "left_at": instant(at + HOUR - 60)}
        )

    def met(self, at: int, cycle: int, number: int) -> Iterator[Said]:
        yield self._holds(at, cycle, number, None)

    def corrected(self, at: int, cycle: int, number: int) -> Iterator[Said]:
        yield self._holds(at, cycle, number, self._id())

    def _holds(self, at: int, cycle: int, number: int, corrects: str | None) -> Said:
        change = {**self._meeting(cycle, number), "corrects": corrects, "overlap": "PT57M"}
        return self._say("met", cycle_id(cycle), at, "scheduling", change)

    def missed(self, at: int, cycle: int, number: int) -> Iterator[Said]:
        lives, says = self._lives, int(self._lives.says[cycle, number])
        side = lives.mentor if lives.absent_mentor[cycle, number] else lives.mentee
        change = {
            **self._meeting(cycle, number),
            "reason": "absent"
            if says == ABSENT
            else "no_evidence"
            if says == NO_EVIDENCE
            else "too_short",
            "absent": [person(int(side[cycle]))] if says == ABSENT else [],
            "final_at": instant(at + 48 * HOUR),
            "contradicted": [],
        }
        yield self._say("missed", cycle_id(cycle), at, "scheduling", change)

    def _meeting(self, cycle: int, number: int) -> Data:
        start = instant(int(self._lives.starts[cycle, number]))
        return {
            **self._pair(cycle),
            "meeting": meeting_id(cycle, number),
            "number": number + 1,
            "starts_at": start,
        }

    # -- reviews --

    def submitted_mentee(self, at: int, cycle: int, number: int) -> Iterator[Said]:
        yield self._submits(at, cycle, number, "mentee")

    def submitted_mentor(self, at: int, cycle: int, number: int) -> Iterator[Said]:
        yield self._submits(at, cycle, number, "mentor")

    def _submits(self, at: int, cycle: int, number: int, side: str) -> Said:
        sealed = _text(self._chance.randbytes(_SEALED_BYTES))
        change = {
            "meeting": meeting_id(cycle, number),
            "side": side,
            "form": f"standard-{side}",
            "sealed": sealed,
        }
        return self._say("submitted", cycle_id(cycle), at, "", change)

    def reviewed(self, at: int, cycle: int, number: int) -> Iterator[Said]:
        written = self._lives.written[cycle, number] <= at
        sides = [side for side, done in zip(("mentee", "mentor"), written, strict=True) if done]
        change = {
            **self._pair(cycle),
            "meeting": meeting_id(cycle, number),
            "by": "both" if len(sides) == len(written) else "deadline",
            "ratings": {side: self._ratings(cycle) for side in sides},
            "missing": [side for side in ("mentee", "mentor") if side not in sides],
            "scales": dict.fromkeys(sides, _SCALES),
        }
        yield self._say("reviewed", cycle_id(cycle), at, "feedback", change)

    def _ratings(self, cycle: int) -> dict[str, int]:
        usual = 3 + cycle % 3
        return {item: min(5, max(1, usual + self._chance.choice((-1, 0, 0, 1)))) for item in _ITEMS}

    # -- the end --

    def concluded(self, at: int, cycle: int, _number: int) -> Iterator[Said]:
        lives = self._lives
        paired = bool(lives.held[cycle])
        outcome = (
            self._chance.choice(_OUTCOMES[bool(lives.early[cycle])]) if paired else "unmatched"
        )
        change: Data = {
            **self._pair(cycle),
            "outcome": outcome,
            "paired": paired,
            "planned": MEETINGS if paired else 0,
            "held": int(np.count_nonzero(lives.says[cycle, : lives.held[cycle]] == 0)),
            "unplanned": 0,
            "goals": {"agreed": int(lives.agreed[cycle]), "reached": int(lives.reached[cycle])},
        }
        yield self._say("concluded", cycle_id(cycle), at, "feedback", change)


def person(number: int) -> str:
    """The id of a person."""
    return f"p-{_scattered(number)}"


def cycle_id(number: int) -> str:
    """The id of a cycle."""
    return f"c-{_scattered(number)}"


@lru_cache(maxsize=1 << 16)
def meeting_id(cycle: int, number: int) -> str:
    """The id of a meeting."""
    return hashlib.md5(f"{cycle}/{number}".encode(), usedforsecurity=False).hexdigest()


def _proposal(cycle: int, number: int) -> str:
    return meeting_id(cycle, -1 - number)


def _scattered(number: int) -> str:
    """Without an order, as ids are."""
    return f"{number * 2654435761 % (1 << 32):08x}"


@lru_cache(maxsize=1 << 16)
def instant(at: int) -> str:
    """As the contract writes it."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}Z"


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(b"\x01" + raw[1:]).decode()


_EXAMPLES = Path(shared.events.__file__).parent / "examples"
