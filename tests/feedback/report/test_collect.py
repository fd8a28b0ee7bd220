"""What of a log a report counts."""

import json
from datetime import UTC, datetime

import orjson
import pytest

from services.feedback.report.collect import Collector, NoProgram, NotAFact, collect
from shared.events import outside
from tests.feedback.report.telling import GOOD, PROGRAM, START, Telling, at, begun, text


def test_a_program_that_is_not_opened_has_no_report() -> None:
    told = Telling()
    told.requested("c1", "ada")

    with pytest.raises(NoProgram, match="acme"):
        told.columns()


def test_an_opening_that_was_rejected_opens_nothing() -> None:
    told = Telling()
    told.rejected(told.opened())

    with pytest.raises(NoProgram):
        told.columns()


def test_what_its_judge_rejected_is_left_out() -> None:
    told = begun()
    told.requested("c1", "ada")
    told.rejected(told.requested("c2", "ben"))

    assert len(told.columns().requests.at) == 1


def test_nobody_but_a_service_can_reject() -> None:
    told = begun()
    seq = told.requested("c1", "ada")
    told.rejected(seq, by="somebody")

    assert len(told.columns().requests.at) == 1


def test_a_copy_counts_once_and_does_not_replace_what_came_between() -> None:
    told = begun()
    first = told.entries[told.offered("grace", 3) - 1]
    told.offered("grace", 1)
    told.entries.append(first._replace(seq=99))

    offered = told.columns().offered

    assert offered["capacity"].tolist() == [3, 1]


def test_a_copy_of_what_was_rejected_is_passed_over_as_services_do() -> None:
    told = begun()
    leaves = outside.Left(roles=("mentor",), effective_at=told.now)
    for seq in (told.requested("c1", "ada"), told.offered("grace", 3), told.say("eve", leaves)):
        told.rejected(seq)
        told.entries.append(told.entries[seq - 1]._replace(seq=90 + seq))

    columns = told.columns()

    assert (len(columns.requests.at), len(columns.offered), len(columns.gone)) == (0, 0, 0)


def test_a_copy_of_an_opening_does_not_bring_back_its_rules() -> None:
    told = begun(capacity=9)
    told.opened(rules="r2", capacity=2)
    told.entries.append(told.entries[0]._replace(seq=99))

    assert [rules.capacity for rules in told.columns().rules] == [9, 2]


def test_the_same_id_of_another_source_is_no_copy() -> None:
    told = begun()
    name = "8f14e45f-ceea-4a6b-9c3d-0a1b2c3d4e5f"
    told.offered("grace", 3, id=name, source="/one")
    told.offered("grace", 1, id=name, source="/two")

    assert told.columns().offered["capacity"].tolist() == [3, 1]


def test_a_word_is_believed_of_its_service_only() -> None:
    told = begun()
    told.requested("c1", "ada")
    told.fact("scheduling", "paired", "c1", {"mentor": "grace"})
    entry = told.entries[told.paired("c1", "grace") - 1]
    told.entries[-1] = entry._replace(said_by=None)

    assert len(told.columns().paired) == 0


def test_what_no_contract_allows_is_passed_over() -> None:
    told = begun()
    for body in (b"no json", b"{}", orjson.dumps({"specversion": "1.0"})):
        entry = told.entries[told.requested("c1", "ada") - 1]
        told.entries[-1] = entry._replace(body=body)

    assert len(told.columns().requests.at) == 0


def test_an_event_about_something_else_than_its_subject_is_passed_over() -> None:
    told = begun()
    entry = told.entries[told.requested("c1", "ada") - 1]
    told.entries[-1] = entry._replace(subject=f"mentoring.{PROGRAM}.requested.c2")

    assert len(told.columns().requests.at) == 0


def test_other_programs_are_passed_over() -> None:
    told = begun()
    wishes = outside.Requested(
        mentee="ada", request="q", industry="J", seniority=1, languages=("en",), team="t"
    )
    told.say("c1", wishes, program="acme2")

    assert len(told.columns().requests.at) == 0


