"""`mentoring state`: a row as of an instant is the row that the log up to then leads to."""

import json
from datetime import UTC, datetime

import pytest

from services.cli.folds import fold_of
from services.cli.row_name import parts_of, ref_of, tables_of
from services.matching.model import Cycle, Person
from shared import mark as marks
from shared.log import Message
from shared.outcome import DeadLetter
from shared.world import Ref
from tests.cli.conftest import Mentoring, on_log
from tests.lifecycle.golden import golden_log
from tests.shared.replay.recorded import SERVICES, golden, publish

GOLDEN = golden()
PROGRAM = GOLDEN[0].subject.split(".")[1]


@pytest.fixture
def url(log_url: str) -> str:
    on_log(log_url, lambda log: publish(log, GOLDEN))
    return log_url


def test_a_row_is_told_as_of_each_sequence_with_the_events_that_made_it(
    mentoring: Mentoring, url: str
) -> None:
    pairing = next(e for e in GOLDEN if e.word == "paired")
    cycle = pairing.subject.rsplit(".", 1)[1]
    assert pairing.cause is not None

    early = mentoring(*state("cycle", cycle), "--seq", str(pairing.cause - 1), "--nats", url).json
    later = mentoring(*state("cycle", cycle), "--seq", str(pairing.cause), "--nats", url).json
    now = mentoring(*state("cycle", cycle), "--nats", url).json

    assert (early["row"]["status"], later["row"]["status"]) == ("held", "paired")
    assert later["position"] == pairing.cause
    assert later["changes"][-1]["seq"] == pairing.cause
    assert "paired" in later["changes"][-1]["said"]
    assert "status" in later["changes"][-1]["columns"]
    assert [each["verb"] for each in now["changes"]][:2] == ["made", "changed"]
    assert now["row"]["status"] == row_now("cycle", cycle, "status")


def test_a_row_as_of_an_instant_is_that_of_the_last_event_before_it(
    mentoring: Mentoring, url: str
) -> None:
    cycle = next(e for e in GOLDEN if e.word == "requested").subject.rsplit(".", 1)[1]
    whole = mentoring(*state("cycle", cycle), "--nats", url).json
    first, *_, last = whole["changes"]

    by_storage = mentoring(*state("cycle", cycle), "--at", last["stored"], "--nats", url).json
    gone = mentoring(*state("cycle", cycle), "--at", "2020-01-01T00:00:00Z", "--nats", url)

    assert by_storage["row"] == whole["row"]
    assert gone.code == 1
    assert gone.json["row"] is None
    assert f"matching has no cycle {PROGRAM}/{cycle} as of sequence 0" in gone.err
    assert first["word"] == "requested"


def test_wishes_and_refusals_are_shown_only_when_asked_for(mentoring: Mentoring, url: str) -> None:
    declined = persons_with_refusals()[0]

    veiled = mentoring(*state("person", declined), "--nats", url).json["row"]
    shown = mentoring(*state("person", declined), "--confidential", "--nats", url).json["row"]

    assert veiled["never"] == "(confidential)"
    assert isinstance(shown["never"], list)
    assert {name: veiled[name] for name in veiled if name != "never"} == {
        name: shown[name] for name in shown if name != "never"
    }


def test_people_read_a_line_for_each_column_and_for_each_event(
    mentoring: Mentoring, url: str
) -> None:
    cycle = next(e for e in GOLDEN if e.word == "requested").subject.rsplit(".", 1)[1]

    answer = mentoring("state", "scheduling", "cycle", f"{PROGRAM}/{cycle}", "--nats", url)

    assert answer.code == 0
    assert f"scheduling cycle {PROGRAM}/{cycle}, as of sequence" in answer.out
    assert "what made it so" in answer.out
    assert any(line.split()[:2] == ["mentee", mentee_of(cycle)] for line in answer.out.splitlines())


def test_brackets_of_outsiders_are_shown_as_they_are(mentoring: Mentoring, url: str) -> None:
    subject = f"mentoring.{PROGRAM}.requested.[bold]c[/b]"
    seq = on_log(url, lambda log: log.send(Message(subject, b"no event")))
    mark = json.dumps({"seq": seq, "owner": "test", "nonce": "n"}).encode()
    on_log(url, lambda log: log.send(Message(marks.subject("matching", 0), mark)))

    answer = mentoring("state", "matching", "dead_letter", f"{PROGRAM}/{seq}", "--nats", url)

    assert answer.code == 0
    assert "[bold]c[/b]" in answer.out


@pytest.mark.parametrize(
    "arguments,words",
    [
        (("matching", "meeting", "p/c"), "matching has no table meeting: use program, queue"),
        (("matching", "cycle", "c"), "the key of cycle is program/cycle, not c"),
        (("matching", "cycle", "p/c/d"), "the key of cycle is program/cycle, not p/c/d"),
        (("matching", "cycle", "p/c", "--program", "q"), "names the program p, --program q"),
        (("matching", "dead_letter", "p/x"), "seq must be a whole number, not x"),
        (("matching", "dead_letter", "p/" + "9" * 5000), "seq must be a whole number"),
        (("matching", "cycle", "p.*/c"), "must be 1 to 64 of"),
        (("scheduling", "booking", "p/ada/noon/noon/c/m"), "starts_at must be an RFC 3339"),
        (("billing", "cycle", "p/c"), "billing"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_the_rule(
    mentoring: Mentoring, url: str, arguments: tuple[str, ...], words: str
) -> None:
    answer = mentoring("state", *arguments, "--nats", url)

    assert (answer.code, answer.out) == (2, "")
    assert words in answer.err


def test_a_row_is_named_by_table_and_key() -> None:
    matching = fold_of("matching")
    assert ref_of(matching, "cycle", "spring/c1", None) == Ref(Cycle, ("spring", "c1"))
    assert ref_of(matching, "person", "ada", "spring") == Ref(Person, ("spring", "ada"))
    assert ref_of(matching, "dead_letter", "spring/7", "spring") == Ref(DeadLetter, ("spring", 7))
    assert list(tables_of(fold_of("feedback")))[-3:] == ["timer", "clock", "dead_letter"]


def test_instants_in_a_key_are_read_as_they_are_written() -> None:
    key = "spring/ada/2026-03-02T09:00:00Z/2026-03-02T10:00:00.000001Z/c1/m1"
    booking = ref_of(fold_of("scheduling"), "booking", key, None)
    assert booking.key[2] == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert "/".join(map(str, parts_of(booking.key))) == key


def state(table: str, key: str) -> tuple[str, ...]:
    return ("state", "matching", table, f"{PROGRAM}/{key}", "--json")


def row_now(table: str, key: str, column: str) -> object:
    matching = SERVICES["matching"]
    world = golden_log.fold(matching, GOLDEN)
    row = world.peek(tables_of(matching)[table], (PROGRAM, key))
    return getattr(row, column)


def persons_with_refusals() -> list[str]:
    rows = golden_log.fold(SERVICES["matching"], GOLDEN).rows()
    return [row.person for row in rows if isinstance(row, Person) and row.never]


def mentee_of(cycle: str) -> object:
    return row_now("cycle", cycle, "mentee")
