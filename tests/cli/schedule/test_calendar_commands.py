"""`mentoring schedule feed` and `invitation`: what they ask of the service, say, and write down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.cli.conftest import Mentoring, on_log
from tests.cli.schedule.scene import MENTEE, PROGRAM, a_story, on_the_log
from tests.shared.replay.recorded import publish

CALENDAR = f"/programs/{PROGRAM}/persons/{MENTEE}/calendar"
CUT_OFF = b"{"
"""A body that ends before it should."""
REVOKED = f"/programs/{PROGRAM}/revoked/{MENTEE}"


@dataclass
class Scheduling:
    """A service that gives what it is told to, and keeps what it was asked."""

    url: str
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)

    def gives(self, path: str, answer: object, status: int = 200) -> None:
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.answers[path] = (status, body)


@pytest.fixture
def scheduling() -> Iterator[Scheduling]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append((self.command, self.path, self._body()))
            status, body = told.answers[self.path]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) + (body is CUT_OFF)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the base class's name

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    told = Scheduling(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    file = tmp_path / "audit.jsonl"
    monkeypatch.setenv("MENTORING_AUDIT_LOG", str(file))
    monkeypatch.setenv("MENTORING_OPERATOR", "ops-kim")
    return file


def address(generation: int = 0, url: str | None = "https://c.example.org/x.ics") -> Any:
    return {"url": url, "path": "/calendar/x.ics", "generation": generation}


def feed(mentoring: Mentoring, scheduling: Scheduling, *more: str) -> Any:
    where = ("--program", PROGRAM, "--service", scheduling.url)
    return mentoring("schedule", "feed", MENTEE, *where, *more)


def test_an_address_is_all_that_is_printed(mentoring: Mentoring, scheduling: Scheduling) -> None:
    scheduling.gives(CALENDAR, address())
    answer = feed(mentoring, scheduling)
    assert (answer.code, answer.out, answer.err) == (0, "https://c.example.org/x.ics\n", "")
    assert feed(mentoring, scheduling, "--json").json == {
        "program": PROGRAM,
        "person": MENTEE,
        **address(),
    }


def test_without_a_public_address_it_is_the_service_s_own(
    mentoring: Mentoring, scheduling: Scheduling
) -> None:
    scheduling.gives(CALENDAR, address(url=None))
    assert feed(mentoring, scheduling).out == f"{scheduling.url}/calendar/x.ics\n"


def test_the_service_s_name_may_stand_in_its_address(
    mentoring: Mentoring, scheduling: Scheduling
) -> None:
    scheduling.gives(f"/scheduling{CALENDAR}", address())
    where = ("--program", PROGRAM, "--service", f"{scheduling.url}/{{service}}/")
    assert mentoring("schedule", "feed", MENTEE, *where).code == 0


def test_a_person_whom_scheduling_does_not_know_is_a_finding(
    mentoring: Mentoring, scheduling: Scheduling
) -> None:
    scheduling.gives(CALENDAR, {"field": "/person", "rule": "unknown_person"}, 404)
    answer = feed(mentoring, scheduling)
    assert (answer.code, answer.out) == (1, "")
    assert f"scheduling knows nobody called {MENTEE} in {PROGRAM}" in answer.err


def test_a_service_without_a_key_is_said_by_rule_and_field(
    mentoring: Mentoring, scheduling: Scheduling
) -> None:
    off = {"field": "MENTORING_CALENDAR_KEY_FILE", "rule": "no_calendar_key"}
    scheduling.gives(CALENDAR, off, 409)
    answer = feed(mentoring, scheduling)
    assert answer.code == 2
    assert "refuses: MENTORING_CALENDAR_KEY_FILE: no_calendar_key" in answer.err


def test_a_service_that_is_away_is_said(mentoring: Mentoring) -> None:
    where = ("--program", PROGRAM, "--service", "http://127.0.0.1:9")
    answer = mentoring("schedule", "feed", MENTEE, *where)
    assert answer.code == 2
    assert "scheduling does not answer at http://127.0.0.1:9/" in answer.err


def test_an_address_that_is_none_is_refused_with_the_rule(mentoring: Mentoring) -> None:
    where = ("--program", PROGRAM, "--service", "scheduling:8000")
    answer = mentoring("schedule", "feed", MENTEE, *where)
    assert answer.code == 2
    assert "--service: must begin with http:// or https://" in answer.err


def test_without_mentoring_up_somebody_must_say_where_the_service_is(mentoring: Mentoring) -> None:
    answer = mentoring("schedule", "feed", MENTEE, "--program", PROGRAM)
    assert answer.code == 2
    assert "say --service" in answer.err


def test_a_withdrawn_address_is_written_down_with_who_and_why(
    mentoring: Mentoring, scheduling: Scheduling, audit: Path
) -> None:
    scheduling.gives(CALENDAR, address(1))
    scheduling.gives(REVOKED, {"event": "e", "sequence": 7})
    answer = feed(mentoring, scheduling, "--revoke", "--reason", "posted in a chat")
    assert (answer.code, answer.out) == (0, "https://c.example.org/x.ics\n")
    posted = [(path, body) for how, path, body in scheduling.asked if how == "POST"]
    assert [(path, json.loads(body)) for path, body in posted] == [
        (REVOKED, {"what": "calendar"}),
    ]
    line = json.loads(audit.read_text())
    assert (line["kind"], line["state"], line["by"]) == ("revoke", "done", "ops-kim")
    assert (line["reason"], line["detail"]) == ("posted in a chat", {"person": MENTEE})
    (act,) = mentoring("audit", "--kind", "revoke", "--json").json
    assert (act["by"], act["reason"], act["state"]) == ("ops-kim", "posted in a chat", "done")


def test_a_withdrawal_that_is_refused_is_written_down_as_failed(
    mentoring: Mentoring, scheduling: Scheduling, audit: Path
) -> None:
    scheduling.gives(CALENDAR, address())
    scheduling.gives(REVOKED, {"error": "the log is away"}, 503)
    answer = feed(mentoring, scheduling, "--revoke", "--reason", "lost")
    assert answer.code == 2
    assert "scheduling answers 503" in answer.err
    assert json.loads(audit.read_text())["state"] == "failed"


def test_an_address_that_is_not_withdrawn_yet_is_not_shown_as_the_new_one(
    mentoring: Mentoring, scheduling: Scheduling, audit: Path
) -> None:
    scheduling.gives(CALENDAR, address())
    scheduling.gives(REVOKED, {"event": "e", "sequence": 7}, 202)
    answer = feed(mentoring, scheduling, "--revoke", "--reason", "lost")
    assert (answer.code, answer.out) == (2, "")
    assert "event 7 of the log withdraws it" in answer.err
    assert "the old address works" in answer.err
    assert json.loads(audit.read_text())["state"] == "waiting"


def test_a_withdrawal_without_an_answer_is_written_down_too(
    mentoring: Mentoring, scheduling: Scheduling, audit: Path
) -> None:
    scheduling.gives(CALENDAR, address())
    scheduling.gives(REVOKED, CUT_OFF)
    answer = feed(mentoring, scheduling, "--revoke", "--reason", "lost")
    assert (answer.code, answer.out) == (2, "")
    assert "it may be withdrawn all the same" in answer.err
    line = json.loads(audit.read_text())
    assert (line["state"], line["detail"]) == ("failed", {"person": MENTEE})


def test_an_answer_that_is_cut_off_is_said(mentoring: Mentoring, scheduling: Scheduling) -> None:
    scheduling.gives(CALENDAR, CUT_OFF)
    answer = feed(mentoring, scheduling)
    assert answer.code == 2
    assert "scheduling does not answer at" in answer.err


def test_nothing_is_withdrawn_that_cannot_be_written_down(
    mentoring: Mentoring, scheduling: Scheduling, audit: Path
) -> None:
    audit.mkdir()
    scheduling.gives(CALENDAR, address())
    answer = feed(mentoring, scheduling, "--revoke", "--reason", "lost")
    assert answer.code == 2
    assert "the audit log" in answer.err
    assert [how for how, _, _ in scheduling.asked] == ["GET"]


@pytest.mark.parametrize(
    "given,rule",
    [(("--revoke",), "give --reason"), (("--reason", "x"), "--reason is for --revoke")],
)
def test_a_withdrawal_has_a_reason_and_nothing_else_has(
    mentoring: Mentoring, scheduling: Scheduling, given: tuple[str, ...], rule: str
) -> None:
    answer = feed(mentoring, scheduling, *given)
    assert answer.code == 2
    assert rule in answer.err
    assert scheduling.asked == []


# -- on a log -----------------------------------------------------------------------------------


def test_a_meeting_is_named_by_its_number_and_its_program_found_in_the_log(
    mentoring: Mentoring, scheduling: Scheduling, log_url: str, tmp_path: Path
) -> None:
    story = a_story()
    on_log(log_url, lambda log: publish(log, on_the_log(story)))
    first = story.meeting(1).meeting
    path = f"/programs/{PROGRAM}/cycles/c1/meetings/{first}/invitation.ics"
    scheduling.gives(path, b"BEGIN:VCALENDAR\r\n")
    where = ("--service", scheduling.url, "--nats", log_url)

    shown = mentoring("schedule", "invitation", "c1", "1", *where)
    file = tmp_path / "first.ics"
    written = mentoring("schedule", "invitation", "c1", first[:8], "-o", str(file), *where)
    nowhere = mentoring("schedule", "invitation", "c1", "1", "-o", f"{tmp_path}/a/b", *where)
    none = mentoring("schedule", "invitation", "c1", "9", *where)
    nobody = mentoring("schedule", "invitation", "c9", "1", *where)
    scheduling.gives(CALENDAR, address())
    found = mentoring("schedule", "feed", MENTEE, *where)

    assert (shown.code, shown.out) == (0, "BEGIN:VCALENDAR\r\n")
    assert (written.code, written.out) == (0, "")
    assert file.read_bytes() == b"BEGIN:VCALENDAR\r\n"
    assert (nowhere.code, "cannot be written" in nowhere.err) == (2, True)
    assert (none.code, "knows no meeting 9 of c1" in none.err) == (1, True)
    assert (nobody.code, "the log says nothing about c9" in nobody.err) == (1, True)
    assert (found.code, found.out) == (0, "https://c.example.org/x.ics\n")
