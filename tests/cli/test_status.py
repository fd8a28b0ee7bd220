"""`mentoring status`: says what it can, says what is down, and never hangs."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from shared import mark
from shared.events.envelope import HEADERS
from shared.log import STREAM, Log, Message
from tests.backends.nats_server import NatsServer
from tests.cli.conftest import Mentoring, on_log
from tests.cli.say import line, progress
from tests.cli.test_store_view import fill


def test_lag_counts_what_others_said_after_the_position(
    mentoring: Mentoring, log_url: str, tmp_path: Path
) -> None:
    store = f"sqlite:///{tmp_path / '{service}.db'}"
    fill(store.replace("{service}", "matching"))
    on_log(log_url, twelve)

    answer = mentoring("status", "--nats", log_url, "--database", store, "--json")

    matching = answer.json["services"][0]
    assert matching["partitions"] == [
        {"partition": 0, "position": 7, "mark": 5, "behind": 3, "at_most": False}
    ]
    assert matching["timers"] == 2
    assert matching["next_timer"]["about"] == "c2"
    assert matching["dead_letters"] == {"invalid": 1, "parked": 1, "rejected": 2}


def test_what_is_missing_or_waits_for_an_operator_is_a_finding(
    mentoring: Mentoring, log_url: str, tmp_path: Path
) -> None:
    store = f"sqlite:///{tmp_path / '{service}.db'}"
    fill(store.replace("{service}", "matching"))

    answer = mentoring("status", "--nats", log_url, "--database", store)

    assert answer.code == 1
    assert "matching: 1 parked events wait for an operator" in answer.out
    assert "scheduling: there is no database" in answer.out


@pytest.mark.parametrize("flag", ["--health", "--database"])
def test_one_address_for_all_services_is_refused(mentoring: Mentoring, flag: str) -> None:
    answer = mentoring("status", flag, "http://127.0.0.1:8000")

    assert answer.code == 2
    assert "must hold {service}" in answer.err


def test_with_nothing_there_it_says_so(mentoring: Mentoring) -> None:
    answer = mentoring("status", "--nats", "nats://127.0.0.1:1", "--json")

    assert answer.code == 1
    assert answer.json["log"] is None
    assert [each["state"] for each in answer.json["services"]] == ["unknown"] * 3
    assert answer.json["problems"][0] == "no NATS server answers at nats://127.0.0.1:1"


def test_a_server_without_a_log_is_told(mentoring: Mentoring, nats_url: str) -> None:
    answer = mentoring("status", "--nats", nats_url)

    assert answer.code == 1
    assert "the log: stream not found" in answer.out


def test_a_log_that_may_lose_events_is_a_finding(mentoring: Mentoring, log_url: str) -> None:
    on_log(log_url, limited)

    answer = mentoring("status", "--nats", log_url, "--json")

    assert answer.code == 1
    assert answer.json["problems"][0].startswith("the log may lose events: max_age is 86400")


def test_a_frozen_server_does_not_hold_it_up(
    mentoring: Mentoring, nats_server: NatsServer, health: str
) -> None:
    nats_server.freeze()

    answer = mentoring("status", "--nats", nats_server.url, "--health", health, "--json")

    assert answer.json["log"] is None
    assert [each["state"] for each in answer.json["services"]] == ["live", "not ready", "down"]


def test_services_say_themselves_how_they_are(
    mentoring: Mentoring, log_url: str, health: str
) -> None:
    answer = mentoring("status", "--nats", log_url, "--health", health, "--json")

    matching, scheduling, feedback = answer.json["services"]
    assert (matching["state"], matching["partitions"][0]["position"]) == ("live", 4)
    assert (scheduling["state"], scheduling["reasons"]) == ("not ready", ["partition 0: claiming"])
    assert feedback["state"] == "down"
    assert answer.json["problems"][0] == "scheduling: partition 0: claiming"


async def limited(log: Log) -> None:
    """Somebody sets an age."""
    config = (await log.request(f"$JS.API.STREAM.INFO.{STREAM}", b""))["config"]
    changed = json.dumps(config | {"max_age": 86_400_000_000_000}).encode()
    assert "error" not in await log.request(f"$JS.API.STREAM.UPDATE.{STREAM}", changed)


async def twelve(log: Log) -> None:
    """Ten events, 2 of them matching's own after position 7, and the mark of matching."""
    for n in range(10):
        said = progress(n)
        own = {"Mentoring-Cause": "1", "Mentoring-Service": "matching"} if n in {7, 8} else {}
        await log.send(Message(said.subject, line(said), {**HEADERS, **own}))
    await log.send(mark.message("matching", 0, mark.Mark(), 5, "owner"))
    await log.publish(progress(10))
    await log.publish(progress(11))


class Answers(BaseHTTPRequestHandler):
    """matching is ready, scheduling is not, feedback speaks no JSON."""

    def do_GET(self) -> None:
        ready = self.path.startswith("/matching")
        partition = {"partition": 0, "position": 4}
        reasons = [] if ready else ["partition 0: claiming"]
        body = json.dumps({"ready": ready, "reasons": reasons, "partitions": [partition]})
        self.send_response(200 if ready else 503)
        self.end_headers()
        self.wfile.write(b"hello" if "feedback" in self.path else body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def health() -> Iterator[str]:
    """Where three services answer."""
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/{{service}}"
    server.shutdown()
    server.server_close()
    thread.join()
