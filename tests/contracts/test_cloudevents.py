"""The official CloudEvents SDK and we read and write the same events."""

import json

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from shared.events.envelope import HEADERS, decode, encode
from tests.contracts.samples import NAMES, example


@pytest.mark.parametrize("name", NAMES)
def test_the_sdk_reads_what_we_write(name: str) -> None:
    ours = decode(json.dumps(example(name)).encode())
    theirs = from_structured_event(HTTPMessage(headers=dict(HEADERS), body=encode(ours)))
    assert theirs.get_specversion() == "1.0"
    assert (theirs.get_id(), theirs.get_source(), theirs.get_type()) == (
        ours.id,
        ours.source,
        ours.type,
    )
    assert (theirs.get_subject(), theirs.get_time()) == (ours.cloud_subject, ours.time)
    assert theirs.get_datacontenttype() == "application/json"
    assert theirs.get_dataschema() == example(name)["dataschema"]
    assert theirs.get_extension("program") == ours.program
    assert theirs.get_extension("correlationid") == ours.correlationid
    assert theirs.get_data() == example(name)["data"]


@pytest.mark.parametrize("name", NAMES)
def test_we_read_what_the_sdk_writes(name: str) -> None:
    ours = decode(json.dumps(example(name)).encode())
    attributes = {field: value for field, value in example(name).items() if field != "data"}
    theirs = CloudEvent({**attributes, "time": ours.time}, example(name)["data"])
    message = to_structured_event(theirs)
    assert message.headers["content-type"] == HEADERS["Content-Type"]
    assert decode(message.body) == ours
