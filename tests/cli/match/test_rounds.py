"""`mentoring match rounds`: how rounds went, read from the log, drawn and told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console

from services.cli.match.plot import bar
from services.cli.match.rounds import Rounds
from services.cli.match.rounds_view import plain, show
from services.cli.output import out
from services.matching.record import Round
from tests.cli.conftest import Mentoring, on_log
from tests.cli.match.scene import PROGRAM, on_the_log
from tests.matching.history import History, a_program
from tests.shared.replay.recorded import publish

ROUND = Round(
    program="spring",
    round="5b0c7a3e-91f4-5c0d-8d5e-6f0f6c1f2a10",
    kind="pool",
    at=datetime(2026, 3, 9, 8, tzinfo=UTC),
    rules="r1",
    policy="optimal",
    matched=75,
    said=75,
    total=52_345_678,
    worst=0.314159,
    waiting=100,
    mentors=40,
    places=80,
    unmatched=25,
    blocking=3,
    reached=0.999999,
    least=0.0,
    median=0.5,
    most=1.0,
    milliseconds=41.52,
)
DAY = Round("spring", "2026-03-02", "day", ROUND.at, "r1", "optimal", 2, 2, 1_500_000, 0.7)


def shown(rounds: list[Round], capsys: pytest.CaptureFixture[str]) -> list[str]:
    out().print(show([Rounds("spring", 7, rounds, 9)], 160))
    return capsys.readouterr().out.splitlines()


def test_a_round_is_one_line_with_a_bar_of_who_was_matched(
    capsys: pytest.CaptureFixture[str],
) -> None:
    title, _, line, *_ = shown([ROUND], capsys)

    assert title.strip() == "spring: the last 1 of 9 rounds, as of sequence 7"
    assert " ".join(line.split()) == (
        "2026-03-09 08:00 optimal 100 40 80 75 ███████▌·· 25 52.35 0.31 99.99 % 3 0.00 0.50 1.00 41.5"
    )


def test_a_day_at_once_is_drawn_beside_the_busiest_day(capsys: pytest.CaptureFixture[str]) -> None:
    _, _, first, second, *_ = shown([DAY, replace(DAY, round="2026-03-03", matched=4)], capsys)

    assert " ".join(first.split()) == "2026-03-09 all day optimal 2 █████····· 1.50 0.70"
    assert second.split()[4:6] == ["4", "██████████"]


def test_on_a_narrow_terminal_columns_give_way_and_none_is_cut_off(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for width in (140, 100, 80, 60):
        Console(width=width).print(show([Rounds("spring", 7, [ROUND], 9)], width))

        text = capsys.readouterr().out
        _, head, line, *_ = text.splitlines()
        assert "…" not in text
        assert max(map(len, text.splitlines())) <= width
        assert {"when", "waiting", "matched"} <= set(head.split())
        assert ("A wider terminal shows" in text) == (width < 140)
        assert "75" in line.split()


def test_what_is_certified_reaches_100_percent_and_a_hair_less_does_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rounds = [replace(ROUND, reached=share) for share in (1.0, 0.999999, 0.57, None)]

    lines = shown(rounds, capsys)[2:6]

    assert ["100 %" in lines[0], "99.99 %" in lines[1], "57 %" in lines[2]] == [True] * 3
    assert "%" not in lines[3]


def test_how_long_a_round_took_is_told_in_plain_figures(capsys: pytest.CaptureFixture[str]) -> None:
    rounds = [replace(ROUND, milliseconds=took) for took in (0.5, 41.52, 529.758, 1314.23)]

    ends = [line.split()[-1] for line in shown(rounds, capsys)[2:6]]

    assert ends == ["0.5", "41.5", "530", "1,314"]


def test_programs_get_every_figure_of_a_round() -> None:
    told = plain([Rounds("spring", 7, [ROUND], 9)])["programs"][0]

    assert (told["program"], told["position"], told["all"]) == ("spring", 7, 9)
    (only,) = told["rounds"]
    assert (only["total"], only["milliseconds"], only["kind"]) == (52.345678, 41.52, "pool")
    assert only.keys() == {name for name in Round.__slots__ if name != "program"}


@pytest.mark.parametrize(
    "share,drawn",
    [(0, "····"), (1, "████"), (0.5, "██··"), (0.6, "██▍·"), (1.5, "████"), (-1, "····")],
)
def test_a_bar_is_exact_to_an_eighth_and_stays_in_its_width(share: float, drawn: str) -> None:
    assert bar(share, 4) == drawn


def two_days() -> History:
    """Two pairs on one day and one on the next, in a program that pairs at once."""
    history = a_program()
    history.a_mentor("mia", capacity=3)
    history.a_request("c1")
    history.a_request("c2")
    history.wait(days=1)
    history.a_request("c3")
    return history


@pytest.fixture
def url(log_url: str) -> str:
    on_log(log_url, lambda log: publish(log, on_the_log(two_days())))
    return log_url


def test_a_program_that_pairs_at_once_has_a_line_for_each_day(
    mentoring: Mentoring, url: str
) -> None:
    answer = mentoring("match", "rounds", "--nats", url)

    assert answer.code == 0
    assert f"{PROGRAM}: 2 rounds, as of sequence" in answer.out
    days = [line.split() for line in answer.out.splitlines() if "all day" in line]
    assert [(each[0], each[4], each[5]) for each in days] == [
        ("2026-03-02", "2", "██████████"),
        ("2026-03-03", "1", "█████·····"),
    ]


def test_only_the_last_ones_or_those_up_to_an_instant_are_shown(
    mentoring: Mentoring, url: str
) -> None:
    def days(*arguments: str) -> list[str]:
        told = mentoring("match", "rounds", "--json", "--nats", url, *arguments).json
        return [row["round"] for row in told["programs"][0]["rounds"]]

    assert days() == ["2026-03-02", "2026-03-03"]
    assert days("--last", "1") == ["2026-03-03"]
    assert days("--at", "2026-03-02T23:00:00Z", "--clock", "event") == ["2026-03-02"]
    assert days("--program", PROGRAM) == ["2026-03-02", "2026-03-03"]


def test_where_there_was_no_round_it_says_so_and_ends_with_1(
    mentoring: Mentoring, url: str
) -> None:
    nobody = mentoring("match", "rounds", "--program", "nobody", "--nats", url)
    early = mentoring("match", "rounds", "--seq", "1", "--json", "--nats", url)

    assert (nobody.code, nobody.out) == (1, "")
    assert "there was no round in nobody so far" in nobody.err
    assert early.code == 1
    assert early.json["programs"][0]["rounds"] == []


@pytest.mark.parametrize(
    "arguments,words",
    [(("--last", "0"), "--last"), (("--program", "a.b"), "must be 1 to 64 of")],
)
def test_a_wrong_option_is_refused_with_the_rule(
    mentoring: Mentoring, arguments: tuple[str, ...], words: str
) -> None:
    answer = mentoring("match", "rounds", *arguments)

    assert (answer.code, answer.out) == (2, "")
    assert words in answer.err
