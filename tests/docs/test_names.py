"""Commands, files, settings and messages that the pages name exist."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from services.cli.main import app
from services.feedback import metrics as of_pairs
from services.matching import metrics as of_rounds
from services.scheduling import metrics as of_meetings
from tests.docs.pages import PAGES, ROOT, code, name, spans

OPERATORS = (ROOT / "docs" / "operators.md").read_text()
SOURCES = [path for top in ("services", "shared") for path in (ROOT / top).rglob("*.py")]
TOPS = ("services/", "shared/", "tests/", "docs/", "deploy/", ".ci/")
SAID_BY_NATS = {"stream not found"}
"""Messages of the server that are shown as they come."""


# -- commands ------------------------------------------------------------------------------------


@cache
def mentoring() -> Any:
    """The command, made once: that takes longer than everything that is asked of it here."""
    return typer.main.get_command(app)


def unknown_in(line: str) -> list[str]:
    """The words after `mentoring` in a line of code that the command does not know."""
    found = []
    for typed in re.findall(r"(?:^|[&|;] *)mentoring +([^&|;]+)", line):
        here = mentoring()
        for word in typed.split():
            if hasattr(here, "commands") and not word.startswith("-"):
                if word not in here.commands:
                    found.append(word)
                    break
                here = here.commands[word]
            elif word.startswith("--"):
                known = {
                    option for each in here.params for option in each.opts + each.secondary_opts
                }
                found += [word] if word.split("=")[0] not in known | {"--help"} else []
    return found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_and_option_that_a_page_names_exists(page: Path) -> None:
    assert [line for line in code(page.read_text()) if unknown_in(line)] == []


@pytest.mark.parametrize(
    "line",
    ["mentoring dance", "mentoring log dance", "mentoring up --dance", "x | mentoring dance"],
)
def test_a_command_that_does_not_exist_would_be_seen(line: str) -> None:
    assert unknown_in(line) != []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        word for line in code(page.read_text()) for word in re.findall(r"^make ([a-z-]+)", line)
    }

    assert named - targets == set()


# -- files and code --------------------------------------------------------------------------------


def missing_files(page: Path, text: str) -> list[str]:
    """The paths in code that are no files of the project; bare names may stand anywhere in the code."""
    found = []
    for span in spans(text):
        if span.startswith(TOPS):
            if not list(ROOT.glob(span.rstrip("/"))):
                found.append(span)
        elif re.fullmatch(r"\w+\.py", span) and not any(path.name == span for path in SOURCES):
            found.append(span)
    return found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    made_later = {"docs/benchmarks/latest.json", "deploy/secrets/key_encryption_key"}

    assert set(missing_files(page, page.read_text())) - made_later == set()


@pytest.mark.parametrize("text", ["`shared/nothing.py`", "`nothing.py`", "`docs/no/`"])
def test_a_file_that_does_not_exist_would_be_seen(text: str) -> None:
    assert missing_files(ROOT / "README.md", text) != []


def members() -> set[str]:
    """`Class.member` for every class of the code."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                for part in node.body:
                    if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                        found.add(f"{node.name}.{part.name}")
                    elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                        found.add(f"{node.name}.{part.target.id}")
    return found


def test_every_method_that_a_page_names_exists() -> None:
    named = {
        span
        for page in PAGES
        for span in spans(page.read_text())
        if re.fullmatch(r"[A-Z][a-z]\w+\._?[a-z]\w+", span)
    }

    assert named - members() == set()


# -- what operators look up ------------------------------------------------------------------------


def test_the_guide_lists_every_setting_and_no_other() -> None:
    code_text = "\n".join(path.read_text() for path in SOURCES)
    read = {f"MENTORING_{each}" for each in re.findall(r'value\("([A-Z_]+)"', code_text)}
    read |= set(re.findall(r'(?:envvar=|get\()"(MENTORING_[A-Z_]+)"', code_text))

    assert set(re.findall(r"MENTORING_[A-Z_]+", OPERATORS)) == read


def test_the_guide_lists_every_metric_and_no_other() -> None:
    text = (ROOT / "shared" / "telemetry.py").read_text()
    gauges = set(re.findall(r'GaugeMetricFamily\(\s*"(\w+)"', text))
    counters = {f"{each}_total" for each in re.findall(r'CounterMetricFamily\(\s*"(\w+)"', text)}
    figures = {*of_rounds.NAMES, *of_meetings.NAMES, *of_pairs.NAMES}

    listed = set(re.findall(r"^\| `(mentoring_\w+)`", OPERATORS, re.MULTILINE))
    assert listed == gauges | counters | figures


def test_every_message_that_the_guide_explains_is_one_that_the_code_says() -> None:
    table = OPERATORS.split("## What each message means")[1].split("\n## ")[0]
    told = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    said = "\n".join(path.read_text() for path in SOURCES)
    parts = {part.strip() for cell in told for span in spans(cell) for part in span.split("…")}

    assert [part for part in sorted(parts - SAID_BY_NATS) if part.rstrip(": ") not in said] == []
