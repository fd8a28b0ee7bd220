"""The key ring, on SQLite and PostgreSQL: keys per person, wrapped, and gone for ever when erased."""

import base64
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import create_engine, inspect, text

from services.feedback import keyring_schema
from services.feedback.keyring import (
    KeyDamaged,
    KeyRefused,
    KeyRing,
    PersonErased,
    kek_of,
    new_kek,
)
from services.feedback.keyring_store import RingStore
from services.feedback.keyring_tables import RingBase
from services.feedback.sealing import Contents, Place, seal, shared_key
from shared.outcome import StoreTrouble

ROOT = Path(__file__).parents[2]
PLACE = Place("acme", "c1", "review", "m1", "mentee", "standard-mentee")
SAID = Contents({"usefulness": 4}, "she never listens to me")
KEK = kek_of(None, new_kek())

Open = Callable[[], KeyRing]


@pytest.fixture
def open_ring(database_url: str) -> Iterator[Open]:
    """Opens the same key ring again and again."""
    rings: list[KeyRing] = []

    def opened() -> KeyRing:
        rings.append(KeyRing(database_url, KEK))
        return rings[-1]

    yield opened
    for ring in rings:
        ring.close()


def test_what_is_sealed_opens_in_another_process(open_ring: Open) -> None:
    sealed = open_ring().seal("ada", "grace", PLACE, SAID)

    assert open_ring().unseal("ada", "grace", PLACE, sealed) == SAID


@pytest.mark.parametrize("person", ["ada", "grace"])
def test_erasing_either_person_makes_it_unreadable(open_ring: Open, person: str) -> None:
    ring = open_ring()
    sealed = ring.seal("ada", "grace", PLACE, SAID)

    ring.erase(("acme", person))
    ring.erase(("acme", person))

    assert ring.unseal("ada", "grace", PLACE, sealed) is None


def test_no_key_is_ever_made_again_for_who_is_erased(open_ring: Open) -> None:
    ring = open_ring()
    ring.erase(("acme", "grace"), ("acme", "never-seen"))

    for person in ("grace", "never-seen"):
        with pytest.raises(PersonErased):
            ring.seal("ada", person, PLACE, SAID)


def test_a_person_is_erased_in_one_program_only(open_ring: Open) -> None:
    ring = open_ring()
    ring.erase(("zenith", "ada"))

    assert ring.seal("ada", "grace", PLACE, SAID)


def test_erasing_nobody_does_nothing(open_ring: Open) -> None:
    open_ring().erase()


