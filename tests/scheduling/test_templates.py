"""The file of calendar templates, the key, and what they make."""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from services.scheduling.feed_key import FeedKey, new_key, read_key
from services.scheduling.templates import STANDARD, Calendars, Templates, check, read_calendars
from shared.settings import BadSetting, Settings
from tests.scheduling.appointments import an_appointment

KEY = FeedKey(bytes(32))
TEXT = base64.b64encode(bytes(32)).decode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "calendars.json"


def read(file: Path, given: object, key: FeedKey | None = KEY) -> Calendars:
    file.write_text(json.dumps(given))
    return read_calendars(file, key)


# -- templates ----------------------------------------------------------------------------------


def test_without_a_file_addresses_name_nobody_outside_and_there_is_no_link() -> None:
    found = read_calendars(None, None).of("acme").addresses(an_appointment(), None)
    assert (found.organizer, found.mentee) == ("urn:mentoring:acme", "urn:mentoring:acme:ada")
    assert (found.mentor, found.join) == ("urn:mentoring:acme:grace", None)


def test_a_program_says_what_differs_and_has_the_rest_from_the_default(file: Path) -> None:
    default = {"address": "mailto:{person}@example.org", "name": "Mentoring"}
    found = read(file, {"default": default, "programs": {"acme": {"name": "Acme {program}"}}})
    assert found.of("acme").name == "Acme {program}"
    assert found.of("acme").address == found.of("other").address == default["address"]
    assert found.of("other").name == "Mentoring"


def test_a_program_may_be_called_default(file: Path) -> None:
    found = read(file, {"programs": {"default": {"name": "Its own"}}})
    assert (found.of("default").name, found.of("acme").name) == ("Its own", STANDARD.name)


def test_a_program_may_do_without_the_default_s_link(file: Path) -> None:
    link = {"join": "https://meet.example.org/{meeting}"}
    found = read(file, {"default": link, "programs": {"acme": {"join": None}}})
    assert found.of("acme").join is None


def test_every_name_of_a_template_is_filled_in() -> None:
    templates = Templates(
        join="https://meet.example.org/{program}/{cycle}/{meeting}?room={room}",
        address="mailto:{person}.{program}@example.org",
        organizer="mailto:{cycle}.{program}@example.org",
    )
    found = templates.addresses(an_appointment(), KEY)
    room = KEY.room("acme", "c1", "m0")
    assert found.join == f"https://meet.example.org/acme/c1/m0?room={room}"
    assert found.mentee == "mailto:ada.acme@example.org"
    assert found.organizer == "mailto:c1.acme@example.org"


@pytest.mark.parametrize("form,joined", [("video", True), ("audio", True), ("in_person", False)])
def test_only_a_call_has_a_link(form: str, joined: bool) -> None:
    templates = Templates(join="https://meet.example.org/")
    found = templates.addresses(an_appointment(format=form), None)
    assert (found.join is not None) is joined


JAVA = "19a8293b-8e95-4de3-983f-77484079c389"


def test_skills_are_told_by_the_labels_of_the_program_s_vocabulary() -> None:
    meeting = an_appointment(skills=(JAVA, "welding"))
    assert STANDARD.in_words(meeting).skills == ("Java (computer programming)", "welding")
    assert Templates(vocabulary="none").in_words(meeting) == meeting


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"join": "https://meet.example.org/{person}"}, "/join", "may name {program}"),
    ({"join": "https://meet.example.org/{room!r}"}, "/join", "may name"),
    ({"join": "https://meet.example.org/{room:>9}"}, "/join", "may name"),
    ({"join": "https://meet.example.org/{}"}, "/join", "may name"),
    ({"join": "https://meet.example.org/{room"}, "/join", "braces in pairs"),
    ({"join": "ftp://meet.example.org/"}, "/join", "http or https"),
    ({"join": "https://user@meet.example.org/"}, "/join", "http or https"),
    ({"join": "https:///{room}"}, "/join", "http or https"),
    ({"join": 'https://meet.example.org/"{room}'}, "/join", "http or https"),
    ({"join": "https://meet.example.org/a b"}, "/join", "http or https"),
    ({"join": "https://meet.example.org/\r\nX:1"}, "/join", "http or https"),
    ({"join": ""}, "/join", "at least 1"),
    ({"join": 7}, "/join", "string"),
    ({"address": "mailto:mentoring@example.org"}, "/address", "must name {person}"),
    ({"address": "{person}@example.org"}, "/address", "absolute URI"),
    ({"address": "mailto:{person} <x@example.org>"}, "/address", "absolute URI"),
    ({"organizer": "mailto:{person}@example.org"}, "/organizer", "may name"),
    ({"organizer": "somebody"}, "/organizer", "absolute URI"),
    ({"name": "a\nb"}, "/name", "one line"),
    ({"name": "x" * 1025}, "/name", "at most 1024"),
    ({"nme": "Mentoring"}, "/nme", ""),
    ({"vocabulary": "nothing-here"}, "/vocabulary", "nothing-here"),
]


