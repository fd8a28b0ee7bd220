"""The key ring, on SQLite and PostgreSQL: keys per person, wrapped, and gone for ever when erased."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from services.feedback.keyring import KeyRefused, KeyRing, PersonErased, kek_of, new_kek
from services.feedback.sealing import Contents, Place
from shared.outcome import StoreTrouble

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


def test_wrapped_keys_cannot_change_places(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ring.db'}"
    ring = KeyRing(url, KEK)
    sealed = ring.seal("ada", "grace", PLACE, SAID)
    with create_engine(url).begin() as connection:
        swap = "(SELECT wrapped FROM data_key WHERE person = 'grace')"
        connection.execute(text(f"UPDATE data_key SET wrapped = {swap} WHERE person = 'ada'"))

    with pytest.raises(KeyRefused):
        ring.unseal("ada", "grace", PLACE, sealed)


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
