"""`mentoring watch`: the log as it goes, filtered, for people and for programs."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from shared import provision
from shared.events.envelope import Event
from shared.log import Log, LogTrouble, Message
from tests.backends.nats_server import NatsServer
from tests.cli.conftest import Mentoring, on_log
from tests.cli.say import line, progress, withdrawal

ROOT = Path(__file__).parents[2]


def test_it_shows_what_stands_in_the_log(mentoring: Mentoring, log_url: str) -> None:
    publish(log_url)

    answer = mentoring("watch", "--from", "1", "--no-follow", "--nats", log_url)

    shown = answer.out.splitlines()
    assert [each.split()[3:5] for each in shown] == [
        ["progressed", "spring/c1"],
        ["progressed", "spring/c2"],
        ["withdrawn", "autumn/c1"],
        ["progressed", "autumn/c1"],
    ]
    assert "goal g  value 1  unit points" in shown[0]


@pytest.mark.parametrize(
    "flags, sequences",
    [
        (["--program", "spring"], [1, 2]),
        (["--cycle", "c1"], [1, 3, 4]),
        (["--event", "withdrawn"], [3]),
        (["--program", "autumn", "--cycle", "c1", "--event", "progressed"], [4]),
        (["--from", "3"], [3, 4]),
    ],
)
def test_it_shows_only_what_was_asked_for(
    mentoring: Mentoring, log_url: str, flags: list[str], sequences: list[int]
) -> None:
    publish(log_url)
    start = [] if "--from" in flags else ["--from", "1"]

    answer = mentoring("watch", *start, *flags, "--no-follow", "--json", "--nats", log_url)

    assert [each["seq"] for each in answer.lines] == sequences


def test_it_begins_at_an_instant(mentoring: Mentoring, log_url: str) -> None:
    publish(log_url)
    everything = mentoring("watch", "--from", "1", "--no-follow", "--json", "--nats", log_url)
    third = everything.lines[2]["stored"]

    answer = mentoring("watch", "--since", third, "--no-follow", "--json", "--nats", log_url)

    assert [each["seq"] for each in answer.lines] == [3, 4]


def test_from_now_on_nothing_old_is_shown(mentoring: Mentoring, log_url: str) -> None:
    publish(log_url)

    assert mentoring("watch", "--no-follow", "--nats", log_url).out == ""


def test_a_line_for_programs_holds_the_event_as_it_was_published(
    mentoring: Mentoring, log_url: str
) -> None:
    publish(log_url)

    answer = mentoring("watch", "--from", "1", "--no-follow", "--json", "--nats", log_url)

    assert answer.lines[0]["event"] == orjson.loads(line(progress(1)))
    assert answer.lines[0]["subject"] == "mentoring.spring.progressed.c1"


def test_bytes_that_are_no_event_are_shown_as_such(mentoring: Mentoring, log_url: str) -> None:
    on_log(log_url, lambda log: log.send(Message("mentoring.spring.paired.c9", b"\xff\x00")))

    for_people = mentoring("watch", "--from", "1", "--no-follow", "--nats", log_url)
    for_programs = mentoring("watch", "--from", "1", "--no-follow", "--json", "--nats", log_url)

    assert "no event: must be JSON in UTF-8" in for_people.out
    assert for_programs.lines[0]["event"] is None


def test_json_that_can_be_read_and_not_written_is_shown_as_such(
    mentoring: Mentoring, log_url: str
) -> None:
    deep = line(progress(1))[:-1] + b',"x":' + b"[" * 900 + b"]" * 900 + b"}"
    on_log(log_url, lambda log: log.send(Message("mentoring.spring.progressed.c1", deep)))

    answer = mentoring("watch", "--from", "1", "--no-follow", "--json", "--nats", log_url)

    assert (answer.code, answer.lines[0]["event"]) == (0, None)


def test_what_would_steer_the_terminal_is_not_written_to_it(
    mentoring: Mentoring, log_url: str
) -> None:
    headers = {"Mentoring-Cause": "1", "Mentoring-Service": "match\x1b[2Jing"}
    on_log(log_url, lambda log: log.send(Message("mentoring.a\x1b[2Jb.c\x07.d", b"{}", headers)))

    answer = mentoring("watch", "--from", "1", "--no-follow", "--nats", log_url)

    assert "a\ufffd[2Jb" in answer.out
    assert not {"\x1b", "\x07"} & set(answer.out)


@pytest.mark.parametrize(
    "flags, words",
    [
        (["--since", "2026-03-01T09:00:00"], "with its offset"),
        (["--since", "yesterday"], "with its offset"),
        (["--since", "0001-01-01T00:00:00+23:59"], "between 1970 and 2261"),
        (["--since", "2262-01-01T00:00:00Z"], "between 1970 and 2261"),
        (["--from", str(2**63)], "Invalid value for '--from'"),
        (["--from", "1", "--since", "2026-03-01T09:00:00Z"], "not both"),
        (["--event", "married"], "must be one of requested"),
        (["--cycle", "a.b"], "must be 1 to 64 of"),
        (["--program", "*"], "must be 1 to 64 of"),
    ],
)
def test_a_wrong_option_is_told(mentoring: Mentoring, flags: list[str], words: str) -> None:
    answer = mentoring("watch", *flags)

    assert answer.code == 2
    assert words in answer.err


async def test_it_follows_the_log_over_a_restart_of_the_server(nats_server: NatsServer) -> None:
    log = await Log.connect(nats_server.url)
    await provision.apply(log)
    watching = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "services.cli", "watch", "--from", "1", "--json"],
        *["--nats", nats_server.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert watching.stdout is not None
    try:
        await log.publish(progress(1))
        before = orjson.loads(await watching.stdout.readline())
        nats_server.kill9()
        nats_server.start()
        await publish_at_last(log, progress(2))
        after = orjson.loads(await watching.stdout.readline())
    finally:
        watching.terminate()
        await watching.wait()
        await log.close()

    assert [before["seq"], after["seq"]] == [1, 2]


async def publish_at_last(log: Log, said: Event) -> None:
    """Publish as soon as the connection is back; the same id is stored once."""
    while True:
        try:
            await log.publish(said)
        except LogTrouble:
            await asyncio.sleep(0.01)
        else:
            return


def publish(url: str) -> None:
    """Two programs, three cycles, four events."""

    async def do(log: Log) -> None:
        for said in (
            progress(1),
            progress(2, key="c2"),
            withdrawal(program="autumn"),
            progress(3, program="autumn"),
        ):
            await log.publish(said)

    on_log(url, do)
