"""Closing reviews and what is for the program alone: opened with the keys that exist, counted as everything else."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest

from services.cli.report.closing import Instead, Opened, opened, with_closing
from services.cli.report.sealed_reviews import Sealings
from services.feedback.report.collect import Collector
from services.feedback.sealing import KEY_BYTES, Contents, Place, seal, shared_key, unseal
from shared.entry import Entry
from shared.events import feedback, matching, outside, system
from shared.events.envelope import Event, EventData, encode
from shared.events.rules import Form, FormItem
from tests.cli.report.example import REPORT

AT = datetime(2026, 3, 2, tzinfo=UTC)
ITEMS = (FormItem(id="usefulness"), FormItem(id="trust", max=3, audience="program"))
FORMS = tuple(Form(id="f", side=side, items=ITEMS) for side in ("mentee", "mentor"))


class Log:
    """A log told event by event, a day apart, with everybody's key at hand."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.erased: set[str] = set()
        rules = {"rules": "r1", "effective_at": AT, "starts_on": date(2026, 3, 2)}
        ends = {"ends_on": date(2026, 12, 31), "zone": "Europe/Berlin", "forms": FORMS, "k": 1}
        self.say("p", outside.Opened.model_validate({**rules, **ends}))
        pair = {"mentee": "ann", "mentor": "bob", "rules": "r1", "request": "q", "seat": 1}
        plan = {"planned_meetings": 2, "cadence": "FREQ=WEEKLY", "length": "PT1H"}
        why = {"score": 0.5, "policy": "optimal", "round": "x", "waited": "P0D"}
        talk = {"format": "video", "language": "en"}
        data = matching.Paired.model_validate({**pair, **plan, **why, **talk})
        self.say("c", data, by="matching")

    def say(self, key: str, data: EventData, by: str | None = None, cause: int = 1) -> int:
        seq = len(self.entries) + 1
        at = AT + timedelta(days=seq)
        event = Event(str(uuid.UUID(int=seq, version=4)), "/x", "p", key, at, data)
        stored = int(at.timestamp()) * 10**9
        answers = cause if by else None
        self.entries.append(Entry(seq, event.subject, encode(event), answers, by, stored))
        return seq

    def submitted(self, meeting: str, side: str, **ratings: int) -> int:
        persons = ("ann", "bob") if side == "mentee" else ("bob", "ann")
        place = Place("p", "c", "review", meeting, side, "f")
        sealed = seal(shared_key("p", *map(key, persons)), place, Contents(ratings=ratings))
        given = {"meeting": meeting, "side": side, "form": "f", "sealed": sealed}
        return self.say("c", outside.Submitted.model_validate(given))

    def reviewed(self, meeting: str) -> int:
        pair = {"mentee": "ann", "mentor": "bob", "rules": "r1", "meeting": meeting}
        data = {**pair, "by": "deadline", "ratings": {}, "missing": ["mentee", "mentor"]}
        return self.say("c", feedback.Reviewed.model_validate(data), by="feedback")

    def rejected(self, seq: int) -> int:
        event = str(uuid.UUID(int=seq, version=4))
        data = system.Rejected.model_validate({"event": event, "rule": "revealed"})
        return self.say("c", data, by="feedback", cause=seq)

    def unseal(self, author: str, subject: str, place: Place, sealed: str) -> Contents | None:
        if self.erased & {author, subject}:
            return None
        return unseal(shared_key("p", key(author), key(subject)), place, sealed)

    def opened(self) -> Opened:
        sealings = Sealings("p")
        sealings.add(self.entries)
        return opened("p", sealings.reviews(), self.unseal)


def key(person: str) -> bytes:
    return person.encode().ljust(KEY_BYTES, b".")


def ratings(found: Opened, kind: str) -> list[dict[str, Any]]:
    return [orjson.loads(entry.body)["data"]["ratings"] for entry in found.told[kind]]


def test_a_closing_review_counts_with_all_its_questions_from_when_it_came() -> None:
    log = Log()
    seq = log.submitted("closing", "mentor", usefulness=4, trust=3)
    found = log.opened()
    assert ratings(found, "closing") == [{"mentor": {"usefulness": 4, "trust": 3}}]
    assert [entry.seq for entry in found.told["closing"]] == [seq]
    assert ratings(found, "confidential") == []


def test_of_a_meeting_only_what_is_for_the_program_alone_counts_and_from_its_reveal() -> None:
    log = Log()
    log.submitted("m1", "mentee", usefulness=5, trust=2)
    assert ratings(log.opened(), "confidential") == []
    reveal = log.reviewed("m1")
    found = log.opened()
    assert ratings(found, "confidential") == [{"mentee": {"trust": 2}}]
    assert [entry.seq for entry in found.told["confidential"]] == [reveal]


def test_the_last_review_of_a_side_counts_unless_it_was_refused_or_late() -> None:
    log = Log()
    log.submitted("m1", "mentee", usefulness=1, trust=1)
    log.submitted("m1", "mentee", usefulness=1, trust=2)
    log.rejected(log.submitted("m1", "mentee", usefulness=1, trust=3))
    log.reviewed("m1")
    log.submitted("m1", "mentor", usefulness=1, trust=3)
    assert ratings(log.opened(), "confidential") == [{"mentee": {"trust": 2}}]


def test_what_is_off_the_scale_or_not_asked_does_not_count() -> None:
    log = Log()
    log.submitted("closing", "mentee", usefulness=6, trust=1, other=2)
    log.submitted("closing", "mentor", usefulness=0)
    assert ratings(log.opened(), "closing") == [{"mentee": {"trust": 1}}]


def test_what_cannot_be_opened_any_more_is_counted_and_nothing_else() -> None:
    log = Log()
    log.submitted("closing", "mentee", usefulness=4)
    log.submitted("closing", "mentor", usefulness=4)
    log.erased.add("ann")
    found = log.opened()
    assert (ratings(found, "closing"), found.unreadable) == ([], 2)


def test_opened_reviews_stand_where_they_belong_and_revealed_ones_nowhere() -> None:
    log = Log()
    log.submitted("m1", "mentee", usefulness=5, trust=3)
    log.reviewed("m1")
    log.submitted("closing", "mentor", usefulness=3)
    found = log.opened()
    means = {}
    for kind, told in found.told.items():
        collector = Instead(Collector("p", "event"), told)
        for entry in log.entries:
            collector.add([entry])
        collector.report(AT + timedelta(days=60), "log")
        rows = collector.collector.columns().reviews
        means[kind] = [(float(r["mentee"]), float(r["mentor"]), int(r["seen"])) for r in rows]
    revealed, closed = (int((AT + timedelta(days=n)).timestamp() * 1e6) for n in (4, 5))
    assert means == {"closing": [(0.0, 0.5, closed)], "confidential": [(1.0, 0.0, revealed)]}


@pytest.mark.parametrize("unreadable, words", [(0, ""), (3, "Fewer than 5"), (7, "7")])
def test_the_report_says_what_it_depends_on_and_how_much_is_gone(
    unreadable: int, words: str
) -> None:
    found = with_closing(REPORT, {"closing": REPORT}, unreadable)
    added = [metric for metric in found.metrics if metric.name.startswith("closing_")]
    assert added[0].title == "Closing reviews: satisfaction of mentees"
    assert len(found.metrics) == len(REPORT.metrics) + 3
    assert "keys that still exist" in found.notes[0]
    told = [note for note in found.notes if "cannot be opened any more" in note]
    assert [note.startswith(words) for note in told] == ([True] if words else [])
