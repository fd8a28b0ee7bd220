"""Which lines may be published, and what is said of the others."""

import asyncio
import os
from pathlib import Path

import pytest

from services.cli.lines import Bad, Good, check, numbered
from shared.events.catalog import CATALOG
from tests.cli.say import example, line, progress

CONFIDENTIAL = ["submitted", "noted", "preferred", "erased", "volunteered"]
OUTSIDE = [word for word, model in CATALOG.items() if model.OWNER == "outside"]
OURS = [word for word, model in CATALOG.items() if model.OWNER != "outside"]


@pytest.mark.parametrize("word", [word for word in OUTSIDE if word not in CONFIDENTIAL])
def test_what_other_systems_say_is_good(word: str) -> None:
    theirs = example(word).replace(b'"/mentoring/api"', b'"/hr"')

    assert isinstance(check(1, theirs), Good)


@pytest.mark.parametrize("word", CONFIDENTIAL)
def test_what_is_confidential_enters_by_an_api_only(word: str) -> None:
    found = check(1, example(word))

    assert isinstance(found, Bad)
    assert (found.field, "enters only by a service's API" in found.rule) == ("/type", True)


@pytest.mark.parametrize("word", OURS)
def test_what_services_timers_and_operators_say_is_refused(word: str) -> None:
    found = check(1, example(word))

    assert isinstance(found, Bad)
    assert (found.field, found.rule.split(" (")[0]) == (
        "/type",
        f"{word} is not for other systems to say",
    )


@pytest.mark.parametrize("source", ["/mentoring/api", "/mentoring/matching", "/mentoring"])
def test_nobody_speaks_in_the_name_of_a_service(source: str) -> None:
    found = check(1, line(progress(1)).replace(b'"/hr"', f'"{source}"'.encode()))

    assert isinstance(found, Bad)
    assert found.field == "/source"


def test_a_bad_line_is_told_by_number_field_and_rule_and_never_by_its_value() -> None:
    found = check(7, line(progress(1)).replace(b'"unit":"points"', b'"unit":"a secret value"'))

    assert isinstance(found, Bad)
    assert str(found).startswith("line 7: /data/unit: must")
    assert "secret" not in str(found)


@pytest.mark.parametrize("blank", [b"", b"  ", b"\r", b"\t"])
def test_a_blank_line_is_passed_over(blank: bytes) -> None:
    assert check(3, blank) is None


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm() -> None:
    assert isinstance(check(1, b"\xef\xbb\xbf" + line(progress(1)) + b"\r"), Good)


def test_lines_are_numbered_across_blocks_and_the_last_needs_no_end(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"\n".join(b"x" * 700 for _ in range(1201)))

    assert [number for number, _ in read_all(path)] == list(range(1, 1202))
    assert {text for _, text in read_all(path)} == {b"x" * 700}


def test_a_line_may_be_longer_than_many_blocks(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"a\n" + b"x" * 3_000_000 + b"\n\nb\n")

    assert read_all(path) == [(1, b"a"), (2, b"x" * 3_000_000), (3, b""), (4, b"b")]


async def test_lines_of_a_pipe_are_there_before_it_is_closed() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as file:
        lines = numbered(file)
        os.write(writing, b"one\ntwo\nthr")
        assert await anext(lines) == [(1, b"one"), (2, b"two")]
        os.write(writing, b"ee")
        os.close(writing)
        assert await anext(lines) == [(3, b"three")]
        await lines.aclose()  # type: ignore[attr-defined]


def test_a_device_that_is_always_ready_has_its_lines_too() -> None:
    assert read_all(Path("/dev/null")) == []


def read_all(path: Path) -> list[tuple[int, bytes]]:
    async def read() -> list[tuple[int, bytes]]:
        with path.open("rb") as file:
            return [each async for chunk in numbered(file) for each in chunk]

    return asyncio.run(read())
