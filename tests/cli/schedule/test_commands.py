"""`mentoring schedule` as its users type it, on a real log."""

from __future__ import annotations

import pytest

from shared.log import Log
from tests.cli.conftest import Mentoring, on_log
from tests.cli.schedule.scene import (
    BERLIN,
    KOLKATA,
    MENTEE,
    MENTOR,
    NEW_YORK,
    PROGRAM,
    a_story,
    on_the_log,
)
from tests.shared.replay.recorded import publish


@pytest.fixture
def url(log_url: str) -> str:
    on_log(log_url, lambda log: publish(log, on_the_log(a_story())))
    return log_url


async def last(log: Log) -> int:
    """The log's last sequence."""
    return (await log.info()).last_seq


def test_an_agenda_is_told_on_the_persons_own_clock_unless_another_is_asked_for(
    mentoring: Mentoring, url: str
) -> None:
    asked = ("schedule", "agenda", MENTOR, "--nats", url, "--from", "2026-03-01")

    own, elsewhere = mentoring(*asked), mentoring(*asked, "--zone", KOLKATA)

    assert (own.code, elsewhere.code) == (0, 0)
    assert f"times in {BERLIN}, their own" in own.out
    assert "14:00–15:00  1 introduction with mentee ada" in own.out
    assert f"times in {KOLKATA}\n" in elsewhere.out
    assert "18:30–19:30  1 introduction with mentee ada" in elsewhere.out


def test_an_agenda_begins_today_by_the_log_and_says_what_lies_elsewhere(
    mentoring: Mentoring, url: str
) -> None:
    ahead = mentoring("schedule", "agenda", MENTEE, "--nats", url)
    none = mentoring("schedule", "agenda", MENTEE, "--nats", url, "--to", "2026-03-15")

    assert "Mon 16 Mar 2026" in ahead.out
    assert "Tue 3 Mar 2026" not in ahead.out
    assert none.code == 0
    assert none.err.strip() == (
        "no meeting from Sat 14 Mar 2026 to Sun 15 Mar 2026; 2 meetings before: --from 2026-03-03; "
        "3 meetings later: --to 2026-03-24"
    )


def test_programs_get_what_http_answers(mentoring: Mentoring, url: str) -> None:
    def told(*arguments: str) -> dict[str, object]:
        answer: dict[str, object] = mentoring(
            "schedule", *arguments, "--json", "--nats", url, "--zone", KOLKATA
        ).json
        assert (answer["program"], answer["zone"]) == (PROGRAM, KOLKATA)
        return answer

    agenda = told("agenda", MENTEE)
    slots = told("slots", MENTEE, MENTOR, "--from", "2026-03-16", "--limit", "1")
    plan = told("plan", "c1")
    meeting = told("meeting", "c1", "1")

    assert agenda["person"] == MENTEE
    assert slots["more"] is True
    assert plan["inconvenience"] == {
        "mentee": {"zone": NEW_YORK, "meetings": 0, "minutes": 0},
        "mentor": {"zone": BERLIN, "meetings": 0, "minutes": 0},
    }
    assert isinstance(meeting["proof"], dict)
    assert meeting["proof"]["overlap"] == 50


def test_a_plan_is_told_as_it_was_at_any_instant_or_sequence(
    mentoring: Mentoring, url: str
) -> None:
    def stands(*cut: str) -> list[str]:
        told = mentoring("schedule", "plan", "c1", "--json", "--nats", url, *cut).json
        return [each["status"] for each in told["meetings"]]

    assert stands("--seq", "5") == ["confirmed"] * 4
    assert stands("--at", "2026-03-04T00:00:00Z", "--clock", "event") == ["met"] + ["confirmed"] * 3
    assert stands() == ["met", "missed", "confirmed", "cancelled", "confirmed"]


