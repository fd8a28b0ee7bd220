"""What breaks the contract is refused with the field and the rule, never with the value."""

import json

import pytest
from pydantic import ValidationError

from shared.events.envelope import MAX_BODY, Event, InvalidEvent, decode, encode
from shared.events.outside import Offered, Preferred
from tests.contracts.samples import NAMES, changed, example, refused, without

LONG = "q" * 10_000
SAME = "must not ask under the same id twice"
GOAL = example("agreed")["data"]["goals"][0]
CIRCLE = [{**GOAL, "of": "g2"}, {**GOAL, "id": "g2", "of": "g1"}]

DATA = [
    # tokens
    ("requested", "/data/mentee", "", "must match"),
    ("requested", "/data/mentee", "anna maria", "must match"),
    ("requested", "/data/mentee", "p.1", "must match"),
    ("requested", "/data/mentee", "p\n", "must match"),
    ("requested", "/data/mentee", "é", "must match"),
    ("requested", "/data/mentee", "p" * 65, "must have at most 64 characters"),
    ("requested", "/data/mentee", 7, "must be a string"),
    ("requested", "/data/mentee", None, "must be a string"),
    ("attended", "/data/person", ["p1"], "must be a string"),
    # text
    ("requested", "/data/wanted_skills/0", LONG, "must have at most 128 characters"),
    ("requested", "/data/wanted_skills/0", "", "must match"),
    ("requested", "/data/wanted_skills/1", "two\nlines", "must match"),
    ("requested", "/data/held_skills", ["s"] * 257, "must have at most 256 entries"),
    ("requested", "/data/held_skills", "python", "must be an array"),
    ("offered", "/data/skills/1/id", LONG, "must have at most 128 characters"),
    ("declined", "/data/reason", "She is too busy", "must match"),
    # instants and days
    ("available", "/data/exceptions/0/start", "2026-04-02T10:30:00", "must be an RFC 3339 instant"),
    ("available", "/data/exceptions/0/start", "2026-04-02", "must be an RFC 3339 instant"),
    (
        "available",
        "/data/exceptions/0/start",
        "2026-02-30T09:00:00Z",
        "must be an RFC 3339 instant",
    ),
    (
        "available",
        "/data/exceptions/0/start",
        "2026-03-01T24:00:00Z",
        "must be an RFC 3339 instant",
    ),
    ("available", "/data/exceptions/0/start", 1772355600, "must be an RFC 3339 instant"),
    ("left", "/data/effective_at", "0001-01-01T00:00:00+14:00", "must be an RFC 3339 instant"),
    ("left", "/data/effective_at", "9999-12-31T23:59:59-14:00", "must be an RFC 3339 instant"),
    ("opened", "/data/starts_on", "2026-02-30", "must be a date"),
    ("opened", "/data/starts_on", "2026-02-01T00:00:00Z", "must be a date"),
    ("opened", "/data/starts_on", 20260201, "must be a date"),
    # durations
    ("opened", "/data/request_expires", "P1M", "must be an ISO 8601 duration"),
    ("opened", "/data/request_expires", "P1Y", "must be an ISO 8601 duration"),
    ("opened", "/data/request_expires", "-P1D", "must be an ISO 8601 duration"),
    ("opened", "/data/request_expires", "PT90S", "must be an ISO 8601 duration"),
    ("opened", "/data/request_expires", "P9999W", "must be an ISO 8601 duration"),
    ("opened", "/data/request_expires", "P1.5D", "must be an ISO 8601 duration"),
    ("opened", "/data/request_expires", 60, "must be an ISO 8601 duration"),
    ("opened", "/data/request_expires", "P0D", "must last at least a minute"),
    ("opened", "/data/length", "P1D", "must be given in hours and minutes"),
    ("opened", "/data/length", "PT0M", "must last at least a minute"),
    ("opened", "/data/length", "PT24H1M", "must last 24 hours at most"),
    ("opened", "/data/reminders/0", "PT0M", "must last at least a minute"),
    ("met", "/data/overlap", "-PT5M", "must be an ISO 8601 duration"),
    # zones, languages, regions, industries
    ("available", "/data/zone", "Europe/Atlantis", "must be an IANA time zone"),
    ("available", "/data/zone", "+02:00", "must match"),
    ("available", "/data/zone", "../etc/passwd", "must match"),
    ("available", "/data/zone", "Europe/../../etc", "must match"),
    ("requested", "/data/languages/0", "German", "must match"),
    ("requested", "/data/languages", [], "must have at least 1 entries"),
    ("opened", "/data/holidays/0", "GER", "must match"),
    ("offered", "/data/industry", "IT", "must match"),
    # windows
    ("available", "/data/weekly/0/duration", "PT0M", "must last at least a minute"),
    ("available", "/data/weekly/0/duration", "PT25H", "must last 24 hours at most"),
    ("available", "/data/weekly/0/start", "24:00", "must match"),
    ("available", "/data/weekly/0/start", "9:00", "must match"),
    ("available", "/data/weekly/0/byday", [], "must have at least 1 entries"),
    ("available", "/data/weekly/0/byday/0", "Monday", "must be one of"),
    ("available", "/data/exceptions/0/end", "2026-03-29T22:00:00Z", "must be after start"),
    ("scheduled", "/data/ends_at", "2026-03-10T15:00:00Z", "must be after starts_at"),
    ("attended", "/data/left_at", "2026-03-10T14:59:29Z", "must not be before joined_at"),
    ("opened", "/data/ends_on", "2026-02-01", "must be after starts_on"),
    # recurrences
    ("opened", "/data/cadence", "every other week", "must match"),
    (
        "opened",
        "/data/cadence",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "must be an RFC 5545 RRULE",
    ),
    ("opened", "/data/rounds", "sometimes", "has none of the known forms"),
    ("opened", "/data/rounds", 3, "has none of the known forms"),
    ("opened", "/data/rounds/rrule", "FREQ=SECONDLY", "must match"),
    ("opened", "/data/rounds/zone", "Mars/Olympus", "must be an IANA time zone"),
    # numbers
    ("offered", "/data/capacity", -1, "must be at least 0"),
    ("offered", "/data/capacity", 1001, "must be at most 1000"),
    ("offered", "/data/capacity", 2.5, "must be a whole number"),
    ("offered", "/data/capacity", "2", "must be a whole number"),
    ("offered", "/data/capacity", True, "must be a whole number"),
    ("offered", "/data/accepts_new", 1, "must be true or false"),
    ("offered", "/data/seniority", -3, "must be at least 0"),
    ("opened", "/data/floor", -0.1, "must be at least 0"),
    ("opened", "/data/floor", 1.5, "must be at most 1"),
    ("opened", "/data/planned_meetings", 0, "must be at least 1"),
    ("opened", "/data/k", -5, "must be at least 1"),
    ("requested", "/data/seat", 0, "must be at least 1"),
    ("moved", "/data/sequence", -1, "must be at least 0"),
    ("progressed", "/data/value", 1e13, "must be at most"),
    ("progressed", "/data/value", "3", "must be a number"),
    ("paired", "/data/score", 2, "must be at most 1"),
    ("paired", "/data/parts/time", -0.5, "must be at least 0"),
    ("reviewed", "/data/ratings/mentor/listening", -1, "must be at least 0"),
    # wishes
    (
        "opened",
        "/data/wishes",
        ["parent", "gender.woman", "same_religion"],
        "must not name the protected attribute religion",
    ),
    (
        "opened",
        "/data/wishes",
        ["nationality"],
        "must not name the protected attribute nationality",
    ),
    ("opened", "/data/wishes/0", "First in family", "must match"),
    ("opened", "/data/wishes", [f"w{n}" for n in range(65)], "must have at most 64 entries"),
    ("opened", "/data/protected/0", "shoe_size", "must be one of 'age', 'belief'"),
    ("opened", "/data/vocabulary", "../secrets", "must match"),
    # weights and forms
    ("opened", "/data/weights", {}, "must not sum to nothing"),
    ("opened", "/data/weights", {"skills": 0, "time": 0.0}, "must not sum to nothing"),
    ("opened", "/data/weights/time", -1, "must be at least 0"),
    ("opened", "/data/overlap_min", "PT2H", "must not exceed length"),
    ("opened", "/data/forms/0/items/0/max", 1, "must be above min"),
    ("opened", "/data/forms/0/items", [], "must have at least 1 entries"),
    ("opened", "/data/forms/0/texts", [{"id": "message"}] * 2, SAME),
    ("opened", "/data/forms/0/texts", [{"id": "usefulness"}], SAME),
    ("opened", "/data/forms/0/texts/0/max_length", 0, "must be at least 1"),
    ("opened", "/data/forms/0/texts/0/max_length", 8001, "must be at most 8000"),
    ("opened", "/data/forms/0/texts", [{"id": f"t{n}"} for n in range(9)], "must have at most 8"),
    ("opened", "/data/risk/silence", "P1M", "must be an ISO 8601 duration"),
    ("opened", "/data/risk/rating_falls", 1.5, "must be at most 1"),
    ("opened", "/data/risk/one_sided", 0, "must be at least 1"),
    # goals
    ("agreed", "/data/goals", [{**GOAL, "of": "g3"}], "must name in `of` another goal"),
    ("agreed", "/data/goals", [{**GOAL, "of": "g1"}], "must name in `of` another goal"),
    ("agreed", "/data/goals", CIRCLE, "must name in `of` another goal"),
    # words of a closed vocabulary
    ("withdrawn", "/data/role", "boss", "must be one of 'mentee', 'mentor' or 'coordinator'"),
    ("assigned", "/data/overrides/0", "capacity", "must be one of"),
    ("noted", "/data/sealed", "plain words", "must match"),
    ("noted", "/data/sealed", LONG * 5, "must have at most"),
    ("rejected", "/data/event", "42", "must match"),
    ("rejected", "/data/field", "mentor", "must match"),
    # shapes
    ("requested", "/data", [], "must be an object"),
    ("requested", "/data", "x", "must be an object"),
    ("requested", "/data/goals/0", "learn", "must be an object"),
    ("paired", "/data/parts", [], "must be an object"),
    # the key
    ("erased", "/data/person", "p-somebody", "must be the key that subject names"),
]