@pytest.mark.parametrize("data", [{}, {"mentor": 7}, {"mentor": ["a"]}])
def test_a_service_that_says_what_it_cannot_have_said_is_named_with_the_place(
    data: dict[str, object],
) -> None:
    told = begun()
    told.fact("matching", "paired", "c1", data)
    told.fact("scheduling", "met", "c1", data)

    with pytest.raises(NotAFact, match=r"sequence \d is not what (matching|scheduling) says"):
        told.columns()


def test_a_fact_is_read_whatever_the_order_of_its_attributes() -> None:
    told = begun()
    told.requested("c1", "ada")
    usual = told.entries[told.paired("c1", "grace") - 1]
    event = json.loads(usual.body)
    turned = {"data": event.pop("data"), **event}
    told.entries[-1] = usual._replace(body=json.dumps(turned, indent=1).encode())

    assert told.columns().paired["at"].tolist() == [int(START.timestamp() * 1_000_000)]


def test_by_storing_an_event_is_seen_when_the_server_stored_it() -> None:
    told = begun()
    told.day = 3
    told.requested("c1", "ada")
    told.entries[-1] = told.entries[-1]._replace(stored=int(at(8).timestamp()) * 10**9)

    requests = told.columns().requests

    assert seconds(requests.seen[0]) == at(8).timestamp()
    assert seconds(requests.at[0]) == at(3).timestamp()


def test_a_clock_that_goes_back_does_not_turn_the_log_around() -> None:
    told = begun()
    told.day = 5
    told.requested("c1", "ada")
    told.day = 2
    told.requested("c2", "ben")

    seen = told.columns("event").requests.seen

    assert [seconds(each) for each in seen] == [at(5).timestamp(), at(5).timestamp()]


def test_the_last_instant_is_that_of_the_last_event_that_counts() -> None:
    told = begun()
    told.day = 4
    told.requested("c1", "ada")
    told.day = 9
    told.say("ada", outside.Preferred())
    collector = Collector(PROGRAM)
    collector.add(told.entries)

    assert collector.last == at(4)


def test_ratings_are_shares_of_their_scale() -> None:
    told = begun()
    told.reviewed("c1", mentee=GOOD, mentor={"usefulness": 2})

    row = told.columns().reviews[0]

    assert (row["mentee"], row["mentees"]) == (1.0 + 0.5, 2)
    assert (row["mentor"], row["mentors"], row["missing"]) == (0.25, 1, 0)


def test_ratings_of_before_there_were_scales_have_those_of_the_forms_in_force() -> None:
    forms = ({"id": "f", "side": "mentee", "items": ({"id": "usefulness", "min": 0, "max": 10},)},)
    told = begun(forms=forms)
    data = {"ratings": {"mentee": {"usefulness": 5, "other": 3}}, "missing": ["mentor"]}
    told.fact("feedback", "reviewed", "c1", data)

    row = told.columns().reviews[0]

    assert (row["mentee"], row["missing"]) == (0.5 + 0.5, 1)


def test_batches_make_no_difference() -> None:
    told = begun()
    for number in range(5):
        told.day += 1
        told.requested(f"c{number}", f"mentee-{number}")
        told.paired(f"c{number}", "grace")

    whole = told.columns()
    single = collect([[entry] for entry in told.entries], PROGRAM)

    assert single.requests.at.tolist() == whole.requests.at.tolist()
    assert single.paired.tobytes() == whole.paired.tobytes()


def seconds(micros: int) -> float:
    return datetime.fromtimestamp(int(micros) / 1_000_000, UTC).timestamp()


def test_instants_with_offsets_are_the_same_instants() -> None:
    told = begun()
    told.requested("c1", "ada")
    entry = told.entries[told.paired("c1", "grace") - 1]
    body = entry.body.replace(text(START).encode(), b"2026-03-02T01:00:00+01:00")
    assert body != entry.body
    told.entries[-1] = entry._replace(body=body)

    assert seconds(told.columns().paired["at"][0]) == START.timestamp()