def test_slots_take_a_length_and_a_time(mentoring: Mentoring, url: str) -> None:
    days = ("--from", "2026-03-19", "--to", "2026-03-19")
    asked = ("schedule", "slots", MENTEE, MENTOR, "--nats", url, *days)

    hour, long = mentoring(*asked), mentoring(*asked, "--length", "300")

    assert (hour.code, long.code) == (0, 1)
    assert "Thu 19 Mar 2026 08:00–12:00" in hour.out
    assert "When a meeting of 5 h fits" in long.out
    assert "no time in common that is long enough" in long.out


def test_a_meeting_that_is_to_be_moved_leaves_its_own_time_free(
    mentoring: Mentoring, url: str
) -> None:
    day = ("--from", "2026-03-24", "--to", "2026-03-24", "--nats", url)
    asked = ("schedule", "slots", MENTEE, MENTOR, *day)

    beside, instead = mentoring(*asked), mentoring(*asked, "--moving", "4")
    nothing = mentoring(*asked, "--moving", "9")
    alone = mentoring("schedule", "slots", MENTEE, "eve", *day, "--moving", "4")

    assert "Tue 24 Mar 2026 10:30–12:00" in beside.out
    assert "Tue 24 Mar 2026 08:00–12:00" in instead.out
    assert ("instead of" in beside.out, "instead of 4 " in instead.out) == (False, True)
    assert (nothing.code, nothing.out, alone.code, alone.out) == (1, "", 1, "")
    assert f"knows no meeting 9 of c1 in {PROGRAM}" in nothing.err
    assert f"ada and eve are no pair in {PROGRAM}" in alone.err


def test_a_look_says_nothing(mentoring: Mentoring, url: str) -> None:
    before = on_log(url, last)

    mentoring("schedule", "plan", "c1", "--nats", url)
    mentoring("schedule", "slots", MENTEE, MENTOR, "--nats", url)

    assert on_log(url, last) == before


def test_what_nobody_knows_is_said_and_ends_with_1(mentoring: Mentoring, url: str) -> None:
    for arguments, words in (
        (("agenda", "nobody"), "the log says nothing about nobody"),
        (("agenda", "nobody", "-p", PROGRAM), f"knows no person nobody in {PROGRAM} as of"),
        (("slots", MENTEE, "nobody"), f"knows no person nobody in {PROGRAM}"),
        (("plan", "nobody"), "the log says nothing about nobody"),
        (("plan", MENTEE), f"knows no pair {MENTEE} in {PROGRAM}"),
        (("meeting", "c1", "7"), f"knows no meeting 7 of c1 in {PROGRAM}"),
    ):
        answer = mentoring("schedule", *arguments, "--json", "--nats", url)

        assert (answer.code, answer.out) == (1, "")
        assert words in answer.err


@pytest.mark.parametrize(
    "arguments,words",
    [
        (("agenda", "a.b"), "must be 1 to 64 of"),
        (("agenda", MENTEE, "--zone", "Mars/Base"), "must be an IANA time zone"),
        (("agenda", MENTEE, "--from", "2026-02-30"), "there is no day 2026-02-30"),
        (("slots", MENTEE, MENTEE), "A and B must be two persons"),
        (("slots", MENTEE, MENTOR, "--length", "0"), "--length"),
        (("plan", "c1", "--at", "2026-03-01T00:00:00Z", "--seq", "3"), "not both"),
    ],
)
def test_a_wrong_option_is_refused_with_the_rule(
    mentoring: Mentoring, arguments: tuple[str, ...], words: str
) -> None:
    answer = mentoring("schedule", *arguments)

    assert (answer.code, answer.out) == (2, "")
    assert words in answer.err


def test_a_time_without_length_or_too_long_is_refused(mentoring: Mentoring, url: str) -> None:
    for arguments, words in (
        (("agenda", MENTEE, "--from", "2026-03-09", "--to", "2026-03-01"), "--to must be after"),
        (("slots", MENTEE, MENTOR, "--to", "2028-01-01"), "at most 366 days after --from"),
    ):
        answer = mentoring("schedule", *arguments, "--nats", url)

        assert (answer.code, answer.out) == (2, "")
        assert words in answer.err
