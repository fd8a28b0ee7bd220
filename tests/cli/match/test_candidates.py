"""`mentoring match candidates`: whom matching would try, on a real log."""

from __future__ import annotations

import pytest

from shared.log import Log
from tests.cli.conftest import Mentoring, on_log
from tests.cli.match.scene import PROGRAM, a_story, on_the_log
from tests.shared.replay.recorded import publish


@pytest.fixture
def url(log_url: str) -> str:
    on_log(log_url, lambda log: publish(log, on_the_log(a_story())))
    return log_url


def test_a_coordinator_reads_whom_matching_would_try_and_why(
    mentoring: Mentoring, url: str
) -> None:
    answer = mentoring("match", "candidates", "c-cyd", "--nats", url)

    assert answer.code == 0
    for words in (
        f"{PROGRAM}/c-cyd, open, as of sequence",
        "1  mob  0.",
        "carries 0, takes 1 more",
        "Stands 3 levels of seniority above the mentee.",
        "Whom rules exclude, of 3 mentors",
        "2 mentors are not available.",
    ):
        assert words in answer.out


def test_the_same_for_programs_and_at_most_so_many(mentoring: Mentoring, url: str) -> None:
    before = last_but_one(mentoring, url)
    asked = ("match", "candidates", "c-bob", "--seq", before, "--json", "--nats", url)

    told, one = mentoring(*asked).json, mentoring(*asked, "--limit", "1").json

    assert [each["mentor"] for each in told["candidates"]] == ["mia", "mob"]
    assert one["candidates"] == told["candidates"][:1]
    assert (told["program"], told["status"], told["mentors"]) == (PROGRAM, "open", 3)
    sentences = [each["sentence"] for each in told["candidates"][0]["reasons"]]
    assert "Offers 1 of the 1 skill asked for: SQL." in sentences


def last_but_one(mentoring: Mentoring, url: str) -> str:
    """Just before bob was asked about anybody."""
    told = mentoring("match", "explain", "c-bob", "--json", "--nats", url).json
    return str(told["attempts"][0]["seq"] - 1)


def test_of_a_pair_it_shows_who_would_be_tried_instead(mentoring: Mentoring, url: str) -> None:
    told = mentoring("match", "candidates", "c-ann", "--json", "--nats", url).json

    assert (told["status"], told["candidates"]) == ("paired", [])
    assert {each["rule"]: each["count"] for each in told["excluded"]} == {"not_available": 3}


def test_a_look_says_nothing(mentoring: Mentoring, url: str) -> None:
    before = on_log(url, last)

    mentoring("match", "candidates", "c-cyd", "--nats", url)

    assert on_log(url, last) == before


async def last(log: Log) -> int:
    """The log's last sequence."""
    return (await log.info()).last_seq


def test_of_a_cycle_that_is_over_or_unknown_it_says_so_and_ends_with_1(
    mentoring: Mentoring, url: str
) -> None:
    over = mentoring("match", "candidates", "c-dan", "--nats", url)
    unknown = mentoring("match", "candidates", "c-nobody", "--json", "--nats", url)

    assert [(each.code, each.out) for each in (over, unknown)] == [(1, ""), (1, "")]
    assert f"{PROGRAM}/c-dan is over, as of sequence" in over.err
    assert "the log says nothing about c-nobody" in unknown.err


def test_a_limit_of_nobody_is_refused(mentoring: Mentoring) -> None:
    answer = mentoring("match", "candidates", "c-cyd", "--limit", "0")

    assert (answer.code, answer.out) == (2, "")
