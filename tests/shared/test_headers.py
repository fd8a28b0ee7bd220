"""Headers are read from their bytes, whatever a publisher put there, and an entry's answer with them."""

from __future__ import annotations

import pytest

from shared.entry import delivered_entry, make_entry
from shared.headers import headers_of


@pytest.mark.parametrize(
    "head, headers",
    [
        (b"", {}),
        (b"NATS/1.0\r\n\r\n", {}),
        (b"NATS/1.0\r\nA: b\r\nC:d\r\nE:\t f \r\n\r\n", {"A": "b", "C": "d", "E": "f"}),
        (b"NATS/1.0\r\nA: b:c\r\nA: last\r\n\r\n", {"A": "last"}),
        (b"NATS/1.0\r\nno colon\r\n: no name\r\n\xff: x\r\nA B: x\r\nA: \xff\r\n", {"A": "\ufffd"}),
        (b"NATS/1.0 503\r\n\r\n", {"Status": "503", "Description": ""}),
        (
            b"NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 7\r\n\r\n",
            {"Status": "100", "Description": "Idle Heartbeat", "Nats-Last-Consumer": "7"},
        ),
        (b"NATS/1.0 \xff\xfe x\r\n", {}),
    ],
)
def test_headers_are_read_and_what_is_none_is_passed_over(
    head: bytes, headers: dict[str, str]
) -> None:
    assert headers_of(head) == headers


@pytest.mark.parametrize(
    "lines",
    [
        b"Mentoring-Cause: 12\r\nMentoring-Service: matching\r\n",
        b"A: b\r\nMentoring-Cause: 12\r\nMentoring-Service: matching\r\nNats-Batch-Id: x\r\n",
        b"Mentoring-Service: matching\r\nMentoring-Cause: 12\r\n",
        b"Mentoring-Cause:12\r\nMentoring-Service:\tmatching\r\n",
        b"Mentoring-Cause: 1\r\nMentoring-Service: x\r\nMentoring-Cause: 12\r\nMentoring-Service: matching\r\n",
        b"Mentoring-Replay: Mentoring-\r\nMentoring-Cause: 12\r\nMentoring-Service: matching\r\n",
        b"Mentoring-Cause: 12\r\n",
        b"Mentoring-Service: matching\r\n",
        b"Mentoring-Cause: 12\r\nMentoring-Service: Big-1\r\n",
        b"Mentoring-Cause: 99999999999999999999\r\nMentoring-Service: matching\r\n",
        b"Mentoring-Cause: -1\r\nMentoring-Service: \r\n",
        b"mentoring-cause: 12\r\nMentoring-Service: \xff\r\n",
        b"X: Mentoring-Cause: 12\r\nY: 1\r\n",
    ],
)
def test_the_short_way_to_an_answer_finds_what_all_headers_say(lines: bytes) -> None:
    head = b"NATS/1.0\r\n" + lines + b"\r\n"
    slow = make_entry(1, "mentoring.acme.paired.c1.3", b"x", headers_of(head), 5)
    assert delivered_entry(1, b"mentoring.acme.paired.c1.3", head, b"x", 5) == slow


def test_a_subject_of_no_utf8_is_made_readable() -> None:
    assert (
        delivered_entry(1, b"mentoring.a.b.\xff.0", b"", b"", 0).subject == "mentoring.a.b.\ufffd"
    )
