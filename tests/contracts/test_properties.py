"""Properties of the codec that hold for every event and for any bytes."""

import json
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shared.events.envelope import InvalidEvent, decode, encode
from tests.contracts import samples
from tests.contracts.strategies import any_body, bodies

FLOATS = st.floats(allow_nan=False, allow_infinity=False)  # JSON has no others
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FLOATS | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
EXAMPLES = (
    st.sampled_from(samples.WORDS)
    .map(samples.example)
    .map(lambda event: json.dumps(event).encode())
)


@pytest.mark.parametrize("name", samples.NAMES)
def test_what_we_write_reads_back_exactly(name: str) -> None:
    @settings(max_examples=20, deadline=None)
    @given(bodies(name))
    def holds(body: bytes) -> None:
        event = decode(body)
        assert decode(encode(event)) == event

    holds()


@pytest.mark.parametrize("name", samples.NAMES)
def test_what_we_write_is_valid_under_the_frozen_schema(name: str) -> None:
    validator = Draft202012Validator(samples.schema(name))

    @settings(max_examples=10, deadline=None)
    @given(bodies(name))
    def holds(body: bytes) -> None:
        validator.validate(json.loads(encode(decode(body))))

    holds()


@settings(max_examples=100, deadline=None)
@given(any_body())
def test_what_we_write_is_written_the_same_again(body: bytes) -> None:
    written = encode(decode(body))
    assert encode(decode(written)) == written


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400) | JSON.map(lambda value: json.dumps(value).encode()))
@example(b'{"specversion":"1.0","type":{}}')
@example(b'{"specversion":"1.0","type":"mentoring.due.v1","subject":"a/b","program":["a"]}')
def test_any_bytes_are_an_event_or_refused(body: bytes) -> None:
    _event_or_refusal(body)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_an_example_with_anything_anywhere_is_an_event_or_refused(data: st.DataObject) -> None:
    event = samples.example(data.draw(st.sampled_from(samples.WORDS)))
    place = data.draw(st.sampled_from([event, event["data"]]))
    place[data.draw(st.sampled_from(sorted(place)) | st.text(max_size=9))] = data.draw(JSON)
    _event_or_refusal(json.dumps(event).encode())


@settings(max_examples=300, deadline=None)
@given(EXAMPLES, st.data())
def test_an_event_with_a_damaged_byte_is_an_event_or_refused(
    body: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(body) - 1))
    _event_or_refusal(body[:at] + data.draw(st.binary(max_size=3)) + body[at + 1 :])


@settings(max_examples=100, deadline=None)
@given(EXAMPLES, st.dictionaries(st.text(min_size=1).map("x-{}".format), JSON, max_size=3))
def test_unknown_fields_are_ignored_on_read_and_never_written(
    body: bytes, unknown: dict[str, object]
) -> None:
    event = json.loads(body)
    more = {**event, **unknown, "data": {**event["data"], **unknown}}
    assert encode(decode(json.dumps(more).encode())) == encode(decode(body))


def _event_or_refusal(body: bytes) -> None:
    with suppress(InvalidEvent):
        event = decode(body)
        assert decode(encode(event)) == event
