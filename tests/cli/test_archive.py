"""`mentoring log export` and `mentoring log import`, as one types them."""

from __future__ import annotations

import os
import random
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from shared import provision
from shared.log import Log
from tests.backends.backend import Backend
from tests.cli.conftest import Mentoring, on_log
from tests.shared.archive.books import Stored, fill, stored
from tests.shared.replay.recorded import golden

EVENTS = 2 * len(golden())


@pytest.fixture
def filled_url(log_url: str) -> str:
    """A server whose log holds the golden log for two programs."""
    on_log(log_url, lambda log: fill(log, random.Random(1), programs=2))
    return log_url


def events(url: str) -> list[Stored]:
    found: list[Stored] = on_log(url, stored)
    return found


def test_export_and_import_make_the_same_log_again(
    mentoring: Mentoring, filled_url: str, backend: Backend, tmp_path: Path
) -> None:
    gone = mentoring("log", "export", "log.zst", "--nats", filled_url, "--json")
    with backend.nats(tmp_path / "other") as other:
        come = mentoring("log", "import", "log.zst", "--nats", other, "--json")
        assert events(other) == events(filled_url)
        again = mentoring("log", "import", "log.zst", "--nats", other)

    assert (gone.code, come.code) == (0, 0)
    assert (come.json["whole"], come.json["digest"]) == (True, gone.json["digest"])
    assert come.json["identity"] == come.json["log"]
    assert (again.code, "imported already" in again.err) == (2, True)


def test_a_program_alone_becomes_a_log_of_its_own_with_the_sequences_it_had(
    mentoring: Mentoring, filled_url: str, backend: Backend, tmp_path: Path
) -> None:
    mentoring("log", "export", "one.zst", "--nats", filled_url, "--program", "demo1")
    with backend.nats(tmp_path / "other") as other:
        come = mentoring("log", "import", "one.zst", "--nats", other, "--json")
        expected = [e for e in events(filled_url) if e.subject.split(".")[1] == "demo1"]
        assert events(other) == expected

    assert come.json["whole"] is False
    assert come.json["identity"] != come.json["log"]


def test_an_archive_goes_through_a_pipe_both_ways(
    mentoring: Mentoring, filled_url: str, backend: Backend, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "services.cli"]
    with backend.nats(tmp_path / "other") as other:
        gone = subprocess.run(
            [*command, "log", "export", "-", "--nats", filled_url],
            check=True,
            capture_output=True,
            cwd=Path(__file__).parents[2],
        )
        subprocess.run(
            [*command, "log", "import", "-", "--nats", other],
            check=True,
            input=gone.stdout,
            capture_output=True,
            cwd=Path(__file__).parents[2],
        )
        assert events(other) == events(filled_url)
    assert b"events, sequences" in gone.stderr


def test_a_damaged_archive_is_refused_before_anything_is_published(
    mentoring: Mentoring, filled_url: str, backend: Backend, tmp_path: Path
) -> None:
    path = Path("log.zst")
    mentoring("log", "export", str(path), "--nats", filled_url)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with backend.nats(tmp_path / "other") as other:
        answer = mentoring("log", "import", str(path), "--nats", other)
        found = on_log(other, provision.diff)

    assert answer.code == 2
    assert "truncated" in answer.err
    assert "Nothing was published" in answer.err
    assert [each.setting for each in found] == ["stream"], "not even the stream was made"


def test_a_log_that_is_not_empty_takes_no_archive(mentoring: Mentoring, filled_url: str) -> None:
    mentoring("log", "export", "log.zst", "--nats", filled_url)
    before = events(filled_url)

    answer = mentoring("log", "import", "log.zst", "--nats", filled_url)

    assert (answer.code, "not empty" in answer.err) == (2, True)
    assert events(filled_url) == before