@pytest.mark.parametrize("given,field,rule", BAD)
@pytest.mark.parametrize("where", ["default", "programs"])
def test_a_bad_template_is_refused_with_file_field_and_rule(
    file: Path, given: dict[str, Any], field: str, rule: str, where: str
) -> None:
    whole = {"default": given} if where == "default" else {"programs": {"acme": given}}
    with pytest.raises(BadSetting) as refused:
        read(file, whole)
    pointer = f"/default{field}" if where == "default" else f"/programs/acme{field}"
    assert str(refused.value).startswith(f"MENTORING_CALENDARS: {file}: {pointer}: ")
    assert rule in str(refused.value)


def test_a_program_that_is_no_token_is_refused(file: Path) -> None:
    with pytest.raises(BadSetting, match="/programs: must match"):
        read(file, {"programs": {"a b": {}}})


def test_what_is_no_json_is_refused_with_its_line(file: Path) -> None:
    file.write_text('{"default":\n nothing}')
    with pytest.raises(BadSetting, match=r"calendars\.json: line 2: is no JSON"):
        read_calendars(file, KEY)


def test_a_file_that_is_not_there_is_refused(file: Path) -> None:
    with pytest.raises(BadSetting, match=r"calendars\.json cannot be read: No such file"):
        read_calendars(file, KEY)


def test_a_room_needs_a_key(file: Path) -> None:
    with pytest.raises(BadSetting, match="needs MENTORING_CALENDAR_KEY_FILE"):
        read(file, {"programs": {"acme": {"join": "https://meet.example.org/{room}"}}}, None)


# -- the key ------------------------------------------------------------------------------------


def test_a_token_is_43_characters_of_base64url_and_always_the_same() -> None:
    token = KEY.token("acme", "ada", 0)
    assert token == FeedKey(bytes(32)).token("acme", "ada", 0)
    assert len(base64.urlsafe_b64decode(f"{token}=")) == 32
    assert KEY.fits(token, "acme", "ada", 0)


def test_tokens_of_other_persons_programs_generations_and_keys_differ() -> None:
    ours = ("acme", "ada", 0)
    others = [("acme", "grace", 0), ("emca", "ada", 0), ("acme", "ada", 1)]
    tokens = [KEY.token(*each) for each in (ours, *others)]
    tokens.append(FeedKey(b"1" * 32).token(*ours))
    assert len(set(tokens)) == 5
    assert [KEY.fits(token, *ours) for token in tokens] == [True, False, False, False, False]
    assert not KEY.fits("ü", *ours)


def test_a_room_is_no_part_of_a_token_and_differs_for_each_meeting() -> None:
    rooms = {KEY.room("acme", "c1", meeting) for meeting in ("m1", "m2")}
    assert len(rooms) == 2
    assert {len(room) for room in rooms} == {32}
    assert KEY.room("acme", "ada", "0") != KEY.token("acme", "ada", 0)[:32]


def test_a_key_is_read_from_a_file_before_a_variable(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{TEXT}\n")
    found = read_key(path, new_key())
    assert found is not None
    assert found.mark == KEY.mark
    other = read_key(None, new_key())
    assert other is not None
    assert other.mark != KEY.mark
    assert read_key(None, None) is None
    assert read_key(None, "") is None


@pytest.mark.parametrize("text", ["secret", TEXT[:-4], TEXT + TEXT, "ü"])
def test_a_malformed_key_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSetting, match="MENTORING_CALENDAR_KEY: must be 32") as refused:
        read_key(None, text)
    assert text not in str(refused.value)
    path = tmp_path / "key"
    path.write_text(text)
    with pytest.raises(BadSetting, match="MENTORING_CALENDAR_KEY_FILE: "):
        read_key(path, None)


def test_an_empty_file_is_no_key(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.touch()
    with pytest.raises(BadSetting, match="MENTORING_CALENDAR_KEY_FILE: must be 32"):
        read_key(path, TEXT)


# -- at start -----------------------------------------------------------------------------------


def test_without_a_key_it_is_said_once_that_feeds_are_off(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        check(Settings())
        assert [each.message for each in caplog.records] == [
            "calendar feeds are off: MENTORING_CALENDAR_KEY_FILE is not set"
        ]
        caplog.clear()
        check(Settings(calendar_key=TEXT))
        assert caplog.records == []


def test_bad_settings_are_refused_at_start(file: Path) -> None:
    file.write_text("[]")
    with pytest.raises(BadSetting, match="must be an object"):
        check(Settings(calendar_key=TEXT, calendars=file))
    with pytest.raises(BadSetting, match="MENTORING_CALENDAR_KEY"):
        check(Settings(calendar_key="short"))
