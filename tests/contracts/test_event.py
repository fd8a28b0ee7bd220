"""An event is valid by construction and normalised."""

import json
import uuid
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from shared.events.envelope import Event, InvalidEvent, answer_id, decode, due_event, encode
from shared.events.outside import Accepted, Left
from shared.events.system import Due
from tests.contracts.samples import changed, without

ID = "6c0d4b1e-7f53-4a57-9f0b-2f3c8f1f6a77"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACCEPTED = Accepted(proposal="pr-1", by="p-1")
LEFT = Left(roles=("mentee",), effective_at=NOON)


def event(**changes: object) -> Event:
    values = {
        "id": ID,
        "source": "/hr",
        "program": "acme",
        "key": "c-1",
        "time": NOON,
        "data": ACCEPTED,
    }
    return Event(**(values | changes))  # type: ignore[arg-type]


def test_its_names_follow_from_its_data_program_and_key() -> None:
    made = event()
    assert (made.word, made.type) == ("accepted", "mentoring.accepted.v1")
    assert (made.subject, made.cloud_subject) == ("mentoring.acme.accepted.c-1", "acme/c-1")


def test_the_correlation_of_an_event_about_a_cycle_is_that_cycle() -> None:
    assert event().correlationid == event(correlationid="c-1").correlationid == "c-1"


def test_the_correlation_of_another_event_is_what_was_given() -> None:
    assert (
        event(data=LEFT).correlationid,
        event(data=LEFT, correlationid="c-9").correlationid,
    ) == (None, "c-9")


def test_ids_are_kept_in_lower_case() -> None:
    made = event(id=ID.upper(), causationid=ID.upper())
    assert (made.id, made.causationid) == (ID, ID)


@pytest.mark.parametrize(
    "given",
    [
        datetime(2026, 3, 1, 13, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 3, 1, 6, 30, tzinfo=timezone(timedelta(hours=-5, minutes=-30))),
        "2026-03-01T13:00:00+01:00",
        "2026-03-01t12:00:00z",
        "2026-03-01T12:00:00.000000999Z",
    ],
)
def test_time_is_kept_in_utc(given: object) -> None:
    made = event(time=given)
    assert made.time == NOON
    assert made.time.tzinfo is UTC


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"id": "1"}, "/id"),
        ({"source": ""}, "/source"),
        ({"program": "acme.eu"}, "/program"),
        ({"key": "c 1"}, "/subject"),
        ({"time": datetime(2026, 3, 1, 12)}, "/time"),  # noqa: DTZ001  naive on purpose
        ({"time": datetime(1969, 12, 31, tzinfo=UTC)}, "/time"),
        ({"correlationid": "c-2"}, "/correlationid"),
        ({"causationid": "x"}, "/causationid"),
        ({"traceparent": "00-" + "0" * 32 + "-" + "1" * 16 + "-00"}, "/traceparent"),
        ({"data": LEFT, "correlationid": "c 1"}, "/correlationid"),
    ],
)
def test_an_event_that_breaks_the_contract_cannot_be_made(
    changes: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidEvent) as caught:
        event(**changes)
    assert caught.value.field == field


def test_what_is_absent_is_not_written() -> None:
    written = json.loads(encode(event()))
    assert {"causationid", "traceparent"} & written.keys() == set()
    assert written["data"] == {"proposal": "pr-1", "by": "p-1"}


def test_attributes_that_are_null_count_as_absent() -> None:
    assert decode(changed("accepted", "/correlationid", None)) == decode(
        without("accepted", "correlationid")
    )


def test_content_type_and_schema_may_be_left_out() -> None:
    assert decode(without("accepted", "datacontenttype", "dataschema")).word == "accepted"


def test_an_answer_has_the_same_id_whenever_it_is_said() -> None:
    first = answer_id("matching", ID, "paired", 0)
    assert first == answer_id("matching", ID, "paired", 0)
    assert uuid.UUID(first).version == 5


def test_answers_differ_in_id_by_service_cause_word_and_number() -> None:
    other = "0e9ae5c5-6f6f-4a55-8b8c-4c80d4c6a4a1"
    ids = [
        answer_id("matching", ID, "paired", 0),
        answer_id("feedback", ID, "paired", 0),
        answer_id("matching", other, "paired", 0),
        answer_id("matching", ID, "rejected", 0),
        answer_id("matching", ID, "paired", 1),
    ]
    assert len(set(ids)) == 5


def test_a_due_event_states_its_timer_and_its_time_is_the_deadline() -> None:
    made = due_event("matching", "acme", "c-1", "expires", NOON)
    assert made.data == Due(service="matching", name="expires", at=NOON)
    assert (made.time, made.subject) == (NOON, "mentoring.acme.due.c-1")
    assert decode(encode(made)) == made


def test_a_due_event_has_the_same_id_wherever_its_deadline_was_written() -> None:
    berlin = NOON.astimezone(ZoneInfo("Europe/Berlin"))
    assert due_event("s", "p", "k", "n", NOON) == due_event("s", "p", "k", "n", berlin)


def test_timers_differ_in_id_by_service_program_key_name_and_deadline() -> None:
    timers = [
        ("s", "p", "k", "n", NOON),
        ("t", "p", "k", "n", NOON),
        ("s", "q", "k", "n", NOON),
        ("s", "p", "l", "n", NOON),
        ("s", "p", "k", "m", NOON),
        ("s", "p", "k", "n", NOON + timedelta(microseconds=1)),
    ]
    assert len({due_event(*timer).id for timer in timers}) == 6
