"""A service's `migrate` when the database cannot be migrated."""

import pytest

from services.matching.api import router
from services.matching.app import SERVICE
from shared.app import main


@pytest.mark.parametrize(
    "url, words",
    [
        ("mysql://x", "MENTORING_DATABASE_URL: use"),
        ("postgresql://nobody@127.0.0.1:1/x", "failed"),
        ("sqlite:////absent/x.db", "unable to open database file"),
    ],
)
def test_a_database_that_cannot_be_migrated_is_told_in_a_line(
    url: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MENTORING_DATABASE_URL", url)
    monkeypatch.setattr("sys.argv", ["matching", "migrate"])
    with pytest.raises(SystemExit) as end:
        main(SERVICE, router)
    said = capsys.readouterr().err.splitlines()
    assert (end.value.code, len(said)) == (2, 1)
    assert said[0].startswith("error: ")
    assert words in said[0]
