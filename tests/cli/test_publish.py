"""`mentoring publish`: every good line is in the log once, every bad one is told and kept."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import orjson

from shared import provision
from shared.entry import Entry
from shared.log import Log
from tests.backends.nats_server import NatsServer
from tests.cli.conftest import Mentoring, on_log, write_lines
from tests.cli.say import example, line, progress

ROOT = Path(__file__).parents[2]


def test_lines_stand_in_the_log_in_their_order(
    mentoring: Mentoring, log_url: str, tmp_path: Path
) -> None:
    said = [progress(n, key=f"c{n % 7}") for n in range(1203)]
    file = write_lines(tmp_path / "good", [line(each) for each in said])

    answer = mentoring("publish", file, "--nats", log_url)

    assert (answer.code, answer.out) == (0, "")
    assert "1,203 published" in answer.err
    assert bodies(log_url) == [line(each) for each in said]


def test_a_bad_line_is_told_and_the_others_are_published(
    mentoring: Mentoring, log_url: str, tmp_path: Path
) -> None:
    bad = line(progress(2)).replace(b'"unit":"points"', b'"unit":""')
    file = write_lines(tmp_path / "mixed", [line(progress(1)), bad, b"{", line(progress(3))])

    answer = mentoring("publish", file, "--nats", log_url, "--bad", "mend")

    assert answer.code == 1
    assert "line 2: /data/unit: " in answer.err
    assert "line 3: must be JSON in UTF-8" in answer.err
    assert bodies(log_url) == [line(progress(1)), line(progress(3))]
    assert Path("mend").read_bytes() == bad + b"\n{\n"


def test_strict_publishes_nothing_when_any_line_is_bad(
    mentoring: Mentoring, log_url: str, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "mixed", [line(progress(1)), b"{"])

    answer = mentoring("publish", file, "--nats", log_url, "--strict")

    assert answer.code == 1
    assert bodies(log_url) == []


def test_strict_publishes_everything_when_every_line_is_good(
    mentoring: Mentoring, log_url: str, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "good", [line(progress(1)), line(progress(2))])

    answer = mentoring("publish", file, "--nats", log_url, "--strict", "--json")

    assert answer.code == 0
    assert answer.json["lines"] == answer.json["published"] == 2


def test_publishing_again_adds_only_what_is_new(
    mentoring: Mentoring, log_url: str, tmp_path: Path
) -> None:
    said = [line(progress(n)) for n in range(30)]
    mentoring("publish", write_lines(tmp_path / "part", said[:20]), "--nats", log_url)

    answer = mentoring("publish", write_lines(tmp_path / "all", said), "--nats", log_url, "--json")

    assert (answer.json["published"], answer.json["already_there"]) == (10, 20)
    assert bodies(log_url) == said


def test_a_line_that_comes_twice_is_stored_once(
    mentoring: Mentoring, log_url: str, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "twice", [line(progress(n)) for n in (1, 2, 1, 3)])

    answer = mentoring("publish", file, "--nats", log_url, "--json")

    assert (answer.json["published"], answer.json["already_there"]) == (3, 1)
    assert bodies(log_url) == [line(progress(n)) for n in (1, 2, 3)]


def test_the_answer_for_programs_names_every_bad_line(
    mentoring: Mentoring, log_url: str, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "bad", [b"{", example("noted"), *[b"[]"] * 40])

    answer = mentoring("publish", file, "--nats", log_url, "--json")

    assert answer.code == 1
    assert answer.json["bad"][0] == {"line": 1, "field": "", "rule": "must be JSON in UTF-8"}
    assert [bad["line"] for bad in answer.json["bad"]] == list(range(1, 43))
    assert answer.err.count("\nline ") < 42


def test_bad_lines_of_a_pipe_are_kept_for_this_user_alone(log_url: str, tmp_path: Path) -> None:
    answer = piped(log_url, tmp_path, line(progress(1)) + b'\n{"a secret":\n')

    kept = tmp_path / answer["kept_in"]
    assert answer["published"] == 1
    assert kept.read_bytes() == b'{"a secret":\n'
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_strict_keeps_all_of_a_pipe_that_it_does_not_publish(log_url: str, tmp_path: Path) -> None:
    given = line(progress(1)) + b"\nbad\n"

    answer = piped(log_url, tmp_path, given, "--strict")

    assert answer["published"] == 0
    assert (tmp_path / answer["kept_in"]).read_bytes() == given


def test_what_stood_in_the_file_for_bad_lines_before_stays(log_url: str, tmp_path: Path) -> None:
    kept = tmp_path / "bad"
    for flags, added in (([], b"{\n"), (["--strict"], line(progress(1)) + b"\n{\n")):
        kept.write_bytes(b"of yesterday\n")

        piped(log_url, tmp_path, line(progress(1)) + b"\n{\n", "--bad", str(kept), *flags)

        assert kept.read_bytes() == b"of yesterday\n" + added


def test_bad_lines_are_not_kept_behind_the_lines_that_are_read(
    mentoring: Mentoring, log_url: str, tmp_path: Path
) -> None:
    file = write_lines(tmp_path / "lines", [b"{"])

    answer = mentoring("publish", file, "--bad", file, "--nats", log_url)

    assert (answer.code, Path(file).read_bytes()) == (2, b"{\n")
    assert answer.err.strip() == "error: --bad names the file that is read: give another one"


def test_a_place_where_bad_lines_cannot_be_kept_is_told(
    mentoring: Mentoring, log_url: str, tmp_path: Path
) -> None:
    file, kept = write_lines(tmp_path / "lines", [b"{"]), tmp_path / "absent" / "bad"

    answer = mentoring("publish", file, "--bad", str(kept), "--nats", log_url)

    assert answer.code == 2
    assert f"error: bad lines cannot be kept in {kept}: No such file" in answer.err


def test_it_goes_on_when_the_server_comes_back(
    mentoring: Mentoring, nats_server: NatsServer, tmp_path: Path
) -> None:
    on_log(nats_server.url, provision.apply)
    said = [line(progress(n)) for n in range(1500)]
    nats_server.freeze()
    thaw = threading.Timer(0.5, nats_server.thaw)
    thaw.start()

    answer = mentoring(
        "publish", write_lines(tmp_path / "lines", said), "--nats", nats_server.url, "--json"
    )

    thaw.join()
    assert (answer.code, answer.json["published"]) == (0, 1500)
    assert bodies(nats_server.url) == said


def test_a_file_that_is_not_there_is_told(mentoring: Mentoring) -> None:
    answer = mentoring("publish", "absent.jsonl")

    assert answer.code == 2
    assert answer.err.strip() == "error: absent.jsonl cannot be read: No such file or directory"


def test_a_server_that_is_not_there_is_told(mentoring: Mentoring, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "lines", [line(progress(1))])

    answer = mentoring("publish", file, "--nats", "nats://127.0.0.1:1")

    assert answer.code == 2
    assert answer.err.strip() == "error: no NATS server answers at nats://127.0.0.1:1"


def bodies(url: str) -> list[bytes]:
    """Every event of the log."""

    async def read(log: Log) -> list[Entry]:
        return [entry async for some in log.read(["mentoring.*.*.*.>"]) for entry in some]

    return [entry.body for entry in on_log(url, read)]


def piped(url: str, folder: Path, given: bytes, *flags: str) -> dict[str, Any]:
    """What the command answers to lines that come through a pipe."""
    ended = subprocess.run(
        [sys.executable, "-m", "services.cli", "publish", "-", "--json", "--nats", url, *flags],
        input=given,
        capture_output=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert ended.returncode == 1
    answer: dict[str, Any] = orjson.loads(ended.stdout)
    return answer
