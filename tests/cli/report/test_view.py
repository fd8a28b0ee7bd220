"""The report on a terminal, and the words in which figures are told."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from services.cli.report.view import summary, view
from services.cli.report.words import edges, made_of, months, percent, shown
from services.feedback.report.model import Bar, Report, Value
from tests.cli.report.example import EMPTY, REPORT


def seen(report: Report = REPORT, width: int = 160, *, short: bool = False) -> str:
    text = io.StringIO()
    drawn = summary(report, width) if short else view(report, width)
    Console(file=text, width=width, color_system=None).print(drawn)
    return text.getvalue()


def test_it_says_as_of_when_and_what_is_hidden() -> None:
    found = seen()
    assert "spring as of 29 June 2026, 00:00 in Europe/Berlin, up to sequence 48,211" in found
    assert "Groups of fewer than 5 persons stand together with others." in found
    assert row(found, "Meetings of mentors outside 08:00 to 18:00").endswith("too few")


def test_steps_of_the_funnel_have_their_shares() -> None:
    assert row(seen(), "concluded").split()[1:3] == ["71", "59.2%"]
    assert "met (as of 22 Jun)" in seen()


def test_a_metric_of_an_earlier_release_says_so() -> None:
    assert "as of 22 Jun" in row(seen(), "Satisfaction of mentors")


def test_how_many_figures_are_older_than_the_report_is_said_before_them() -> None:
    found = seen()
    said = next(line for line in found.splitlines() if "figures" in line and "older" in line)
    metrics = (REPORT.funnel, *REPORT.metrics, REPORT.outcomes)
    old = [each for each in metrics if each.as_of not in {None, REPORT.released}]
    known = [each for each in metrics if each.as_of is not None]
    assert said.startswith(f"{len(old)} of {len(known)} figures")
    assert found.index(said) < found.index("Everybody")


def test_groups_of_different_days_are_not_to_be_compared_and_missing_ones_are_said() -> None:
    cohorts, zones = seen().split("By month of the first request")[1].split("By mentee's time zone")
    assert "not listed where it would tell of fewer than 5 persons" in cohorts
    assert "Groups of different days do not compare" in cohorts
    assert "Groups of different days" not in zones.split("By mentee's weekly hours")[0]


def test_how_pairs_were_concluded_says_as_of_when_and_in_words() -> None:
    older = REPORT.outcomes.model_copy(update={"as_of": datetime(2026, 6, 14, 22, tzinfo=UTC)})
    found = seen(REPORT.model_copy(update={"outcomes": older}))
    assert f"{older.title} (as of 15 Jun)" in found
    assert "_" not in found.split(older.title)[1].split("By month")[0]


def test_a_middle_says_which_it_is_and_none_stands_beside_another() -> None:
    found = seen()
    pairing = row(found, "Time to pair, median")
    assert pairing.split("median")[1].split()[0] == "4.2"
    assert "3.9 days" not in pairing
    assert row(found, "Satisfaction of mentees, mean")


def test_cohorts_stand_beside_each_other_and_zones_where_it_is_about_fairness() -> None:
    found = seen()
    cohorts, zones = found.split("By month of the first request")[1].split("By mentee's time zone")
    assert "Apr 2026 (as of 22 Jun)" in cohorts
    assert "Match rate" not in zones
    assert "Waiting" in zones
    assert "By month" not in seen(short=True)


def test_groups_stand_below_their_metric_on_a_narrow_terminal_and_are_not_folded() -> None:
    cohorts = seen(width=80).split("By month of the first request")[1]
    lines = [line.rstrip() for line in cohorts.splitlines()]
    metric = lines.index("  Satisfaction of mentors, mean")
    assert any("Apr 2026 (as of 22 Jun)  " in line for line in lines[metric : metric + 5])


@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_line_is_longer_than_the_terminal(width: int) -> None:
    assert max(len(line) for line in seen(width=width).splitlines()) <= width
    assert (" most  persons" in seen(width=width)) == (width == 160)


def test_nothing_to_show_is_said() -> None:
    assert "nothing is shown before its first release" in seen(EMPTY)


def test_before_the_first_release_no_figure_is_called_too_few_and_the_other_clock_is_named() -> (
    None
):
    blank = [each.model_copy(update={"as_of": None, "total": None}) for each in REPORT.metrics]
    early = EMPTY.model_copy(update={"metrics": tuple(blank)})
    assert "too few" not in seen(early)
    assert "Ask with --clock event." in seen(early)
    assert "--clock" not in seen(early.model_copy(update={"clock": "event"}))


@pytest.mark.parametrize(
    "label, words",
    [
        ("2026-01", "Jan 2026"),
        ("2026-01 to 2026-03", "Jan to Mar 2026"),
        ("2025-11 to 2026-02", "Nov 2025 to Feb 2026"),
        ("UTC+0 to UTC+2", "UTC+0 to UTC+2"),
        ("all", "all"),
    ],
)
def test_cohorts_are_named_as_people_say_them(label: str, words: str) -> None:
    assert months(label) == words


@pytest.mark.parametrize(
    "share, words", [(0, "0%"), (1, "100%"), (0.25, "25%"), (0.9333, "93.3%"), (0.996, "99.6%")]
)
def test_per_cents_have_a_decimal_where_there_is_something_behind_the_point(
    share: float, words: str
) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(
    "label, words",
    [
        ("3 to 7 days", "3–7"),
        ("7 days and more", "7+"),
        ("20% to 40%", "20–40"),
        ("80% and more", "80+"),
        ("100%", "100"),
        ("more than 100%", ">100"),
    ],
)
def test_bars_are_named_so_that_they_fit_below_them(label: str, words: str) -> None:
    assert edges(Bar(label=label, low=None, high=None, count=1)) == words


def test_figures_are_told_with_their_unit_and_what_they_stand_on() -> None:
    rate = Value(name="r", title="t", unit="share", value=0.5, count=1200, of=2400)
    assert (shown(rate), made_of(rate)) == ("50%", "1,200 of 2,400")
    odd = Value(name="r", title="t", unit="share", value=0.6765, count=23, of=34)
    assert shown(odd) == "67.6%"
    wait = Value(name="w", title="t", unit="days", value=4.25, of=12)
    assert (shown(wait), made_of(wait)) == ("4.2 days", "of 12")
    nothing = Value(name="n", title="t", unit="share", value=None, count=0, of=0)
    assert (shown(nothing), made_of(nothing)) == ("–", "0 of 0")
    hidden = Value(name="h", title="t", unit="count", value=None, hidden=True)
    assert (shown(hidden), made_of(hidden)) == ("too few", "")


def row(found: str, name: str) -> str:
    """The first line of a table that begins with a name."""
    lines = (line.strip() for line in found.splitlines() if line.startswith("  "))
    return next(line for line in lines if line.startswith(name) and "  " in line)
