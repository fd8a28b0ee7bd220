"""Plots draw what they are given, to scale, and say it in words."""

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from services.cli.plots import frame
from services.cli.plots.bars import Series, bar_of_parts, bars, histogram, stacks
from services.cli.plots.curves import Curve, reached, steps
from services.cli.plots.rows import Bar, Range, lying, ranges

VALUES: list[list[float]] = [[], [0.0], [0.003], [1e6, 2.0], [3.0, 0.0, 7.0, 1.0]]


def shapes(drawn: str, name: str, style: str) -> list[dict[str, str]]:
    """The attributes of the shapes of one kind and class."""
    return [dict(e.attrib) for e in ET.fromstring(drawn).iter(name) if e.get("class") == style]


def texts(drawn: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(drawn).iter("text")]


@pytest.mark.parametrize("draw", [bars, stacks])
@pytest.mark.parametrize("values", VALUES)
def test_upright_bars_stand_for_their_values(draw: Callable[..., str], values: list[float]) -> None:
    labels = [str(place) for place in range(len(values))]
    drawn = draw("t", "x", labels, [Series("one", "a", values), Series("two", "b", values)])
    heights = [float(each["height"]) for each in shapes(drawn, "rect", "a")]
    assert len(heights) == len(values)
    highest = max(values, default=0)
    for height, value in zip(heights, values, strict=True):
        assert height == pytest.approx(max(heights) * value / highest if highest else 0, abs=0.2)


def test_stacked_bars_stand_on_each_other() -> None:
    drawn = stacks("t", "x", ["m"], [Series("held", "a", [3]), Series("missed", "b", [1])])
    (below,), (above,) = shapes(drawn, "rect", "a"), shapes(drawn, "rect", "b")
    assert float(above["y"]) + float(above["height"]) == pytest.approx(float(below["y"]))


def test_labels_that_have_no_room_are_left_out_below_bars() -> None:
    labels = [f"{month:02}/2026" for month in range(24)]
    shown = set(texts(bars("t", "x", labels, [Series("s", "a", [1.0] * 24)])))
    assert labels[0] in shown
    assert len(shown & set(labels)) * frame.width_of(labels[0]) <= frame.PLOT_WIDTH


@pytest.mark.parametrize("values", VALUES)
def test_a_curve_of_what_was_reached_rises_to_its_share_of_all(values: list[float]) -> None:
    drawn = steps("t", "x", [reached("s", "a", values, 2 * len(values))])
    (curve,) = shapes(drawn, "polyline", "line a")
    last = float(curve["points"].split()[-1].split(",")[1])
    assert last == pytest.approx(frame.y_of(0.5 if values else 0.0), abs=0.06)
    assert f"s: {len(values)} of {2 * len(values)}" in drawn


@pytest.mark.parametrize("middle", [0.1, 9.9])
def test_the_words_at_the_middle_of_a_curve_stay_within_the_plot(middle: float) -> None:
    drawn = steps("t", "x", [Curve("s", "a", [(10, 1)], "s")], middle=middle)
    (told,) = shapes(drawn, "text", "told")
    toward = 1 if told["text-anchor"] == "start" else -1
    assert 0 <= float(told["x"]) + toward * frame.width_of(f"half by {middle}") <= frame.WIDTH


def test_lying_bars_are_as_long_as_their_share_and_never_longer_than_the_whole() -> None:
    rows = [Bar("x", "50 %", 0.5, "a"), Bar("y", "all", 1.5, "a"), Bar("z", "none", 0, "a")]
    wide = [float(each["width"]) for each in shapes(lying("t", rows), "rect", "a")]
    assert wide == [frame.WIDTH / 2, frame.WIDTH]


def test_a_name_too_long_for_its_row_is_cut_and_its_figure_is_not() -> None:
    drawn = lying("t", [Bar("Europe/Berlin, " * 9, "12 days", 0.5, "a")])
    name, note = texts(drawn)
    assert name.endswith("…")
    assert note == "12 days"
    assert frame.width_of(name) + frame.width_of(note) <= frame.WIDTH
    assert "Europe/Berlin, " * 9 in drawn  # where it is pointed at, and for readers who hear it


def test_ranges_lie_on_one_ruler() -> None:
    drawn = ranges(
        "t", "days", [Range("x", "5", 0, 2, 5, 7, 10, "a"), Range("y", "1", 1, 1, 1, 1, 1, "a")]
    )
    thin = shapes(drawn, "rect", "a thin")
    assert float(thin[0]["width"]) == frame.WIDTH - 12
    assert float(thin[1]["x"]) == pytest.approx(6 + (frame.WIDTH - 12) / 10, abs=0.1)


def test_what_is_drawn_is_said_and_cannot_become_markup() -> None:
    drawn = bar_of_parts("<b>", [("one & all", "a", 1234)])
    assert "<b>" not in drawn
    assert re.search(r'aria-label="&lt;b&gt;\. one &amp; all: 1,234"', drawn)


@pytest.mark.parametrize("highest", [0, 1e-9, 0.07, 1, 4, 17, 101, 1e7])
def test_ticks_are_round_few_and_reach_the_highest(highest: float) -> None:
    marks = frame.ticks(highest)
    assert marks[-1] >= highest
    assert 2 <= len(marks) <= 6


def test_the_last_number_below_a_plot_ends_within_the_drawing() -> None:
    last = ET.fromstring(frame.axis([0.0, 2.5, 12.5], "days")[2])
    half = frame.width_of("12.5") / 2
    assert last.text == "12.5"
    assert frame.LEFT + frame.PLOT_WIDTH + half > frame.WIDTH
    assert (last.get("text-anchor"), last.get("x")) == ("end", f"{frame.WIDTH:.1f}")
    assert 'text-anchor="middle"' in frame.axis([0.0, 25.0], "days")[1]


def test_a_histogram_counts_every_value_once() -> None:
    assert histogram([0, 0.49, 0.5, 1, 1], [0, 0.5, 1]) == [2, 3]