ENVELOPE = [
    ("/specversion", "0.3", "must be 1.0"),
    ("/id", "42", "must be a UUID"),
    ("/id", "", "must be a UUID"),
    ("/id", 42, "must be a UUID"),
    ("/source", "", "must be a URI reference"),
    ("/source", 'a"b', "must be a URI reference"),
    ("/source", "s" * 257, "must be a URI reference"),
    ("/type", "mentoring.requested.v2", "must be a known type"),
    ("/type", "mentoring.wedding.v1", "must be a known type"),
    ("/type", "requested", "must be a known type"),
    ("/type", ["mentoring.requested.v1"], "must be a known type"),
    ("/subject", "acme-2026", "must be <program>/<key>"),
    ("/subject", "acme-2026/c/1", "must be <program>/<key>"),
    ("/subject", "acme-2026/", "must be <program>/<key>"),
    ("/subject", "acme-2026/c 1", "must be <program>/<key>"),
    ("/subject", "acme-2026/c.1", "must be <program>/<key>"),
    ("/subject", "acme-2026/" + "c" * 65, "must be <program>/<key>"),
    ("/program", "globex", "must be the program that subject names"),
    ("/program", 1, "must be the program that subject names"),
    ("/correlationid", "c-other", "must be the cycle that subject names"),
    ("/causationid", "c-1", "must be a UUID"),
    ("/traceparent", "00-0", "must be a W3C traceparent"),
    ("/time", "2026-01-25T17:42:10", "must be an RFC 3339 instant"),
    ("/time", "yesterday", "must be an RFC 3339 instant"),
    ("/time", 1772355600, "must be an RFC 3339 instant"),
    ("/datacontenttype", "text/xml", "must be application/json"),
    ("/dataschema", "urn:mentoring:paired:v1", "must be urn:mentoring:requested:v1"),
]