def test_two_who_make_the_same_key_agree_on_one(open_ring: Open) -> None:
    rings, sealed = [open_ring() for _ in range(4)], []
    start = threading.Barrier(len(rings))

    def work(ring: KeyRing) -> None:
        start.wait()
        sealed.append(ring.seal("ada", "grace", PLACE, SAID))

    threads = [threading.Thread(target=work, args=(ring,)) for ring in rings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [rings[0].unseal("ada", "grace", PLACE, one) for one in sealed] == [SAID] * len(rings)


def test_another_key_encryption_key_is_refused(open_ring: Open, database_url: str) -> None:
    open_ring()
    other = new_kek()

    with pytest.raises(KeyRefused, match="made with another key-encryption key") as refused:
        KeyRing(database_url, kek_of(None, other))

    assert other not in str(refused.value)


def test_no_key_stands_in_the_database_in_clear(tmp_path: Path) -> None:
    file = tmp_path / "ring.db"
    ring = KeyRing(f"sqlite:///{file}", KEK)
    ring.seal("ada", "grace", PLACE, SAID)
    with create_engine(f"sqlite:///{file}").connect() as connection:
        wrapped = connection.execute(text("SELECT wrapped FROM data_key")).scalars().all()
    assert len({len(key) for key in wrapped}) == 1

    ring.erase(("acme", "ada"), ("acme", "grace"))

    assert not any(key in file.read_bytes() for key in wrapped)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ring.db"]


def test_a_new_file_is_for_its_owner_alone_and_one_that_is_there_stays_as_it_is(
    tmp_path: Path,
) -> None:
    file = tmp_path / "keyring.db"
    ring = KeyRing(f"sqlite:///{file}", KEK)
    ring.seal("ada", "grace", PLACE, SAID)
    ring.close()
    assert file.stat().st_mode & 0o777 == 0o600

    file.chmod(0o640)
    KeyRing(f"sqlite:///{file}", KEK).close()
    assert file.stat().st_mode & 0o777 == 0o640


def test_wrapped_keys_cannot_change_places(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ring.db'}"
    ring = KeyRing(url, KEK)
    sealed = ring.seal("ada", "grace", PLACE, SAID)
    with create_engine(url).begin() as connection:
        swap = "(SELECT wrapped FROM data_key WHERE person = 'grace')"
        connection.execute(text(f"UPDATE data_key SET wrapped = {swap} WHERE person = 'ada'"))

    with pytest.raises(KeyDamaged, match="the data key of acme/ada does not open"):
        ring.unseal("ada", "grace", PLACE, sealed)


def test_a_damaged_key_that_is_said_to_be_lost_opens_nothing_and_stops_nobody(
    open_ring: Open, database_url: str
) -> None:
    ring = open_ring()
    sealed = ring.seal("ada", "grace", PLACE, SAID)
    with ring.store.engine.begin() as connection:
        connection.execute(
            text("UPDATE data_key SET wrapped = :b WHERE person = 'ada'"), {"b": b"x"}
        )

    lost = KeyRing(database_url, KEK, lost=True)
    try:
        assert lost.unseal("ada", "grace", PLACE, sealed) is None
        with pytest.raises(KeyDamaged):
            lost.seal("ada", "grace", PLACE, SAID)
    finally:
        lost.close()


def test_a_key_ring_that_is_away_is_trouble_and_not_an_answer(tmp_path: Path) -> None:
    file = tmp_path / "ring.db"
    ring = KeyRing(f"sqlite:///{file}", KEK)
    sealed = ring.seal("ada", "grace", PLACE, SAID)
    ring.close()
    file.unlink()
    file.mkdir()

    with pytest.raises(StoreTrouble):
        ring.unseal("ada", "grace", PLACE, sealed)


@pytest.mark.parametrize("text", ["", None])
def test_a_missing_key_encryption_key_says_what_to_set(text: str | None) -> None:
    with pytest.raises(KeyRefused, match="set MENTORING_KEK_FILE to a file, or MENTORING_KEK"):
        kek_of(None, text)


@pytest.mark.parametrize("text", ["secret", "c2VjcmV0", "é"])
def test_a_malformed_key_encryption_key_is_not_repeated(text: str) -> None:
    with pytest.raises(KeyRefused, match="not 32 bytes in base64") as refused:
        kek_of(None, text)

    assert text not in str(refused.value)


def test_the_file_goes_before_the_variable(tmp_path: Path) -> None:
    file = tmp_path / "kek"
    file.write_text(new_kek() + "\n")

    assert kek_of(file, new_kek()) != kek_of(None, new_kek())
    assert kek_of(file, None) == kek_of(file, new_kek())


def test_a_file_that_cannot_be_read_is_named_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(KeyRefused, match="MENTORING_KEK_FILE names a file that cannot be read"):
        kek_of(tmp_path / "nowhere", new_kek())


def test_several_keys_stand_on_lines_or_between_commas(tmp_path: Path) -> None:
    first, second = new_kek(), new_kek()
    file = tmp_path / "kek"
    file.write_text(f"{first}\n\n{second}\n{first}\n")

    assert kek_of(file, None) == kek_of(None, f"{first},{second}")
    assert kek_of(file, None).first == kek_of(None, first).first


def test_the_malformed_one_of_several_keys_is_named_by_its_number() -> None:
    with pytest.raises(KeyRefused, match="key-encryption key 2 in MENTORING_KEK is not 32 bytes"):
        kek_of(None, f"{new_kek()},c2VjcmV0")


def test_no_error_and_no_fingerprint_shows_a_key() -> None:
    given = new_kek()
    keks = kek_of(None, given)

    assert given not in repr(keks)
    assert str(keks.first.key) not in repr(keks)
    assert len(keks.first.fingerprint) == 12
    assert keks.first.fingerprint not in keks.first.key.hex()


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql://a:secret@db/keyring",
        "postgresql://a:secret@db:port/keyring",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_an_address_that_is_none_is_told_by_its_rule_and_not_repeated(url: str) -> None:
    with pytest.raises(KeyRefused, match="MENTORING_KEYRING_URL: use sqlite:///") as refused:
        KeyRing(url, KEK)

    assert "secret" not in str(refused.value)


# -- the schema ------------------------------------------------------------------------------------


def test_the_newest_revision_that_the_code_knows_is_the_last_of_the_history() -> None:
    history = ScriptDirectory(str(ROOT / "services" / "feedback" / "keyring_migrations"))

    assert history.get_current_head() == keyring_schema.NEWEST


def test_the_history_makes_the_tables_that_the_code_knows(database_url: str) -> None:
    RingStore(database_url).close()
    engine = create_engine(database_url)
    found = {
        name: {column["name"]: column["nullable"] for column in inspect(engine).get_columns(name)}
        for name in RingBase.metadata.tables
    }
    engine.dispose()

    assert found == {
        name: {column.name: column.nullable for column in table.columns}
        for name, table in RingBase.metadata.tables.items()
    }


def ring_of_the_build_before(url: str) -> str:
    """A key ring as the build made it that had no history: what ada says of grace, sealed; bob is erased."""
    kek, nonce, keys = AESGCM(KEK.first.key), b"n" * 12, {"ada": b"a" * 32, "grace": b"g" * 32}
    blob = "BYTEA" if url.startswith("postgresql") else "BLOB"
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in (
            (
                f"CREATE TABLE data_key (program VARCHAR NOT NULL, person VARCHAR NOT NULL, "
                f"wrapped {blob}, PRIMARY KEY (program, person))"
            ),
            f"CREATE TABLE proof (id INTEGER NOT NULL, wrapped {blob} NOT NULL, PRIMARY KEY (id))",
        ):
            connection.execute(text(statement))
        proof = nonce + kek.encrypt(nonce, b"mentoring key ring", b"")
        connection.execute(text("INSERT INTO proof VALUES (1, :wrapped)"), {"wrapped": proof})
        rows: list[dict[str, object]] = [
            {"person": who, "wrapped": nonce + kek.encrypt(nonce, key, f"acme/{who}".encode())}
            for who, key in keys.items()
        ]
        put = text("INSERT INTO data_key VALUES ('acme', :person, :wrapped)")
        connection.execute(put, [*rows, {"person": "bob", "wrapped": None}])
    engine.dispose()
    return seal(shared_key("acme", keys["ada"], keys["grace"]), PLACE, SAID)


def test_a_key_ring_of_the_build_before_is_taken_over(database_url: str, open_ring: Open) -> None:
    sealed = ring_of_the_build_before(database_url)

    ring = open_ring()

    assert ring.unseal("ada", "grace", PLACE, sealed) == SAID
    census = ring.store.census()
    assert (dict(census.keys), census.wraps) == ({KEK.first.fingerprint: 2}, KEK.first.fingerprint)
    assert census.erased == 1
    assert open_ring().unseal("ada", "grace", PLACE, sealed) == SAID


def test_a_key_ring_of_the_build_before_still_knows_its_key(database_url: str) -> None:
    ring_of_the_build_before(database_url)

    with pytest.raises(KeyRefused, match="made with another key-encryption key"):
        KeyRing(database_url, kek_of(None, new_kek()))


def test_what_the_build_before_adds_beside_us_opens_and_is_named_at_the_next_start(
    open_ring: Open, database_url: str
) -> None:
    ring = open_ring()
    sealed = ring.seal("ada", "grace", PLACE, SAID)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE data_key SET kek = NULL"))
    engine.dispose()

    assert ring.unseal("ada", "grace", PLACE, sealed) == SAID
    assert dict(ring.store.census().keys) == {"?": 2}
    assert dict(open_ring().store.census().keys) == {KEK.first.fingerprint: 2}


def test_processes_that_open_a_key_ring_of_the_build_before_at_once_upgrade_it_once(
    database_url: str, open_ring: Open
) -> None:
    sealed = ring_of_the_build_before(database_url)
    opening = (
        "import base64, os, sys; from services.feedback.keyring import KeyRing, keks; "
        "sys.stdin.read(1); KeyRing(os.environ['RING'], keks(base64.b64decode(os.environ['KEK'])))"
    )
    environment = {
        **os.environ,
        "RING": database_url,
        "KEK": base64.b64encode(KEK.first.key).decode(),
    }
    processes = [
        subprocess.Popen([sys.executable, "-c", opening], cwd=ROOT, env=environment, stdin=-1)
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write(b"!")
        process.stdin.close()

    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert open_ring().unseal("ada", "grace", PLACE, sealed) == SAID


def test_an_upgrade_that_is_cut_off_leaves_the_key_ring_as_it_was(
    database_url: str, open_ring: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = ring_of_the_build_before(database_url)
    upgrade = command.upgrade

    def cut_off(config: Config, revision: str) -> None:
        upgrade(config, revision)
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "upgrade", cut_off)
    with pytest.raises(KeyboardInterrupt):
        open_ring()
    monkeypatch.undo()

    engine = create_engine(database_url)
    columns = [column["name"] for column in inspect(engine).get_columns("data_key")]
    engine.dispose()
    assert columns == ["program", "person", "wrapped"]
    assert open_ring().unseal("ada", "grace", PLACE, sealed) == SAID


def test_a_key_ring_of_a_newer_version_is_left_alone(database_url: str, open_ring: Open) -> None:
    open_ring()
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE keyring_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(KeyRefused, match="schema 9999 of a newer version"):
        open_ring()


def test_tables_of_its_names_that_are_no_key_rings_are_left_alone(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE proof (id INTEGER, author VARCHAR)"))
    engine.dispose()

    with pytest.raises(KeyRefused, match="proof there is no key ring's"):
        KeyRing(database_url, KEK)


def test_a_file_that_was_replaced_while_it_is_open_is_the_one_that_is_used(tmp_path: Path) -> None:
    url, file, copy = f"sqlite:///{tmp_path / 'ring.db'}", tmp_path / "ring.db", tmp_path / "copy"
    ring = KeyRing(url, KEK)
    ring.seal("ada", "grace", PLACE, SAID)
    shutil.copy(file, copy)
    copy.replace(file)

    sealed = ring.seal("joan", "grace", PLACE, SAID)

    assert KeyRing(url, KEK).unseal("joan", "grace", PLACE, sealed) == SAID


def test_who_has_a_key_who_is_erased_and_who_is_unknown_is_told_without_a_key(
    open_ring: Open, database_url: str
) -> None:
    ring = open_ring()
    ring.seal("ada", "grace", PLACE, SAID)
    ring.erase(("acme", "grace"))
    store = RingStore(database_url)

    standings = [store.standing("acme", person) for person in ("ada", "grace", "joan")]
    store.close()

    assert standings == ["key", "erased", "unknown"]


def test_keys_made_elsewhere_are_taken_and_none_that_is_there_is_changed(open_ring: Open) -> None:
    ring = open_ring()
    sealed = ring.seal("ada", "grace", PLACE, SAID)
    ring.erase(("acme", "joan"))

    ring.take("acme", {"ada": b"x" * 32, "joan": b"y" * 32, "mary": b"z" * 32})

    assert ring.unseal("ada", "grace", PLACE, sealed) == SAID
    assert ring.store.standing("acme", "joan") == "erased"
    assert ring.store.standing("acme", "mary") == "key"
