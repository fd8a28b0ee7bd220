"""The bar is on the screen while something goes on, and no longer."""

from __future__ import annotations

import io
import sys

import pytest
from rich.console import Console
from rich.file_proxy import FileProxy

from services.cli.archive import progress


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A terminal that keeps what is drawn."""
    drawn = io.StringIO()
    monkeypatch.setattr(progress, "err", lambda: Console(file=drawn, force_terminal=True))
    return drawn


def test_nothing_is_drawn_over_what_is_asked_when_all_is_done(screen: io.StringIO) -> None:
    with progress.bar("folding") as move:
        move(1, 2)
        assert "folding" in screen.getvalue()
        assert isinstance(sys.stderr, FileProxy)
        move(2, 2)
        assert not isinstance(sys.stderr, FileProxy)
        assert not isinstance(sys.stdout, FileProxy)


def test_it_comes_back_when_more_is_to_be_done(screen: io.StringIO) -> None:
    with progress.bar("folding") as move:
        move(2, 2)
        screen.truncate(0)
        move(2, 3)
        assert isinstance(sys.stderr, FileProxy)
    assert not isinstance(sys.stderr, FileProxy)
    assert "folding" in screen.getvalue()


def test_nobody_who_does_not_look_is_shown_a_bar(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "err", lambda: Console(stderr=True, force_terminal=False))
    with progress.bar("folding") as move:
        move(1, 2)
        move(2, 2)
    assert capfd.readouterr().err == ""
