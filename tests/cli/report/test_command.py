"""`mentoring report` on a real log and on an archive of it: what it prints, writes and refuses."""

from pathlib import Path

import pytest

from services.cli.place import Folder
from services.feedback.keyring import KeyRing, kek_of, new_kek
from services.feedback.report.model import Report
from tests.cli.conftest import Mentoring, on_log
from tests.shared.replay.recorded import golden, publish

GOLDEN = golden()
REPORT = ("report", "demo", "--clock", "event")


@pytest.fixture
def url(log_url: str) -> str:
    on_log(log_url, lambda log: publish(log, GOLDEN))
    return log_url


def test_the_log_and_its_archive_give_the_same_report_and_the_same_bytes(
    mentoring: Mentoring, url: str, tmp_path: Path
) -> None:
    assert mentoring("log", "export", "log.zst", "--nats", url).code == 0
    read = mentoring(*REPORT, "--json", "--html", "a.html", "--csv", "a", "--nats", url)
    unpacked = ("--json", "--html", "b.html", "--csv", "b", "--from", "log.zst")
    answer = mentoring(*REPORT, *unpacked, "--nats", "nats://127.0.0.1:1")

    assert (read.code, answer.code) == (0, 0)
    assert answer.out == read.out
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "b").iterdir())
    assert {"README.md", "values.csv", "bars.csv", "curves.csv"} <= set(names)
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_an_instant_shows_what_could_be_known_then(mentoring: Mentoring, url: str) -> None:
    asked = {}
    for at in ("2026-03-10T09:00:00Z", "2026-03-11T09:00:00Z", "2026-05-12T09:00:00Z"):
        answer = mentoring(*REPORT, "--at", at, "--json", "--nats", url)
        asked[at] = Report.model_validate_json(answer.out)
    same, later, last = asked.values()
    assert same.released == later.released
    assert (same.position, same.metrics) == (later.position, later.metrics)
    assert same.released is not None
    assert last.released is not None
    assert last.released > same.released
    assert last.position > same.position


def test_people_read_the_summary_and_where_files_are(
    mentoring: Mentoring, url: str, tmp_path: Path
) -> None:
    answer = mentoring(*REPORT, "--html", "page.html", "--csv", "deep/tables", "--nats", url)
    assert answer.code == 0
    assert answer.out.startswith("demo as of ")
    assert "Match rate" in answer.out
    assert "page.html" in answer.err
    assert "README.md" in answer.err
    assert "<svg" in (tmp_path / "page.html").read_text("utf-8")


def test_closing_reviews_need_the_key_ring_and_what_it_cannot_open_is_said(
    mentoring: Mentoring, url: str, tmp_path: Path
) -> None:
    ordinary = Report.model_validate_json(mentoring(*REPORT, "--json", "--nats", url).out)
    refused = mentoring(*REPORT, "--closing", "--nats", url)
    assert (refused.code, "there is no key ring" in refused.err) == (2, True)

    folder = Folder(tmp_path / "data")
    folder.path.mkdir()
    folder.kek.write_text(new_kek())
    KeyRing(f"sqlite:///{folder.database('keyring')}", kek_of(folder.kek, None)).close()
    closing = ("--closing", "--json", "--dir", str(folder.path))
    assert mentoring("log", "export", "log.zst", "--nats", url).code == 0
    read = mentoring(*REPORT, *closing, "--nats", url)
    unpacked = mentoring(*REPORT, *closing, "--from", "log.zst")

    assert read.out == unpacked.out
    found = Report.model_validate_json(read.out)
    assert found.metrics[: len(ordinary.metrics)] == ordinary.metrics
    added = {metric.name for metric in found.metrics} - {m.name for m in ordinary.metrics}
    assert len(added) == 6
    assert any("cannot be opened any more" in note for note in found.notes)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("report", "nowhere"), "the log does not open the program nowhere"),
        (("report", "demo", "--at", "yesterday"), "use an instant with its offset"),
        (("report", "de.mo"), "must be 1 to 64 of"),
        (("report", "demo", "--from", "missing.zst"), "missing.zst cannot be read"),
        (("report", "demo", "--from", "text"), "text: "),
        (("report", "demo", "--html", "no/where.html"), "no/where.html cannot be written"),
        (("report", "demo", "--csv", "text/in"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(
    mentoring: Mentoring, url: str, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    (tmp_path / "text").write_text("no archive")
    answer = mentoring(*arguments, "--nats", url)
    assert answer.code == 2
    assert words in " ".join(answer.err.replace("│", " ").split())
