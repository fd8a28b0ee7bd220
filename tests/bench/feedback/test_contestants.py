"""Whoever makes the report, its numbers are the same; and what differs is found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from services.feedback.report.model import Report
from shared.archive.reading import Archive
from tests.bench.feedback.archive import write
from tests.bench.feedback.contestants import frames, ours
from tests.bench.feedback.contestants.figures import Figure, differing
from tests.bench.feedback.settings import Setting

SETTING = Setting(cycles=240)
FIGURE = Figure("2026-03-01", "held", "all", {"rate": 0.8571, "none": None}, {"rate": 4, "none": 4})


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "log.jsonl.zst"
    write(SETTING, path)
    return path


@pytest.fixture(scope="module")
def made(archive: Path) -> Report:
    return ours.report(archive)


def test_pandas_finds_the_very_numbers_that_the_report_shows(archive: Path, made: Report) -> None:
    shown = list(ours.figures(made))
    assert {figure.metric for figure in shown} == set(frames.METRICS)

    compared = frames.compared(frames.report(archive), shown)

    assert compared.wrong == []
    assert compared.numbers > 150
    assert compared.releases > 1


def test_a_number_that_differs_is_told(archive: Path, made: Report) -> None:
    shown = next(figure for figure in ours.figures(made) if figure.metric == "responses")
    other = replace(shown, numbers={"rate": 0.5})

    (told,) = frames.compared(frames.report(archive), [other]).wrong

    assert told.startswith(f"responses, {shown.group}, {shown.release}: rate is 0.5, and 0.")


def test_rounding_is_no_difference_and_more_is() -> None:
    assert differing(FIGURE, {"rate": 6 / 7, "none": None}) == []
    assert len(differing(FIGURE, {"rate": 0.8573, "none": None})) == 1
    assert len(differing(FIGURE, {"rate": 6 / 7, "none": 0.0})) == 1
    assert len(differing(FIGURE, {})) == 1


def test_the_archive_is_whole_and_has_every_meeting(archive: Path) -> None:
    tail = Archive.open(archive).tail
    meetings = tail.words["met"] + tail.words["missed"]
    assert 0.85 < meetings / (12 * tail.words["paired"]) < 1
    assert tail.words["concluded"] == SETTING.cycles
