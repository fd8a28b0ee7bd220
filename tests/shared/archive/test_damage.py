"""What is not whole is refused before anything of it is believed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard

from shared.archive.exporting import Writer
from shared.archive.lines import BadArchive, Head, Record, decode_tail, encode_tail
from shared.archive.reading import Archive, read_lines

HEAD = Head(log="the-log", partitions=1, end=100)


def record(seq: int, body: bytes = b"{}") -> Record:
    return Record(seq, b"mentoring.spring.paired.c1", 5, b"", body)


@pytest.fixture
def whole() -> bytes:
    file = BytesIO()
    writer = Writer(file, HEAD)
    for seq in (3, 4, 9, 20):
        writer.write(record(seq, b"x" * seq))
    writer.end(cut=False)
    return file.getvalue()


def opened(path: Path, content: bytes) -> Archive:
    path.write_bytes(content)
    return Archive.open(path)


def lines_of(content: bytes) -> list[bytes]:
    return list(read_lines(BytesIO(content)))


def packed(lines: list[bytes]) -> bytes:
    return zstandard.ZstdCompressor().compress(b"".join(lines))


def sealed(lines: list[bytes], **facts: Any) -> bytes:
    """The lines with a last line that bears their digest: damage that no checksum tells."""
    tail = replace(decode_tail(lines[-1]), **facts)
    digest = hashlib.sha256(b"".join(lines[:-1])).hexdigest()
    return packed([*lines[:-1], encode_tail(replace(tail, digest=digest))])


def test_a_whole_archive_says_what_it_holds(whole: bytes, tmp_path: Path) -> None:
    archive = opened(tmp_path / "a", whole)

    assert archive.head == HEAD
    assert (archive.tail.events, archive.tail.first, archive.tail.last) == (4, 3, 20)
    assert (archive.tail.bytes, archive.tail.words) == (36, {"paired": 4})
    assert [each.seq for each in archive.records(after=4)] == [9, 20]


def test_the_digest_is_what_other_tools_say_of_the_lines(whole: bytes, tmp_path: Path) -> None:
    lines = lines_of(whole)
    expected = hashlib.sha256(b"".join(lines[:-1])).hexdigest()
    assert opened(tmp_path / "a", whole).tail.digest == expected


def test_an_archive_that_ends_early_is_refused_wherever_it_ends(
    whole: bytes, tmp_path: Path
) -> None:
    for size in range(len(whole)):
        with pytest.raises(BadArchive):
            opened(tmp_path / "a", whole[:size])


def test_lines_that_are_missing_at_the_end_are_noticed(whole: bytes, tmp_path: Path) -> None:
    lines = lines_of(whole)
    for kept in range(len(lines)):
        with pytest.raises(BadArchive, match=r"truncated|no JSON"):
            opened(tmp_path / "a", packed(lines[:kept]))


def test_an_archive_in_which_any_bit_was_changed_is_refused_or_says_the_very_same(
    whole: bytes, tmp_path: Path
) -> None:
    same = []
    for bit in range(len(whole) * 8):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            opened(tmp_path / "a", bytes(damaged))
        except BadArchive:
            continue
        same.append(bit)
        assert lines_of(bytes(damaged)) == lines_of(whole)
    assert len(same) < 32, "only bits of the frame that mean nothing, such as a larger window"


def test_what_stands_behind_the_end_is_noticed(whole: bytes, tmp_path: Path) -> None:
    for more in (b"x", whole, packed([b"x\n"])):
        with pytest.raises(BadArchive, match="behind the archive's end"):
            opened(tmp_path / "a", whole + more)


def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path) -> None:
    for content in (
        b"",
        b"no archive at all\n" * 50,
        packed([b'{"format":"other"}\n']),
        packed([]),
    ):
        with pytest.raises(BadArchive):
            opened(tmp_path / "a", content)


def test_an_archive_of_a_later_version_is_not_guessed_at(whole: bytes, tmp_path: Path) -> None:
    lines = lines_of(whole)
    lines[0] = lines[0].replace(b'"version":1', b'"version":2')
    with pytest.raises(BadArchive, match="version 2"):
        opened(tmp_path / "a", sealed(lines))


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
        lambda lines: [*lines[:2], lines[1], *lines[2:]],
    ],
    ids=["in another order", "twice"],
)
def test_events_out_of_order_are_refused_though_the_digest_is_right(
    change: Callable[[list[bytes]], list[bytes]], whole: bytes, tmp_path: Path
) -> None:
    with pytest.raises(BadArchive, match="order"):
        opened(tmp_path / "a", sealed(change(lines_of(whole))))


def test_an_event_that_is_missing_is_noticed_though_the_digest_is_right(
    whole: bytes, tmp_path: Path
) -> None:
    lines = lines_of(whole)
    with pytest.raises(BadArchive, match="holds 3 as its events, and says 4"):
        opened(tmp_path / "a", sealed(lines[:2] + lines[3:]))


@pytest.mark.parametrize(
    "fact", [{"events": 5}, {"bytes": 1}, {"first": 2}, {"last": 21}, {"words": {"paired": 3}}]
)
def test_counts_that_are_not_those_of_the_events_are_noticed(
    fact: dict[str, Any], whole: bytes, tmp_path: Path
) -> None:
    with pytest.raises(BadArchive):
        opened(tmp_path / "a", sealed(lines_of(whole), **fact))


def test_a_digest_of_other_lines_is_noticed(whole: bytes, tmp_path: Path) -> None:
    lines = lines_of(whole)
    tail = decode_tail(lines[-1])
    other = encode_tail(replace(tail, digest="0" * 64))
    with pytest.raises(BadArchive, match="digest"):
        opened(tmp_path / "a", packed([*lines[:-1], other]))


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"{}",
        b'{"seq":4}',
        b'{"seq":"4","subject":"mentoring.a.b.c","stored":1,"body":5}',
        b'{"seq":4,"subject":"mentoring.a.b.c","stored":1,"body64":"?"}',
        b'{"seq":4,"subject":"mentoring.a.b.c","stored":null,"body":"x"}',
        b"{",
    ],
)
def test_a_line_that_is_no_event_is_refused_though_the_digest_is_right(
    line: bytes, whole: bytes, tmp_path: Path
) -> None:
    lines = lines_of(whole)
    lines[2] = line + b"\n"
    with pytest.raises(BadArchive):
        opened(tmp_path / "a", sealed(lines))


@pytest.mark.parametrize(
    "subject",
    [
        "mentoring.spring.paired",
        "mentoring.spring.paired.c1.0",
        "mentoring.spring..c1",
        "$JS.API.STREAM.DELETE",
        "mentoring.spring.paired.c1 2\r\nxx\r\nPUB x",
    ],
)
def test_what_is_on_no_subject_of_an_event_is_refused_for_an_import_would_publish_there(
    subject: str, whole: bytes, tmp_path: Path
) -> None:
    lines = lines_of(whole)
    lines[2] = orjson.dumps(orjson.loads(lines[2]) | {"subject": subject}) + b"\n"
    with pytest.raises(BadArchive, match="has not the subject of an event"):
        opened(tmp_path / "a", sealed(lines))


def test_an_event_behind_the_end_of_its_log_is_refused(whole: bytes, tmp_path: Path) -> None:
    lines = lines_of(whole)
    head = orjson.loads(lines[0]) | {"end": 19}
    lines[0] = orjson.dumps(head) + b"\n"
    with pytest.raises(BadArchive, match="behind the log's end"):
        opened(tmp_path / "a", sealed(lines))


def test_an_archive_without_events_is_whole(tmp_path: Path) -> None:
    file = BytesIO()
    Writer(file, HEAD).end(cut=False)

    archive = opened(tmp_path / "a", file.getvalue())

    assert asdict(archive.tail) | {"digest": ""} == {
        "events": 0,
        "bytes": 0,
        "first": 0,
        "last": 0,
        "cut": False,
        "words": {},
        "digest": "",
    }
    assert list(archive.records()) == []
