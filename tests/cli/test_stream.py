"""`mentoring log`: made once, compared, never harmed."""

import json
from typing import Any

from shared import provision
from shared.log import STREAM, Log
from tests.cli.conftest import Mentoring, on_log


def test_apply_makes_the_log_and_doing_it_again_does_nothing(
    mentoring: Mentoring, nats_url: str
) -> None:
    first = mentoring("log", "apply", "--nats", nats_url, "--partitions", "4", "--json")
    again = mentoring("log", "apply", "--nats", nats_url, "--json")

    assert (first.code, [each["setting"] for each in first.json]) == (0, ["stream"])
    assert (again.code, again.json) == (0, [])


def test_diff_says_that_there_is_no_log(mentoring: Mentoring, nats_url: str) -> None:
    answer = mentoring("log", "diff", "--nats", nats_url, "--json")

    assert answer.code == 1
    assert (answer.json[0]["level"], answer.json[0]["setting"]) == ("error", "stream")


def test_diff_finds_nothing_in_a_log_that_was_just_made(mentoring: Mentoring, log_url: str) -> None:
    answer = mentoring("log", "diff", "--nats", log_url)

    assert (answer.code, answer.out.strip()) == (0, "the log is as it should be")


def test_what_may_lose_events_is_an_error_and_the_rest_a_warning(
    mentoring: Mentoring, log_url: str
) -> None:
    change(log_url, max_age=3_600_000_000_000, description="mine")

    answer = mentoring("log", "diff", "--nats", log_url, "--json")
    for_people = mentoring("log", "diff", "--nats", log_url)

    assert answer.code == 1
    assert {each["setting"]: each["level"] for each in answer.json} == {
        "max_age": "error",
        "description": "warning",
    }
    assert "the log may lose events" in for_people.out


def test_apply_mends_what_differs(mentoring: Mentoring, log_url: str) -> None:
    change(log_url, max_age=3_600_000_000_000)

    assert mentoring("log", "apply", "--nats", log_url).code == 0
    assert mentoring("log", "diff", "--nats", log_url).code == 0


def test_partitions_of_a_log_that_exists_cannot_be_changed(
    mentoring: Mentoring, log_url: str
) -> None:
    answer = mentoring("log", "apply", "--nats", log_url, "--partitions", "8")

    assert answer.code == 2
    assert "fixed when the stream is created" in answer.err


def test_info_tells_identity_and_size(mentoring: Mentoring, log_url: str) -> None:
    answer = mentoring("log", "info", "--nats", log_url, "--json")

    assert answer.json["uuid"] in mentoring("log", "info", "--nats", log_url).out
    assert (answer.json["partitions"], answer.json["last_seq"]) == (1, 0)


def test_info_of_a_server_without_a_log_is_told(mentoring: Mentoring, nats_url: str) -> None:
    answer = mentoring("log", "info", "--nats", nats_url)

    assert answer.code == 2
    assert "stream not found" in answer.err


def change(url: str, **settings: Any) -> None:
    """An operator's hand in the stream's configuration."""

    async def update(log: Log) -> None:
        found = await log.request(f"$JS.API.STREAM.INFO.{STREAM}", b"{}")
        body = json.dumps({**found["config"], **settings}).encode()
        answer = await log.request(f"$JS.API.STREAM.UPDATE.{STREAM}", body)
        assert "error" not in answer
        assert await provision.diff(log)

    on_log(url, update)
