"""What the report counts is written down where people look it up."""

from pathlib import Path

import pytest

from services.feedback.report.figures import FIGURES, FUNNEL, LOAD, OUTCOME, Figure

PAGE = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text("utf-8")


@pytest.mark.parametrize("figure", [FUNNEL, *FIGURES, LOAD, OUTCOME], ids=lambda each: each.name)
def test_every_metric_stands_in_the_documents_as_the_report_defines_it(figure: Figure) -> None:
    assert f"| {figure.title} | {figure.definition} |" in PAGE
