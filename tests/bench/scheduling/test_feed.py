"""Feeds are asked for at a real service, and only right answers count."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.bench.process import Failed
from tests.bench.sandbox import Sandbox
from tests.bench.scheduling import feed
from tests.bench.scheduling.feed import Asked


def test_feeds_are_rendered_kept_and_found_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "REQUESTS", 6)
    asked: list[Asked] = []
    ask = feed.Client.ask

    def listening(client: feed.Client, request: Asked) -> str:
        asked.append(request)
        return ask(client, request)

    monkeypatch.setattr(feed.Client, "ask", listening)
    with Sandbox() as sandbox:
        found = feed.measure(sandbox, rounds=1, feeds=2)

    assert {name: len(rates) for name, rates in found.items()} == {
        "cold": 1, "cached": 1, "unchanged": 1,
    }  # fmt: skip
    assert all(rate > 0 for rates in found.values() for rate in rates)
    assert [request.tag is not None for request in asked] == [False] * 2 + [False] * 7 + [True] * 6
    assert len({request.path for request in asked[:2]}) == 2


class Answering(BaseHTTPRequestHandler):
    """A service whose feeds have one meeting, whatever is asked."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "12")
        self.end_headers()
        self.wfile.write(b"BEGIN:VEVENT")

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Nothing."""


@pytest.mark.parametrize("tag", [None, '"tag"'])
def test_an_answer_that_was_not_asked_for_fails_the_benchmark(tag: str | None) -> None:
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(Failed, match=r"200 where (200|304) belongs"):
            feed.Client(server.server_port).ask(Asked("/calendar/acme/a/t.ics", tag))
        thread.join()
