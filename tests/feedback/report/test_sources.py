"""A report from an archive is the report from the log."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import zstandard

from services.feedback.report.asking import finished
from services.feedback.report.collect import Collector, NotAFact
from services.feedback.report.model import Report
from services.feedback.report.sources import collect_archive
from shared.archive.exporting import Writer
from shared.archive.lines import BadArchive, Head, Record
from shared.entry import Entry
from tests.lifecycle.golden import golden_log

LOG = "0b1e4c0e-1111-4111-8111-111111111111"
USUAL = "Content-Type: application/cloudevents+json\r\n"


def headers(entry: Entry) -> str:
    """As services and APIs write them."""
    if entry.said_by is None:
        return f"{USUAL}Nats-Msg-Id: {'0' * 8}\r\n"
    return f"{USUAL}Mentoring-Cause: {entry.cause}\r\nMentoring-Service: {entry.said_by}\r\n"


def otherwise(entry: Entry) -> str:
    """The same said in another order, with more beside it."""
    if entry.said_by is None:
        return "X-Other: Mentoring-Service\r\n"
    return (
        f'Mentoring-Service: {entry.said_by}\r\nX: "quoted"\r\nMentoring-Cause: {entry.cause}\r\n'
    )


def write(
    path: Path,
    entries: Sequence[Entry],
    head_of: Callable[[Entry], str] = headers,
    head: Head | None = None,
) -> Path:
    with path.open("wb") as file:
        writer = Writer(file, head or Head(log=LOG, partitions=1, end=10**6))
        for entry in entries:
            block = f"NATS/1.0\r\n{head_of(entry)}\r\n".encode()
            subject = entry.subject.encode()
            writer.write(Record(entry.seq, subject, entry.stored, block, entry.body))
        writer.end(cut=False)
    return path


def from_archive(path: Path, program: str = "demo") -> Report:
    collector = Collector(program, "event")
    log = collect_archive(path, collector)
    return finished(collector, None, log)


def from_log(entries: Sequence[Entry]) -> Report:
    collector = Collector("demo", "event")
    collector.add(entries)
    return finished(collector, None, LOG)


@pytest.fixture(scope="module")
def golden() -> list[Entry]:
    return golden_log.read()


@pytest.mark.parametrize("head_of", [headers, otherwise])
def test_an_archive_gives_the_report_of_its_log(
    head_of: Callable[[Entry], str], golden: list[Entry], tmp_path: Path
) -> None:
    path = write(tmp_path / "log.zst", golden, head_of)

    assert from_archive(path) == from_log(golden)


def test_bodies_that_are_no_text_and_other_programs_are_passed_over(
    golden: list[Entry], tmp_path: Path
) -> None:
    strange = golden[-1]
    more = [
        strange._replace(seq=strange.seq + 1, body=b"\xff\xfe", said_by=None),
        strange._replace(seq=strange.seq + 2, subject="mentoring.other.met.c1", body=b"{}"),
        strange._replace(seq=strange.seq + 3, subject="mentoring.demo.paired.c1", said_by=None),
    ]
    path = write(tmp_path / "log.zst", [*golden, *more])

    assert from_archive(path) == from_log(golden)


def test_a_part_of_a_log_is_another_log(golden: list[Entry], tmp_path: Path) -> None:
    head = Head(log=LOG, partitions=1, end=10**6, program="demo")
    path = write(tmp_path / "log.zst", golden, head=head)

    assert from_archive(path).log != LOG


def test_a_damaged_archive_gives_no_report(golden: list[Entry], tmp_path: Path) -> None:
    path = write(tmp_path / "log.zst", golden)
    lines = zstandard.ZstdDecompressor().stream_reader(path.open("rb")).read()
    changed = lines.replace(b'\\"outcome\\":\\"completed\\"', b'\\"outcome\\":\\"withdrawn\\"')
    assert changed != lines
    path.write_bytes(zstandard.compress(changed))

    with pytest.raises(BadArchive, match="digest"):
        from_archive(path)


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_an_archive_that_ends_early_gives_no_report(
    kept: float, golden: list[Entry], tmp_path: Path
) -> None:
    path = write(tmp_path / "log.zst", golden)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])

    with pytest.raises(BadArchive):
        from_archive(path)


def test_a_file_that_is_no_archive_gives_no_report(tmp_path: Path) -> None:
    path = tmp_path / "log.zst"
    path.write_bytes(zstandard.compress(b"something else"))

    with pytest.raises(BadArchive):
        from_archive(path)


def test_a_service_that_says_what_it_cannot_have_said_is_named(
    golden: list[Entry], tmp_path: Path
) -> None:
    paired = next(entry for entry in golden if entry.word == "paired")
    path = write(tmp_path / "log.zst", [paired._replace(body=b"{}")])

    with pytest.raises(NotAFact, match=f"sequence {paired.seq} is not what matching says"):
        from_archive(path)


def test_reading_tells_how_far_it_is(golden: list[Entry], tmp_path: Path) -> None:
    path = write(tmp_path / "log.zst", golden)
    read: list[int] = []

    collect_archive(path, Collector("demo", "event"), read.append)

    assert read[-1] == path.stat().st_size