@pytest.mark.parametrize("word, field, value, rule", DATA)
def test_data_that_breaks_a_rule_is_refused_by_field_and_rule(
    word: str, field: str, value: object, rule: str
) -> None:
    refusal = refused(changed(word, field, value))
    assert refusal.field == field
    assert refusal.rule.startswith(rule)


@pytest.mark.parametrize("field, value, rule", ENVELOPE)
def test_an_attribute_that_breaks_a_rule_is_refused_by_field_and_rule(
    field: str, value: object, rule: str
) -> None:
    refusal = refused(changed("requested", field, value))
    assert refusal.field == field
    assert refusal.rule.startswith(rule)


@pytest.mark.parametrize(
    "attribute", ["id", "source", "type", "subject", "program", "time", "data"]
)
def test_a_missing_attribute_is_named(attribute: str) -> None:
    refusal = refused(without("requested", attribute))
    assert (refusal.field, refusal.rule) == (f"/{attribute}", "is required")


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name not in {"preferred.v1", "revoked.v1"}]
)
def test_data_without_a_required_field_is_refused_by_that_field(name: str) -> None:
    event = example(name)
    refusal = refused(json.dumps({**event, "data": {}}).encode())
    assert refusal.rule in {"is required", "must be the key that subject names"}
    assert refusal.field.removeprefix("/data/") in event["data"]


