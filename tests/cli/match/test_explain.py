"""`mentoring match explain` on a real log: what it prints and how it ends."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Mentoring, on_log
from tests.cli.match.scene import PROGRAM, a_story, on_the_log
from tests.shared.replay.recorded import publish


@pytest.fixture
def url(log_url: str) -> str:
    on_log(log_url, lambda log: publish(log, on_the_log(a_story())))
    return log_url


def test_people_read_why_this_pair_and_all_that_was_tried(mentoring: Mentoring, url: str) -> None:
    answer = mentoring("match", "explain", "c-ann", "--nats", url)

    assert answer.code == 0
    assert answer.out.startswith(f"{PROGRAM}/c-ann is paired with max")
    for words in (
        "Why this pair: score 0.",
        "Offers 1 of the 2 skills asked for: Python (computer programming).",
        "Who else was near",
        "Who did not fit the request",
        "What was tried (times in UTC)",
        "proposed in a round: mia",
        "└ declined",
        "└ paired",
    ):
        assert words in answer.out


def test_the_same_for_programs(mentoring: Mentoring, url: str) -> None:
    told = mentoring("match", "explain", "c-ann", "--json", "--nats", url).json

    assert (told["program"], told["status"], told["mentor"]) == (PROGRAM, "paired", "max")
    assert [each["ended"]["how"] for each in told["attempts"]] == ["declined", "paired"]
    assert {"part", "share", "sentence"} == set(told["why"]["parts"][0])


def test_as_of_a_sequence_the_story_ends_there(mentoring: Mentoring, url: str) -> None:
    now = mentoring("match", "explain", "c-ann", "--json", "--nats", url).json
    asked = now["attempts"][0]["seq"]

    then = mentoring("match", "explain", "c-ann", "--seq", str(asked), "--json", "--nats", url).json
    before = mentoring(
        "match", "explain", "c-ann", "--seq", str(asked - 1), "--json", "--nats", url
    ).json

    assert (then["status"], then["mentor"], then["position"]) == ("asked", "mia", asked)
    assert (before["status"], before["attempts"], before["next"]["place"]) == ("waiting", [], 1)


def test_as_of_an_instant_of_the_events_own_time(mentoring: Mentoring, url: str) -> None:
    at = ("--at", "2026-03-12T00:00:00Z", "--clock", "event")

    then = mentoring("match", "explain", "c-ann", *at, "--json", "--nats", url).json

    assert (then["status"], len(then["attempts"])) == ("waiting", 1)


def test_a_cycle_that_nobody_knows_ends_with_1_and_says_so(mentoring: Mentoring, url: str) -> None:
    nobody = mentoring("match", "explain", "c-nobody", "--nats", url)
    mentor = mentoring("match", "explain", "mia", "--json", "--nats", url)
    early = mentoring("match", "explain", "c-ann", "--seq", "1", "--nats", url)

    assert [each.code for each in (nobody, mentor, early)] == [1, 1, 1]
    assert [each.out for each in (nobody, mentor, early)] == ["", "", ""]
    assert "the log says nothing about c-nobody" in nobody.err
    assert f"matching knows no cycle mia in {PROGRAM}" in mentor.err
    assert "as of sequence 1" in early.err


def test_nothing_of_preferences_is_ever_shown(mentoring: Mentoring, url: str) -> None:
    for cycle in ("c-ann", "c-bob", "c-cyd", "c-dan"):
        for form in ((), ("--json",)):
            shown = mentoring("match", "explain", cycle, *form, "--nats", url).out
            assert not [w for w in ("wish", "prefer", "avoid", "ruled", "not_now") if w in shown]
            assert cycle != "c-ann" or "mob" not in shown


@pytest.mark.parametrize(
    "arguments,words",
    [
        (("c.*",), "must be 1 to 64 of"),
        (("c", "--program", "p.*"), "must be 1 to 64 of"),
        (("c", "--at", "yesterday"), "use an instant with its offset"),
        (("c", "--at", "2026-03-12T00:00:00Z", "--seq", "3"), "give --at or --seq, not both"),
        (("c", "--nats", "nats://127.0.0.1:1"), "127.0.0.1:1"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_the_rule(
    mentoring: Mentoring, arguments: tuple[str, ...], words: str
) -> None:
    answer = mentoring("match", "explain", *arguments)

    assert (answer.code, answer.out) == (2, "")
    assert words in answer.err


def test_its_help_teaches_with_examples(mentoring: Mentoring) -> None:
    told = mentoring("match", "explain", "--help").out

    assert "mentoring match explain c-7f3kq2 --at" in told
    assert "never shown" in " ".join(told.split())
