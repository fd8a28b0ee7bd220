"""`mentoring replay redeliver`: another system gets events once more, each once, marked, and the log is left alone."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client
from nats.errors import FlushTimeoutError

from services.cli.redeliver import courier
from shared.archive.lines import exact
from shared.log import Log
from tests.backends.nats_server import NatsServer
from tests.cli.conftest import Mentoring, on_log
from tests.shared.archive.books import Stored, fill, one, stored
from tests.shared.replay.recorded import golden
from tests.tally.log import open_log

ROOT = Path(__file__).parents[2]
STREAM = "OTHER"
WHY = ("--reason", "it was down")
CONCLUDED = 2 * sum(entry.word == "concluded" for entry in golden())
"""As many events of this word are in the log."""


@pytest.fixture(autouse=True)
def audit_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where acts are written down."""
    path = tmp_path / "audit.jsonl"
    monkeypatch.setenv("MENTORING_AUDIT_LOG", str(path))
    return path


@pytest.fixture
def filled_url(log_url: str) -> str:
    """A server whose log holds the golden log for two programs, and a stream of another system."""
    on_log(log_url, lambda log: fill(log, random.Random(1), programs=2))
    on_log(log_url, make_stream)
    return log_url


async def make_stream(log: Log) -> None:
    config = {"name": STREAM, "subjects": ["other.>"], "storage": "file"}
    answer = await log.request(f"$JS.API.STREAM.CREATE.{STREAM}", json.dumps(config).encode())
    assert "error" not in answer, answer


async def received_by(log: Log) -> list[Stored]:
    """What the other system's stream holds, in its order."""
    answer = await log.request(f"$JS.API.STREAM.INFO.{STREAM}", b"")
    last = answer["state"]["last_seq"]
    found = await asyncio.gather(*(one(log, seq, STREAM) for seq in range(1, last + 1)))
    return [each for each in found if each is not None]


def received(url: str) -> list[Stored]:
    found: list[Stored] = on_log(url, received_by)
    return found


def events(url: str) -> list[Stored]:
    found: list[Stored] = on_log(url, stored)
    return found


def of(found: Sequence[Stored], place: int, name: str) -> list[Stored]:
    return [each for each in found if each.subject.split(".")[place] == name]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_body_and_headers_are_those_of_the_original_and_a_header_marks_each(
    mentoring: Mentoring, filled_url: str
) -> None:
    answer = mentoring(
        "replay", "redeliver", "--nats", filled_url, "--to", "other.all", *WHY, "--json"
    )
    sent, got = events(filled_url), received(filled_url)

    assert (answer.code, answer.json["state"]) == (0, "done")
    assert answer.json["delivered"] == len(sent) == len(got)
    assert [each.body for each in got] == [each.body for each in sent]
    mark = f"Mentoring-Replay: {answer.json['run']}\r\n".encode()
    for before, after in zip(sent, got, strict=True):
        assert after.head.startswith(before.head[:-2])
        assert mark in after.head[len(before.head) - 2 :]
        assert after.subject == "other.all"


