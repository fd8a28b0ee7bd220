"""`mentoring cycle`: one key's whole story, each event with its cause."""

from datetime import datetime, timedelta

import pytest

from services.cli.timeline_view import lasting
from shared.events.envelope import HEADERS, Event, answer_id, due_event, encode
from shared.events.feedback import Concluded
from shared.events.matching import Unmatched
from shared.log import Log, Message
from tests.cli.conftest import Mentoring, on_log
from tests.cli.say import NOW, line, progress, withdrawal

DUE = due_event("matching", "spring", "spring", "round", NOW)
UNMATCHED = Unmatched.model_validate({"mentee": "p1", "waited": "P3D", "excluded": {}})
CONCLUDED = Concluded.model_validate(
    {"mentee": "p1", "outcome": "unmatched", "paired": False, "overlap_total": "PT0M"}
)


def test_every_event_of_the_cycle_stands_below_what_caused_it(
    mentoring: Mentoring, log_url: str
) -> None:
    story(log_url)

    answer = mentoring("cycle", "c1", "--nats", log_url)

    assert answer.code == 0
    words = [each.split() for each in answer.out.splitlines()[2:]]
    assert [each[:1] + each[3:5] for each in words] == [
        ["1", "progressed", "/hr"],
        ["4", "└", "unmatched"],
        ["5", "└", "concluded"],
    ]
    assert "3 due of the program" in answer.out
    assert "4 unmatched" in answer.out


def test_the_answer_for_programs_names_speaker_cause_and_depth(
    mentoring: Mentoring, log_url: str
) -> None:
    story(log_url)

    answer = mentoring("cycle", "c1", "--json", "--nats", log_url)

    assert (answer.json["program"], answer.json["cycle"]) == ("spring", "c1")
    assert [
        (each["seq"], each["by"], each["cause"], each["cause_word"], each["depth"])
        for each in answer.json["events"]
    ] == [
        (1, "/hr", None, None, 0),
        (4, "matching", 3, "due of the program", 1),
        (5, "feedback", 4, "unmatched", 2),
    ]


def test_each_answer_tells_how_long_after_its_cause_it_was_stored(
    mentoring: Mentoring, log_url: str
) -> None:
    story(log_url)

    answer = mentoring("cycle", "c1", "--json", "--nats", log_url)

    first, unmatched, concluded = answer.json["events"]
    assert first["took_seconds"] is None
    took = stored(concluded) - stored(unmatched)
    assert concluded["took_seconds"] == pytest.approx(took.total_seconds(), abs=2e-6)
    assert 0 <= unmatched["took_seconds"] < 60
    assert "s  " in mentoring("cycle", "c1", "--nats", log_url).out.splitlines()[3]


def test_a_timeline_ends_at_the_sequence_asked_for(mentoring: Mentoring, log_url: str) -> None:
    story(log_url)

    answer = mentoring("cycle", "c1", "--seq", "4", "--json", "--nats", log_url)

    assert [each["seq"] for each in answer.json["events"]] == [1, 4]


def test_a_timeline_ends_at_the_instant_asked_for(mentoring: Mentoring, log_url: str) -> None:
    story(log_url)
    told = mentoring("cycle", "c1", "--json", "--nats", log_url).json["events"]

    by_storage = mentoring("cycle", "c1", "--at", told[1]["stored"], "--json", "--nats", log_url)
    before = mentoring("cycle", "c1", "--at", "2020-01-01T00:00:00Z", "--nats", log_url)
    by_event = mentoring(
        *("cycle", "c1", "--at", NOW.isoformat(), "--clock", "event", "--json", "--nats", log_url)
    )

    assert [each["seq"] for each in by_storage.json["events"]][:2] == [1, 4]
    assert (before.code, before.out) == (1, "")
    assert before.err.strip() == "the log says nothing about c1 in spring as of then"
    assert [each["seq"] for each in by_event.json["events"]] == [1, 4, 5]


def test_an_instant_and_a_sequence_at_once_are_refused(mentoring: Mentoring) -> None:
    answer = mentoring("cycle", "c1", "--seq", "4", "--at", "2026-03-01T09:00:00Z")

    assert answer.code == 2
    assert "give --at or --seq, not both" in answer.err


@pytest.mark.parametrize(
    "duration,words",
    [
        (timedelta(microseconds=2500), "2.5 ms"),
        (timedelta(seconds=1.43), "1.43 s"),
        (timedelta(seconds=61), "1 min"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(days=5, hours=2, minutes=3), "5 d 2 h"),
    ],
)
def test_a_duration_is_told_in_the_figures_that_matter(duration: timedelta, words: str) -> None:
    assert lasting(duration) == words


def test_a_cycle_of_two_programs_needs_the_program(mentoring: Mentoring, log_url: str) -> None:
    on_log(log_url, lambda log: log.publish(withdrawal(program="autumn")))
    on_log(log_url, lambda log: log.publish(withdrawal(program="spring")))

    which = mentoring("cycle", "c1", "--nats", log_url)
    one = mentoring("cycle", "c1", "--program", "spring", "--json", "--nats", log_url)

    assert which.code == 2
    assert "give --program autumn or spring" in which.err
    assert [each["seq"] for each in one.json["events"]] == [2]


def test_what_is_no_program_knows_no_cycle(mentoring: Mentoring, log_url: str) -> None:
    on_log(log_url, lambda log: log.send(Message("mentoring.no\x1bne.progressed.c1", b"{}")))
    on_log(log_url, lambda log: log.publish(progress(1)))

    assert "spring/c1" in mentoring("cycle", "c1", "--nats", log_url).out


def test_a_cycle_that_nobody_spoke_of_is_a_finding(mentoring: Mentoring, log_url: str) -> None:
    answer = mentoring("cycle", "nobody", "--nats", log_url)

    assert (answer.code, answer.out) == (1, "")
    assert answer.err.strip() == "the log says nothing about nobody"

    answer = mentoring("cycle", "nobody", "--json", "--nats", log_url)

    assert (answer.code, answer.json) == (1, {"program": None, "cycle": "nobody", "events": []})


def test_a_cycle_is_no_wildcard(mentoring: Mentoring) -> None:
    answer = mentoring("cycle", "*")

    assert answer.code == 2
    assert "must be 1 to 64 of" in answer.err


def stored(told: dict[str, str]) -> datetime:
    return datetime.fromisoformat(told["stored"])


def story(url: str) -> None:
    """c1 is measured, c2 as well, a round's deadline passes, c1 is unmatched and concluded."""

    async def do(log: Log) -> None:
        await log.publish(progress(1))
        await log.publish(progress(2, key="c2"))
        await log.send(Message(DUE.subject, encode(DUE), HEADERS))
        await log.send(answer("matching", UNMATCHED, 3))
        await log.send(answer("feedback", CONCLUDED, 4))

    on_log(url, do)


def answer(service: str, data: Unmatched | Concluded, cause: int) -> Message:
    """What a service says to the input at this sequence."""
    said = Event(
        id=answer_id(service, f"cause {cause}", data.WORD, 0),
        source=f"/mentoring/{service}",
        program="spring",
        key="c1",
        time=NOW,
        data=data,
    )
    headers = {**HEADERS, "Mentoring-Cause": str(cause), "Mentoring-Service": service}
    return Message(said.subject, line(said), headers)
