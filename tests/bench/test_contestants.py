"""The contestants do the same work, and one that does not is found out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shared.events.envelope import encode
from tests.bench.check import Wrong, check_answers, check_rows
from tests.bench.field import ENTRANTS
from tests.bench.process import Failed
from tests.bench.rounds import run
from tests.bench.sandbox import Sandbox
from tests.bench.workload import CYCLES, PROGRAMS, SERVICE, expected, inputs
from tests.tally.book import Book
from tests.tally.service import CAPACITY

COUNT = 40
NODE_PACKAGE = Path(__file__).parent / "contestants" / "node" / "package.json"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as place:
        yield place


@pytest.mark.parametrize("name", ["naive", "by-hand", "live", "live-postgresql", "catch-up"])
def test_a_contestant_leaves_the_rows_and_answers_that_are_expected(
    sandbox: Sandbox, name: str
) -> None:
    entrant = next(each for each in ENTRANTS if each.name == name)

    assert run(sandbox, entrant, COUNT).inputs == COUNT


def test_a_contestant_that_ends_early_is_reported_with_its_last_words(sandbox: Sandbox) -> None:
    broken = replace(ENTRANTS[0], command=("/bin/sh", "-c", "echo no luck >&2; exit 3"))

    with pytest.raises(Failed, match=r"(?s)ended with 3.*no luck"):
        run(sandbox, broken, COUNT)


def test_work_that_was_not_done_is_found(sandbox: Sandbox) -> None:
    folder = sandbox.folder()
    with sandbox.log(COUNT, folder) as server, sandbox.database("sqlite", folder) as url:
        with pytest.raises(Wrong, match="tallies: 0 where 40 belong"):
            check_rows(url, COUNT)
        with pytest.raises(Wrong, match="answers: 0 where 40 belong"):
            check_answers(server.url, COUNT)


def test_the_expectation_is_what_the_fold_says() -> None:
    events = list(inputs(300))
    book = Book(SERVICE)
    outcomes = book.live(*events)

    assert expected(300).answers == {
        event.id: outcome.answers[0].data.status  # type: ignore[attr-defined]
        for event, outcome in zip(events, outcomes, strict=True)
    }


def test_every_program_has_some_raised_and_the_rest_cleared() -> None:
    done = expected(CYCLES)

    assert len(done.loads) == PROGRAMS
    assert set(done.loads.values()) == {(CAPACITY, CYCLES // PROGRAMS - CAPACITY)}


def test_an_input_has_about_600_bytes_and_is_the_same_each_time() -> None:
    (body,) = (encode(event) for event in inputs(1, 1234))

    assert 550 <= len(body) <= 650
    assert body == encode(next(inputs(1, 1234)))


def test_the_peers_packages_are_pinned_exactly_and_no_lock_file_is_kept() -> None:
    text = NODE_PACKAGE.read_text()

    assert "^" not in text
    assert "~" not in text
    assert [each.name for each in NODE_PACKAGE.parent.glob("*lock*")] == []