def test_only_what_is_asked_for_is_delivered_each_to_its_own_subject(
    mentoring: Mentoring, filled_url: str
) -> None:
    sent = of(of(events(filled_url), 1, "demo1"), 2, "concluded")
    middle = sent[len(sent) // 2].seq
    choice = ["--program", "demo1", "--event", "concluded", "--from", str(sent[1].seq)]
    choice += ["--until", str(middle)]

    to = ("--to", "other.{program}.x-{event}.{key}")
    dry = mentoring(
        "replay", "redeliver", "--nats", filled_url, *to, *choice, "--dry-run", "--json"
    )
    assert received(filled_url) == []
    answer = mentoring("replay", "redeliver", "--nats", filled_url, *to, *choice, *WHY, "--json")

    wanted = [each for each in sent if sent[1].seq <= each.seq < middle]
    assert dry.json["events"] == answer.json["delivered"] == len(wanted) > 0
    assert [each.subject for each in received(filled_url)] == [
        f"other.demo1.x-concluded.{each.subject.split('.')[3]}" for each in wanted
    ]


def test_one_cycle_is_delivered(mentoring: Mentoring, filled_url: str) -> None:
    key = of(events(filled_url), 2, "concluded")[0].subject.split(".")[3]
    answer = mentoring(
        "replay", "redeliver", "--nats", filled_url, "--to", "other.one", "--cycle", key, *WHY
    )
    wanted = of(events(filled_url), 3, key)
    assert (answer.code, len(received(filled_url))) == (0, len(wanted))


@pytest.mark.parametrize(
    "subject",
    [
        "mentoring.spring.paired.c1",
        "mentoring-mark.matching.0",
        "mentoring-timer.a.b.c.d",
        "$JS.API.STREAM.DELETE.MENTORING",
        "$SYS.REQ.SERVER.PING",
        "_INBOX.x",
        "{program}.x",
        "other.>",
        "other.*",
        "other..x",
        "other. x",
        "other.{name}",
        "",
    ],
)
def test_a_subject_that_is_ours_the_servers_or_none_is_refused(
    mentoring: Mentoring, subject: str
) -> None:
    answer = mentoring("replay", "redeliver", "--to", subject)
    assert answer.code == 2
    assert "--to" in answer.err


def test_a_word_that_no_event_has_is_refused(mentoring: Mentoring) -> None:
    answer = mentoring("replay", "redeliver", "--to", "other.all", "--event", "concludedd")
    assert answer.code == 2
    assert "must be one of" in answer.err


def test_a_subject_that_nobody_keeps_must_be_meant(mentoring: Mentoring, filled_url: str) -> None:
    place = ("--nats", filled_url, "--to", "nobody.there", "--event", "concluded", *WHY)

    refused = mentoring("replay", "redeliver", *place)
    meant = mentoring("replay", "redeliver", *place, "--no-ack", "--json")

    assert (refused.code, "--no-ack" in refused.err) == (2, True)
    assert (meant.code, meant.json["state"], meant.json["delivered"]) == (0, "done", CONCLUDED)


def test_what_is_delivered_twice_is_kept_once(mentoring: Mentoring, filled_url: str) -> None:
    """The same token again, as after a kill: the ids are the same, and the stream knows them."""
    place = ("--nats", filled_url, "--to", "other.all", "--event", "concluded", *WHY, "--json")
    mentoring("replay", "redeliver", *place)
    again = mentoring("replay", "redeliver", *place)

    assert (again.json["delivered"], again.json["already"]) == (CONCLUDED, CONCLUDED)
    assert len(received(filled_url)) == CONCLUDED


def test_stopped_and_resumed_nothing_is_lost_or_doubled(
    mentoring: Mentoring, filled_url: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "services.cli", "replay", "redeliver", "--nats", filled_url]
    place = ["--to", "other.all", "--rate", "400", *WHY, "--json"]
    told: dict[str, Any] = {}
    stops = [signal.SIGINT, signal.SIGTERM]
    for number in stops:
        process = subprocess.Popen([*command, *place], cwd=ROOT, stdout=subprocess.PIPE)
        before = len(received(filled_url))
        while len(received(filled_url)) < before + 200:
            assert process.poll() is None, "it ended too early"
            time.sleep(0.05)
        process.send_signal(number)
        out, _ = process.communicate()
        told = json.loads(out)
        assert (process.returncode, told["state"], told["already"]) == (130, "stopped", 0)
        place = ["--resume", told["token"], "--rate", "400", "--json"]
    last = mentoring(
        "replay", "redeliver", "--nats", filled_url, "--resume", told["token"], "--json"
    )

    assert (last.code, last.json["state"], last.json["already"]) == (0, "done", 0)
    assert last.json["run"] == told["run"]
    assert [each.body for each in received(filled_url)] == [
        each.body for each in events(filled_url)
    ]


async def test_a_server_that_is_killed_meanwhile_loses_and_doubles_nothing(
    nats_server: NatsServer,
) -> None:
    async with open_log(nats_server.url) as log:
        await fill(log, random.Random(1), programs=2)
        await make_stream(log)
        command = [sys.executable, "-m", "services.cli", "replay", "redeliver"]
        process = await asyncio.create_subprocess_exec(
            *command,
            *("--nats", nats_server.url, "--to", "other.all", "--rate", "600", *WHY, "--json"),
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        while len(await received_by(log)) < 300:
            assert process.returncode is None, "it ended too early"
            await asyncio.sleep(0.05)
        nats_server.kill9()
        await asyncio.sleep(0.3)
        nats_server.start()
        out, _ = await process.communicate()
        while not log.client.is_connected:
            await asyncio.sleep(0.05)
        sent, got = await stored(log), await received_by(log)

    assert json.loads(out)["state"] == "done"
    assert [each.body for each in got] == [each.body for each in sent]


def test_a_token_is_for_its_log_and_goes_with_no_other_choice(
    mentoring: Mentoring, filled_url: str
) -> None:
    from services.cli.redeliver.ticket import Ticket

    other = Ticket("r", "another-log", "other.all", 1, 5).token
    ours = Ticket("r", "another-log", "mentoring.a.b.c", 1, 5).token
    redeliver = ("replay", "redeliver", "--nats", filled_url)

    assert "another one" in mentoring(*redeliver, "--resume", other, *WHY).err
    assert "--to" in mentoring(*redeliver, "--resume", ours).err
    forged = base64.urlsafe_b64encode(b'{"run":"r","log":"l","to":7,"next":1,"end":5}').decode()
    for token in ("nonsense", forged, "\N{GREEK SMALL LETTER ALPHA}", "W10"):
        assert "no token" in mentoring(*redeliver, "--resume", token).err
    assert "no other choice" in mentoring(*redeliver, "--resume", other, "--program", "p").err


def test_who_delivered_what_and_why_is_written_down_without_contents(
    mentoring: Mentoring, filled_url: str, audit_log: Path
) -> None:
    mentoring(
        *("replay", "redeliver", "--nats", filled_url, "--to", "other.all", "--event", "concluded"),
        *("--by", "ada", "--reason", os.fsdecode(b"CRM was down: na\xefve")),
    )
    begun, ended = lines(audit_log)

    assert [begun["state"], ended["state"]] == ["running", "done"]
    assert {begun["by"], begun["reason"], begun["kind"]} == {
        "ada",
        "CRM was down: na\\udcefve",
        "redeliver",
    }
    assert ended["detail"] == {"events": CONCLUDED, "delivered": CONCLUDED, "already": 0}
    assert (begun["from_seq"], begun["to_seq"]) == (ended["from_seq"], ended["to_seq"])
    assert [line.get("token") is None for line in (begun, ended)] == [False, True]
    assert '"data"' not in audit_log.read_text()


def test_without_a_reason_nothing_is_delivered(mentoring: Mentoring, filled_url: str) -> None:
    place = ("--nats", filled_url, "--to", "other.all")

    answer = mentoring("replay", "redeliver", *place)
    dry = mentoring("replay", "redeliver", *place, "--dry-run")

    assert (answer.code, "--reason" in answer.err, dry.code) == (2, True, 0)
    assert received(filled_url) == []


def test_what_was_delivered_is_shown_with_what_was_done_to_stores(
    mentoring: Mentoring, filled_url: str, audit_log: Path
) -> None:
    place = ("--nats", filled_url, "--event", "concluded", "--by", "ada", *WHY)
    mentoring("replay", "redeliver", *place, "--to", "other.all")

    (act,) = mentoring("audit", "--kind", "redeliver", "--json").json
    table = mentoring("audit", "--kind", "redeliver").out

    assert (act["service"], act["kind"], act["state"]) == (None, "redeliver", "done")
    assert (act["by"], act["reason"]) == ("ada", "it was down")
    assert (act["from_seq"], act["to_seq"]) == (1, lines(audit_log)[0]["to_seq"])
    assert (act["detail"]["to"], act["detail"]["delivered"]) == ("other.all", CONCLUDED)
    assert "it was down" in table
    assert mentoring("audit", "--kind", "redeliver", "--state", "failed", "--json").json == []


def test_a_killed_redelivery_goes_on_with_the_token_and_the_reason_that_are_on_record(
    mentoring: Mentoring, filled_url: str, audit_log: Path
) -> None:
    place = ("--nats", filled_url, "--to", "other.all", "--event", "concluded", *WHY)
    mentoring("replay", "redeliver", *place)
    begin, _ = audit_log.read_bytes().splitlines(keepends=True)
    audit_log.write_bytes(begin + b'{"kind": "redeliver", "ti\n[]\n')

    (killed,) = mentoring("audit", "--kind", "redeliver", "--json").json
    token = killed["detail"]["token"]
    again = mentoring("replay", "redeliver", "--nats", filled_url, "--resume", token, "--json")
    acts = mentoring("audit", "--kind", "redeliver", "--json").json

    assert (killed["state"], killed["ended"]) == ("running", None)
    assert (again.json["delivered"], again.json["already"]) == (CONCLUDED, CONCLUDED)
    assert [(each["state"], each["reason"]) for each in acts] == [
        ("done", "it was down"),
        ("running", "it was down"),
    ]


def test_an_audit_log_that_cannot_be_written_keeps_everything_back(
    mentoring: Mentoring, filled_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENTORING_AUDIT_LOG", os.devnull + "/audit.jsonl")
    answer = mentoring("replay", "redeliver", "--nats", filled_url, "--to", "other.all", *WHY)

    assert answer.code == 2
    assert received(filled_url) == []


def test_a_server_that_goes_away_while_nobody_acknowledges_leaves_a_token(
    mentoring: Mentoring, filled_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(client: Client, timeout: float = 0) -> None:
        raise FlushTimeoutError

    monkeypatch.setattr(Client, "flush", away)
    monkeypatch.setattr(courier, "_PAUSE", 0)
    place = ("--nats", filled_url, "--to", "nobody.there", "--event", "concluded", "--no-ack", *WHY)
    answer = mentoring("replay", "redeliver", *place)

    assert answer.code == 2
    assert "the server is away" in answer.err
    assert "go on with --resume " in answer.err


def test_headers_of_a_batch_are_not_those_of_the_event() -> None:
    head = b"NATS/1.0\r\nA: b\r\nNats-Batch-Id: x\r\nNats-Batch-Commit: 1\r\n\r\n"
    assert exact(head) == b"NATS/1.0\r\nA: b\r\n\r\n"
