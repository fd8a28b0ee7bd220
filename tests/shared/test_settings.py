"""Settings of a service."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.settings import BadSetting, from_environment, owner_on


def test_an_owner_is_new_each_time() -> None:
    assert owner_on("host") != owner_on("host")


def test_an_owner_on_a_host_with_a_domain_can_name_a_consumer() -> None:
    """NATS takes no dots, blanks, wildcards or slashes in a consumer's name."""
    for host in ("pod-7.mentoring.svc.cluster.local", "a b*c>d/e\\f", "h" * 300, "", "ö"):
        assert re.fullmatch("[A-Za-z0-9_-]{1,49}", owner_on(host))


def test_what_is_not_given_has_its_default() -> None:
    settings = from_environment("matching", {})
    assert settings.nats_url == "nats://127.0.0.1:4222"
    assert settings.sqlite_path == Path("matching.db")
    assert (settings.http_host, settings.http_port, settings.driven) == ("127.0.0.1", 8000, False)


def test_the_service_s_name_may_stand_in_a_url_or_path() -> None:
    given = {
        "MENTORING_DATABASE_URL": "sqlite:////data/{service}.db",
        "MENTORING_KEK_FILE": "/keys/{service}",
        "MENTORING_CALENDARS": "/etc/{service}.json",
    }
    settings = from_environment("feedback", given)
    assert settings.calendars == Path("/etc/feedback.json")
    assert settings.sqlite_path == Path("/data/feedback.db")
    assert settings.kek_file == Path("/keys/feedback")


def test_a_plain_postgresql_url_gets_the_driver_that_is_installed() -> None:
    given = {"MENTORING_DATABASE_URL": "postgresql://u:p@h/d"}
    settings = from_environment("matching", given)
    assert settings.database_url == "postgresql+psycopg://u:p@h/d"
    assert settings.sqlite_path is None


def test_a_database_of_another_kind_is_refused_with_the_setting_s_name_and_rule() -> None:
    with pytest.raises(BadSetting, match=r"MENTORING_DATABASE_URL: use sqlite"):
        from_environment("matching", {"MENTORING_DATABASE_URL": "mysql://u:secret@h/d"})


@pytest.mark.parametrize("port", ["", "x", "-1", "65536", "8000.5"])
def test_a_port_that_is_none_is_refused_with_the_setting_s_name(port: str) -> None:
    with pytest.raises(BadSetting, match="MENTORING_HTTP_PORT"):
        from_environment("matching", {"MENTORING_HTTP_PORT": port})


@pytest.mark.parametrize("name", ["MENTORING_KEK", "MENTORING_CALENDAR_KEY", "MENTORING_TOKEN_KEY"])
def test_a_key_is_not_shown_where_settings_are(name: str) -> None:
    assert "topsecret" not in repr(from_environment("feedback", {name: "topsecret"}))


def test_whose_tokens_count_is_given_or_open() -> None:
    given = {
        "MENTORING_TOKEN_KEY_FILE": "/keys/token",
        "MENTORING_TOKEN_ISSUER": "https://login.example.org",
        "MENTORING_TOKEN_AUDIENCE": "mentoring",
    }
    settings = from_environment("feedback", given)

    assert settings.token_key_file == Path("/keys/token")
    assert settings.token_issuer == "https://login.example.org"
    assert settings.token_audience == "mentoring"
    assert from_environment("feedback", {"MENTORING_TOKEN_ISSUER": ""}).token_issuer is None


@pytest.mark.parametrize(
    "given,kept",
    [
        ("https://calendars.example.org", "https://calendars.example.org"),
        ("https://example.org/mentoring/", "https://example.org/mentoring"),
        ("http://127.0.0.1:8002/", "http://127.0.0.1:8002"),
        ("http://[::1]:8002", "http://[::1]:8002"),
        ("", None),
    ],
)
def test_a_public_address_is_kept_without_its_last_slash(given: str, kept: str | None) -> None:
    assert from_environment("scheduling", {"MENTORING_PUBLIC_URL": given}).public_url == kept


@pytest.mark.parametrize(
    "url",
    [
        "example.org",
        "ftp://example.org",
        "https://",
        "https://u:p@h",
        "https://h?q",
        "https://h/ x",
    ],
)
def test_a_public_address_that_feeds_cannot_stand_below_is_refused(url: str) -> None:
    with pytest.raises(BadSetting, match=r"MENTORING_PUBLIC_URL: use https"):
        from_environment("scheduling", {"MENTORING_PUBLIC_URL": url})