def test_an_archive_that_begins_in_the_middle_is_for_reading_only(
    mentoring: Mentoring, filled_url: str, backend: Backend, tmp_path: Path
) -> None:
    gone = mentoring("log", "export", "late.zst", "--nats", filled_url, "--from", "100", "--json")
    with backend.nats(tmp_path / "other") as other:
        answer = mentoring("log", "import", "late.zst", "--nats", other)

    assert gone.json["first"] >= 100
    assert (answer.code, "Export without --from" in answer.err) == (2, True)


def test_an_empty_log_that_was_made_for_another_number_of_partitions_is_made_anew(
    mentoring: Mentoring, filled_url: str, backend: Backend, tmp_path: Path
) -> None:
    mentoring("log", "export", "log.zst", "--nats", filled_url)
    with backend.nats(tmp_path / "other") as other:
        on_log(other, lambda log: provision.apply(log, 4))
        assert mentoring("log", "import", "log.zst", "--nats", other).code == 0
        assert on_log(other, Log.info).partitions == 1


def test_check_only_says_whether_the_archive_is_whole(
    mentoring: Mentoring, filled_url: str
) -> None:
    mentoring("log", "export", "log.zst", "--nats", filled_url)

    answer = mentoring("log", "import", "log.zst", "--check", "--json")
    words = mentoring("log", "import", "log.zst", "--check").err

    assert (answer.code, answer.json["whole"], answer.json["events"]) == (0, True, EVENTS)
    assert f"digest {answer.json['digest']}" in words


def test_an_archive_is_not_written_over(mentoring: Mentoring, filled_url: str) -> None:
    Path("log.zst").write_text("mine")

    answer = mentoring("log", "export", "log.zst", "--nats", filled_url)

    assert (answer.code, "--overwrite" in answer.err) == (2, True)
    assert Path("log.zst").read_text() == "mine"
    assert mentoring("log", "export", "log.zst", "--nats", filled_url, "--overwrite").code == 0
    assert not list(Path().glob("*.part"))


def test_two_exports_into_one_file_leave_a_whole_archive(
    mentoring: Mentoring, filled_url: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "services.cli", "log", "export", str(tmp_path / "log.zst")]
    both = [
        subprocess.Popen(
            [*command, "--overwrite", "--nats", filled_url], cwd=Path(__file__).parents[2]
        )
        for _ in range(2)
    ]

    assert [each.wait() for each in both] == [0, 0]
    assert mentoring("log", "import", "log.zst", "--check").code == 0
    assert stat.S_IMODE(Path("log.zst").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["folder", "nowhere/log.zst", "pipe"])
def test_a_place_that_takes_no_archive_is_told(
    mentoring: Mentoring, filled_url: str, name: str
) -> None:
    Path("folder").mkdir()
    os.mkfifo("pipe")

    answer = mentoring("log", "export", name, "--nats", filled_url, "--overwrite")

    assert answer.code == 2
    assert f"{name} cannot be written" in answer.err
    assert not list(Path().glob("**/*.part"))
    assert Path("pipe").is_fifo()


@pytest.mark.parametrize("place", ["0", "yesterday", "2026-03-01T09:00:00", "9" * 5000])
def test_a_place_that_is_neither_sequence_nor_instant_is_refused(
    mentoring: Mentoring, place: str
) -> None:
    answer = mentoring("log", "export", "log.zst", "--from", place)

    assert answer.code == 2
    assert not Path("log.zst").exists()


def test_a_folder_gets_its_log_before_the_first_up(
    mentoring: Mentoring, filled_url: str, tmp_path: Path
) -> None:
    mentoring("log", "export", "log.zst", "--nats", filled_url)

    first = mentoring("log", "import", "log.zst", "--start", "--dir", "restored", "--json")
    second = mentoring("log", "import", "log.zst", "--start", "--dir", "restored")

    assert (first.code, first.json["events"]) == (0, EVENTS)
    assert (second.code, "imported already" in second.err) == (2, True)
