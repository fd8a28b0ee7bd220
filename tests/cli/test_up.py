"""`mentoring up`: everything on one machine, found by the other commands, ended without a trace."""

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream

from services.cli.main import main
from services.cli.place import Addresses, Folder
from tests.backends.process import wait_until_gone
from tests.cli.conftest import Mentoring

pytestmark = pytest.mark.xdist_group("up")
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "first-cycle.jsonl"


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    """A folder in which everything runs."""
    folder = Folder(tmp_path_factory.mktemp("up"))
    command("up", "--detach", "--dir", str(folder.path))
    yield folder
    command("down", "--dir", str(folder.path))


def test_status_finds_it_by_the_folder_alone(
    mentoring: Mentoring, up: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENTORING_DIR", str(up.path))

    answer = mentoring("status", "--json")

    assert [each["state"] for each in answer.json["services"]] == ["live"] * 3
    assert (answer.code, answer.json["problems"]) == (0, [])


def test_a_second_one_in_the_same_folder_says_that_it_runs(
    mentoring: Mentoring, up: Folder
) -> None:
    for flags in ([], ["--detach"]):
        answer = mentoring("up", "--dir", str(up.path), *flags)

        assert answer.code == 2
        assert f"already running in {up.path}" in answer.err


def test_what_is_killed_comes_back(mentoring: Mentoring, up: Folder) -> None:
    before = told(up)

    os.kill(before.nats_pid, signal.SIGKILL)
    for place in before.services.values():
        os.kill(place.pid, signal.SIGKILL)
    while mentoring("status", "--dir", str(up.path)).code != 0:
        pass

    after = told(up)
    assert not pids(before) & pids(after)
    assert addresses(before) == addresses(after)


def test_the_key_of_the_key_ring_is_for_this_user_alone(up: Folder) -> None:
    assert stat.S_IMODE(up.kek.stat().st_mode) == 0o600


def test_the_key_of_the_calendars_is_for_this_user_alone_and_another_one(up: Folder) -> None:
    assert stat.S_IMODE(up.calendar_key.stat().st_mode) == 0o600
    assert up.calendar_key.read_text() != up.kek.read_text()


def test_the_key_of_the_tokens_is_for_this_user_alone_and_another_one(up: Folder) -> None:
    assert stat.S_IMODE(up.token_key.stat().st_mode) == 0o600
    assert up.token_key.read_text() not in {up.kek.read_text(), up.calendar_key.read_text()}


def test_a_calendar_is_read_at_its_secret_address_until_that_is_withdrawn(
    mentoring: Mentoring, up: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENTORING_DIR", str(up.path))
    monkeypatch.setenv("MENTORING_AUDIT_LOG", str(up.path / "audit.jsonl"))
    assert mentoring("publish", str(EXAMPLE)).code == 0
    while mentoring("schedule", "feed", "p-mentee").code != 0:
        pass

    address = mentoring("schedule", "feed", "p-mentee").out.strip()
    while len(events := read_calendar(address).events) < 4:
        pass
    invitation = mentoring("schedule", "invitation", "c-first", "1")
    new = mentoring("schedule", "feed", "p-mentee", "--revoke", "--reason", "lost").out.strip()

    assert IcsCalendarStream.calendar_from_ics(invitation.out).events[0].uid == events[0].uid
    with pytest.raises(HTTPError, match="404"):
        read_calendar(address)
    assert [event.uid for event in read_calendar(new).events] == [event.uid for event in events]


def read_calendar(url: str) -> Calendar:
    """What a calendar program sees at an address."""
    with build_opener(ProxyHandler({})).open(url) as answer:
        return IcsCalendarStream.calendar_from_ics(answer.read().decode())


def test_a_key_that_is_gone_is_not_replaced(mentoring: Mentoring, tmp_path: Path) -> None:
    (tmp_path / "keyring.db").touch()

    answer = mentoring("up", "--dir", str(tmp_path))

    assert answer.code == 2
    assert f"{tmp_path / 'kek'} is missing, and what {tmp_path / 'keyring.db'} holds" in answer.err
    assert not (tmp_path / "kek").exists()


def test_down_leaves_no_process_and_the_next_up_is_where_it_was(
    mentoring: Mentoring, tmp_path: Path
) -> None:
    folder = Folder(tmp_path / "data")
    assert mentoring("up", "--detach", "--driven", "--dir", str(folder.path)).code == 0
    first, key = told(folder), folder.kek.read_text()

    assert mentoring("down", "--dir", str(folder.path)).code == 0
    wait_until_gone(*pids(first))

    again = mentoring("up", "--detach", "--json", "--dir", str(folder.path))
    second = told(folder)
    os.kill(second.pid, signal.SIGKILL)
    wait_until_gone(*pids(second))
    assert (again.json["nats"], first.driven, second.driven) == (first.nats, True, False)
    assert addresses(first) == addresses(second)
    assert folder.kek.read_text() == key
    assert "nothing runs in" in mentoring("down", "--dir", str(folder.path)).err


def test_a_port_that_is_taken_ends_it_before_anything_runs(
    mentoring: Mentoring, up: Folder, tmp_path: Path
) -> None:
    port = told(up).nats.rpartition(":")[2]

    answer = mentoring("up", "--dir", str(tmp_path / "other"), "--nats-port", port)

    assert answer.code == 2
    assert f"port {port} is taken" in answer.err
    assert not Folder(tmp_path / "other").running()


def told(folder: Folder) -> Addresses:
    """Where everything is."""
    found = folder.addresses()
    assert found is not None
    return found


def pids(told: Addresses) -> set[int]:
    """The supervised processes."""
    return {told.nats_pid, *(place.pid for place in told.services.values())}


def addresses(told: Addresses) -> list[str]:
    """What other programs may have noted down."""
    return [told.nats, told.monitor, *(place.url for place in told.services.values())]


def command(*arguments: str) -> None:
    """Run the command; it must end well."""
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    assert end.value.code in {0, None}