def test_a_person_may_state_to_prefer_nothing() -> None:
    assert decode(changed("preferred", "/data", {})).data == Preferred()


def test_the_key_of_a_program_is_the_program() -> None:
    refusal = refused(changed("opened", "/subject", "acme-2026/c-1"))
    assert (refusal.field, refusal.rule) == ("/subject", "must name the program as its key too")


def test_a_key_of_a_mapping_that_breaks_a_rule_is_not_repeated() -> None:
    refusal = refused(changed("reviewed", "/data/ratings/mentor", {"her secret": 3}))
    assert refusal.field == "/data/ratings/mentor"
    assert "secret" not in str(refusal)


def test_a_weight_for_an_unknown_part_is_refused_at_the_weights() -> None:
    assert refused(changed("opened", "/data/weights", {"beauty": 1})).field == "/data/weights"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 5000, b'{"a":' * 5000, b'"\xed\xa0\x80"']
)
def test_bytes_that_are_no_json_are_refused_as_a_whole(body: bytes) -> None:
    assert (refused(body).field, refused(body).rule) == ("", "must be JSON in UTF-8")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_json_does_not_have_is_named(number: str) -> None:
    body = changed("opened", "/data/weights/time", "HERE").replace(b'"HERE"', number.encode())
    assert refused(body).field == "/data/weights/time"
    assert refused(body).rule == "must be a finite number: JSON has no NaN and no Infinity"


def test_a_name_beside_a_number_that_json_does_not_have_is_not_repeated() -> None:
    assert refused(b'{"data":{"her secret":[1,NaN]}}').field == "/data/1"


@pytest.mark.parametrize("body", [b"1", b"null", b"[]", b'"text"'])
def test_json_that_is_no_object_is_refused_as_a_whole(body: bytes) -> None:
    assert (refused(body).field, refused(body).rule) == ("", "must be a JSON object")


def test_a_payload_over_64_kib_is_refused_before_it_is_parsed() -> None:
    assert str(refused(b"{" * (MAX_BODY + 1))) == "must have at most 65536 bytes"


def test_a_payload_of_exactly_64_kib_is_read() -> None:
    body = changed("requested", "/data/padding", "")
    padded = changed("requested", "/data/padding", "x" * (MAX_BODY - len(body)))
    assert len(padded) == MAX_BODY
    assert decode(padded).word == "requested"


def test_an_event_that_would_be_too_large_is_not_written() -> None:
    event = decode(json.dumps(example("noted")).encode())
    skills = tuple(f"{n:0128}" for n in range(256))
    big = example("requested")
    big["data"] |= {"wanted_skills": skills, "held_skills": skills}
    whole = _made(big)
    assert encode(event)
    with pytest.raises(InvalidEvent, match="must have at most 65536 bytes"):
        encode(whole)


def _made(event: dict) -> Event:  # type: ignore[type-arg]
    small = {**event, "data": {**event["data"], "wanted_skills": [], "held_skills": []}}
    read = decode(json.dumps(small).encode())
    data = read.data.model_copy(
        update={name: event["data"][name] for name in ("wanted_skills", "held_skills")}
    )
    return Event(read.id, read.source, read.program, read.key, read.time, data)


def test_a_refusal_never_repeats_the_value() -> None:
    secrets = [
        (word, field, value)
        for word, field, value, _ in DATA
        if isinstance(value, str) and len(value) > 5
    ]
    told = [
        field
        for word, field, value in secrets
        if value in str(refused(changed(word, field, value)))
    ]
    assert told == []


def test_a_model_that_is_built_by_hand_does_not_repeat_the_value_either() -> None:
    with pytest.raises(ValidationError) as caught:
        Offered(capacity=1, industry="J", seniority=1, languages=("her secret",), team="t")
    assert "secret" not in str(caught.value)
