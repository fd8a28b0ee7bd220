"""`mentoring keys`: a new key-encryption key, which wraps what, and rotation."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from services.cli.place import Folder
from services.feedback.keyring import KeyRing, kek_of, new_kek
from services.feedback.sealing import Contents, Place
from tests.cli.conftest import Mentoring

PLACE = Place("spring", "c1", "review", "m1", "mentee", "meeting")
SAID = Contents({"usefulness": 4}, "she never listens to me")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of this machine, and an audit log of its own."""
    for name in ("MENTORING_KEK", "MENTORING_KEK_FILE", "MENTORING_KEYRING_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MENTORING_AUDIT_LOG", str(tmp_path / "audit.jsonl"))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder of `mentoring up` with a key ring: ann and bob have data keys, cyd is erased."""
    folder = Folder(tmp_path / "mentoring-data")
    folder.path.mkdir()
    folder.kek.write_text(new_kek() + "\n")
    ring = ring_of(folder)
    ring.seal("ann", "bob", PLACE, SAID)
    ring.erase(("spring", "cyd"))
    ring.close()
    return folder


def ring_of(folder: Folder) -> KeyRing:
    return KeyRing(f"sqlite:///{folder.database('keyring')}", kek_of(folder.kek, None))


def test_a_new_key_is_printed_and_is_another_one_each_time(mentoring: Mentoring) -> None:
    first, second = mentoring("keys", "new").out, mentoring("keys", "new").out

    assert len(kek_of(None, f"{first},{second}").all) == 2


def test_a_new_key_stands_before_the_others_and_the_file_stays_as_private_as_it_was(
    mentoring: Mentoring, folder: Folder, tmp_path: Path
) -> None:
    before = kek_of(folder.kek, None)
    folder.kek.chmod(0o640)

    answer = mentoring("keys", "new", "--file", str(folder.kek))
    mentoring("keys", "new", "--file", str(tmp_path / "fresh"))

    made = kek_of(folder.kek, None)
    assert made.all[1:] == before.all
    assert made.first.fingerprint in answer.err
    assert folder.kek.read_text().splitlines()[0] not in answer.out + answer.err
    assert stat.S_IMODE(folder.kek.stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "fresh").stat().st_mode) == 0o600


def test_a_file_that_holds_something_else_is_left_as_it_is(
    mentoring: Mentoring, tmp_path: Path
) -> None:
    (tmp_path / "notes").write_text("to do\n")

    answer = mentoring("keys", "new", "--file", "notes")

    assert (answer.code, (tmp_path / "notes").read_text()) == (2, "to do\n")
    assert "holds something else than key-encryption keys" in answer.err


def test_it_is_shown_which_key_wraps_what_and_no_key(mentoring: Mentoring, folder: Folder) -> None:
    mentoring("keys", "new", "--file", str(folder.kek))

    answer = mentoring("keys", "show", "--json")

    new, old = kek_of(folder.kek, None).fingerprints
    assert answer.code == 0
    assert answer.json == {
        "keys": [
            {"fingerprint": new, "given": 1, "data_keys": 0, "wraps": False},
            {"fingerprint": old, "given": 2, "data_keys": 2, "wraps": True},
        ],
        "erased": 1,
    }
    assert (
        "`mentoring keys rotate` has the first key wrap everything" in mentoring("keys", "show").err
    )


def test_a_key_that_is_needed_and_not_given_is_a_finding(
    mentoring: Mentoring, folder: Folder
) -> None:
    old = kek_of(folder.kek, None).first.fingerprint
    folder.kek.write_text(new_kek())

    answer = mentoring("keys", "show")

    assert answer.code == 1
    assert f"{old}: put this key back into the file" in answer.err


def test_a_rotation_lets_the_old_key_go_and_stands_in_the_audit_log(
    mentoring: Mentoring, folder: Folder
) -> None:
    old = kek_of(folder.kek, None).first.fingerprint
    sealed = ring_of(folder).seal("ann", "bob", PLACE, SAID)
    mentoring("keys", "new", "--file", str(folder.kek))

    answer = mentoring("keys", "rotate", "--reason", "yearly", "--by", "ada")

    assert answer.code == 0
    assert f"{old} wraps nothing any more: its line may go" in answer.err
    folder.kek.write_text(folder.kek.read_text().splitlines()[0])
    assert ring_of(folder).unseal("ann", "bob", PLACE, sealed) == SAID
    acts = mentoring("audit", "--kind", "rotate", "--json").json
    assert [(act["by"], act["reason"], act["state"]) for act in acts] == [("ada", "yearly", "done")]
    assert acts[0]["detail"]["rewrapped"] == 2


def test_a_damaged_data_key_is_a_finding_and_keeps_the_old_keys_line(
    mentoring: Mentoring, folder: Folder
) -> None:
    old = kek_of(folder.kek, None).first.fingerprint
    with closing(sqlite3.connect(folder.database("keyring"))) as database, database:
        database.execute("UPDATE data_key SET wrapped = x'00' WHERE person = 'ann'")
    mentoring("keys", "new", "--file", str(folder.kek))

    answer = mentoring("keys", "rotate", "--reason", "yearly")

    assert answer.code == 1
    assert f"1 of {old} do not open: restore them from a backup of the key ring" in answer.err
    assert "its line may go" not in answer.err
    (act,) = mentoring("audit", "--kind", "rotate", "--json").json
    assert act["detail"]["damaged"] == {old: 1}


def test_a_rotation_without_a_key_that_is_needed_does_nothing_and_says_which(
    mentoring: Mentoring, folder: Folder
) -> None:
    old = kek_of(folder.kek, None).first.fingerprint
    folder.kek.write_text(new_kek())

    answer = mentoring("keys", "rotate", "--reason", "yearly")

    assert answer.code == 2
    assert f"made with another key-encryption key ({old})" in answer.err
    acts = mentoring("audit", "--kind", "rotate", "--json").json
    assert [act["state"] for act in acts] == ["failed"]


def test_a_key_ring_that_is_not_there_is_not_made(
    mentoring: Mentoring, folder: Folder, tmp_path: Path
) -> None:
    folder.database("keyring").unlink()
    elsewhere = f"sqlite:///{tmp_path / 'nowhere.db'}"

    for options in ([], ["--keyring", elsewhere]):
        for act in (["show"], ["rotate", "--reason", "yearly"]):
            answer = mentoring("keys", *act, *options)
            assert answer.code == 2
            assert "there is no key ring" in answer.err
    assert not folder.database("keyring").exists()
    assert not (tmp_path / "nowhere.db").exists()


def test_the_settings_of_the_environment_go_before_the_folder(
    mentoring: Mentoring, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    kek = folder.kek.read_text().strip()
    folder.kek.unlink()
    monkeypatch.setenv("MENTORING_KEK", f"{new_kek()},{kek}")
    monkeypatch.setenv("MENTORING_KEYRING_URL", f"sqlite:///{folder.database('keyring')}")

    assert mentoring("keys", "show").code == 0
    assert mentoring("keys", "rotate", "--reason", "yearly", "--json").json["rewrapped"] == 2
