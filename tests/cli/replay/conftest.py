"""Scenes on real servers, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Mentoring
from tests.cli.replay.scene import Scene, database


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(
    request: pytest.FixtureRequest,
    mentoring: Mentoring,
    log_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Scene:
    """Matching over the golden log, on both databases."""
    monkeypatch.setenv("MENTORING_AUDIT_LOG", str(tmp_path / "audit.jsonl"))
    monkeypatch.setenv("MENTORING_OPERATOR", "ada")
    url = database(tmp_path)
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    return Scene(log_url, url, mentoring)


@pytest.fixture
def small(
    mentoring: Mentoring, log_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Scene:
    """The same, for what does not depend on the database."""
    monkeypatch.setenv("MENTORING_OPERATOR", "ada")
    return Scene(log_url, database(tmp_path), mentoring)
