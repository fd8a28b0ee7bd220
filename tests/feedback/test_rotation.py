"""Rotation of the key-encryption key: online, resumable, and the old one opens nothing afterwards."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from services.feedback.keyring import KeyRefused, KeyRing, kek_of, new_kek
from services.feedback.keyring_keks import Keks
from services.feedback.keyring_rotation import rotate
from services.feedback.keyring_store import RingStore, after, replace
from services.feedback.keyring_tables import KEYS, reading, writing
from services.feedback.sealing import Contents, Place
from shared.outcome import StoreTrouble

ROOT = Path(__file__).parents[2]
PLACE = Place("acme", "c1", "review", "m1", "mentee", "standard-mentee")
SAID = Contents({"usefulness": 4}, "she never listens to me")
OLD, NEW = kek_of(None, new_kek()), kek_of(None, new_kek())
BOTH = Keks((*NEW.all, *OLD.all))

Open = Callable[..., KeyRing]


@pytest.fixture
def open_ring(database_url: str) -> Iterator[Open]:
    """Opens the same key ring again and again."""
    rings: list[KeyRing] = []

    def opened(given: Keks = OLD, reread: Callable[[], Keks] | None = None) -> KeyRing:
        rings.append(KeyRing(database_url, given, reread))
        return rings[-1]

    yield opened
    for ring in rings:
        ring.close()


def wrapped(store: RingStore) -> list[bytes]:
    """Every wrapped data key as it is stored."""
    with reading(store.engine) as connection:
        found = connection.execute(select(KEYS.c.wrapped)).scalars().all()
    return [key for key in found if key is not None]


def names(count: int) -> list[str]:
    return [f"p{number:04}" for number in range(count)]


def test_a_new_key_in_the_file_wraps_nothing_before_a_rotation(open_ring: Open) -> None:
    open_ring().seal("ada", "grace", PLACE, SAID)

    open_ring(BOTH).seal("joan", "grace", PLACE, SAID)

    assert dict(open_ring(BOTH).store.census().keys) == {OLD.first.fingerprint: 3}


def test_after_a_rotation_the_new_key_alone_opens_everything(open_ring: Open) -> None:
    sealed = open_ring().seal("ada", "grace", PLACE, SAID)

    done = rotate(open_ring(BOTH))

    assert (done.kek, done.rewrapped) == (NEW.first.fingerprint, 2)
    ring = open_ring(NEW)
    assert ring.unseal("ada", "grace", PLACE, sealed) == SAID
    again = ring.seal("ada", "grace", PLACE, SAID)
    assert ring.unseal("ada", "grace", PLACE, again) == SAID


def test_after_a_rotation_the_old_key_alone_is_refused(open_ring: Open) -> None:
    open_ring().seal("ada", "grace", PLACE, SAID)
    rotate(open_ring(BOTH))

    with pytest.raises(KeyRefused, match=NEW.first.fingerprint):
        open_ring(OLD)


def test_a_removed_key_that_is_still_needed_is_named_at_the_start(open_ring: Open) -> None:
    ring = open_ring()
    for person in names(4):
        ring.seal(person, "grace", PLACE, SAID)
    begun = open_ring(BOTH)
    begun.put_first_in_charge()
    begun.rewrap(limit=2)

    with pytest.raises(KeyRefused, match=f"{OLD.first.fingerprint}, which is not given"):
        open_ring(NEW)
    assert rotate(open_ring(BOTH)).rewrapped == 3
    open_ring(NEW)


def test_a_rotation_said_again_changes_nothing(open_ring: Open) -> None:
    open_ring().seal("ada", "grace", PLACE, SAID)
    rotate(open_ring(BOTH))
    before = wrapped(open_ring(BOTH).store)

    assert rotate(open_ring(BOTH)).rewrapped == 0
    assert wrapped(open_ring(BOTH).store) == before


def test_a_damaged_key_stops_no_rotation_and_is_counted(open_ring: Open) -> None:
    ring = open_ring()
    sealed = ring.seal("joan", "grace", PLACE, SAID)
    ring.seal("ada", "grace", PLACE, SAID)
    with writing(ring.store.engine) as connection:
        row = next(row for row in after(connection, ("", ""), "", 9) if row.person == "ada")
        whole = row.wrapped
        replace(connection, [(row, whole[:-1])], OLD.first.fingerprint)

    done = rotate(open_ring(BOTH))

    assert (done.rewrapped, done.damaged) == (2, {OLD.first.fingerprint: 1})
    assert open_ring(BOTH).unseal("joan", "grace", PLACE, sealed) == SAID
    with writing(ring.store.engine) as connection:
        row = next(iter(after(connection, ("", ""), NEW.first.fingerprint, 9)))
        replace(connection, [(row, whole)], OLD.first.fingerprint)
    assert rotate(open_ring(BOTH)).damaged == {}


def test_who_is_erased_stays_erased_in_a_rotation(open_ring: Open) -> None:
    ring = open_ring()
    sealed = ring.seal("ada", "grace", PLACE, SAID)
    ring.erase(("acme", "grace"))

    rotate(open_ring(BOTH))

    found = open_ring(NEW)
    assert found.store.standing("acme", "grace") == "erased"
    assert found.unseal("ada", "grace", PLACE, sealed) is None


def test_a_key_that_was_erased_between_reading_and_writing_is_not_put_back(open_ring: Open) -> None:
    ring = open_ring()
    ring.seal("ada", "grace", PLACE, SAID)
    with writing(ring.store.engine) as connection:
        rows = after(connection, ("", ""), "another", 10)
    ring.erase(("acme", "ada"))

    with writing(ring.store.engine) as connection:
        put = replace(connection, [(row, b"anew") for row in rows], "another")

    assert (len(rows), put) == (2, 1)
    assert ring.store.standing("acme", "ada") == "erased"


def test_a_service_that_runs_meanwhile_reads_the_file_again(open_ring: Open) -> None:
    file = [OLD]
    running = open_ring(OLD, lambda: file[0])
    sealed = running.seal("ada", "grace", PLACE, SAID)
    file[0] = BOTH
    rotate(open_ring(BOTH))

    assert running.unseal("ada", "grace", PLACE, sealed) == SAID
    running.seal("joan", "grace", PLACE, SAID)

    assert set(open_ring(NEW).store.census().keys) == {NEW.first.fingerprint}


def test_a_key_that_is_not_at_hand_is_trouble_until_it_is_and_never_an_answer(
    open_ring: Open,
) -> None:
    file = [OLD]
    running = open_ring(OLD, lambda: file[0])
    sealed = running.seal("ada", "grace", PLACE, SAID)
    rotate(open_ring(BOTH))

    for attempt in (
        lambda: running.unseal("ada", "grace", PLACE, sealed),
        lambda: running.seal("joan", "grace", PLACE, SAID),
    ):
        with pytest.raises(StoreTrouble, match=NEW.first.fingerprint):
            attempt()
    assert running.store.standing("acme", "joan") == "unknown"

    file[0] = BOTH
    assert running.unseal("ada", "grace", PLACE, sealed) == SAID


def test_a_file_that_is_malformed_for_a_moment_is_trouble(open_ring: Open) -> None:
    def broken() -> Keks:
        return kek_of(None, "half a li")

    running = open_ring(OLD, broken)
    sealed = running.seal("ada", "grace", PLACE, SAID)
    rotate(open_ring(BOTH))

    with pytest.raises(StoreTrouble, match="not 32 bytes in base64"):
        running.unseal("ada", "grace", PLACE, sealed)


def test_a_rotation_begins_when_those_have_ended_who_still_wrap_with_the_old_key(
    open_ring: Open,
) -> None:
    making, rotating = open_ring(), open_ring(BOTH)
    begun = threading.Event()

    def begin() -> None:
        rotating.put_first_in_charge()
        begun.set()

    thread = threading.Thread(target=begin)
    with writing(making.store.engine) as connection:
        kek = making._in_charge(connection)
        thread.start()
        waited = not begun.wait(0.3)
    thread.join()

    assert (kek, waited) == (OLD.first, True)
    assert rotating.store.census().wraps == NEW.first.fingerprint


def test_keys_that_are_made_while_it_rotates_need_the_old_one_no_more(open_ring: Open) -> None:
    running, rotating = open_ring(OLD, lambda: BOTH), open_ring(BOTH)
    for person in names(60):
        running.seal(person, "grace", PLACE, SAID)
    sealed: dict[str, str] = {}
    stop = threading.Event()

    def work() -> None:
        for number in range(10_000):
            if stop.is_set():
                break
            sealed[f"q{number}"] = running.seal(f"q{number}", "grace", PLACE, SAID)

    thread = threading.Thread(target=work)
    thread.start()
    _until(lambda: len(sealed) > 5)
    rotating.put_first_in_charge()
    last, _ = rotating.rewrap(limit=5)
    while last is not None:
        last, _ = rotating.rewrap(last, 5)
    behind = len(sealed)
    _until(lambda: len(sealed) > behind + 5)
    stop.set()
    thread.join()

    alone = open_ring(NEW)
    assert {alone.unseal(q, "grace", PLACE, one) == SAID for q, one in sealed.items()} == {True}
    assert set(alone.store.census().keys) == {NEW.first.fingerprint}


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(3_000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")


ROTATING = """
import os
from services.feedback.keyring import KeyRing, kek_of
ring = KeyRing(os.environ["RING"], kek_of(None, os.environ["KEKS"]))
ring.put_first_in_charge()
print("begun", flush=True)
last, done = ring.rewrap(limit=3)
while last is not None:
    print(done, flush=True)
    last, done = ring.rewrap(last, 3)
"""


def test_a_rotation_that_is_killed_anywhere_loses_nothing_and_is_gone_on_with(
    tmp_path: Path,
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance, old, new = random.Random(seed), new_kek(), new_kek()
    url = f"sqlite:///{tmp_path / 'ring.db'}"
    ring = KeyRing(url, kek_of(None, old))
    sealed = {person: ring.seal(person, "grace", PLACE, SAID) for person in names(150)}
    environment = {**os.environ, "RING": url, "KEKS": f"{new},{old}"}
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", ROTATING], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        assert process.stdout
        for _ in range(chance.randrange(1, 20)):
            process.stdout.readline()
        time.sleep(chance.random() * 0.01)
        process.send_signal(signal.SIGKILL)
        process.wait(30)

        both = KeyRing(url, kek_of(None, environment["KEKS"]))
        assert all(both.unseal(p, "grace", PLACE, one) == SAID for p, one in sealed.items())

    left = rotate(KeyRing(url, kek_of(None, environment["KEKS"]))).rewrapped

    assert left < 151
    alone = KeyRing(url, kek_of(None, new))
    assert all(alone.unseal(p, "grace", PLACE, one) == SAID for p, one in sealed.items())


def test_neither_erased_keys_nor_the_old_wrapping_stay_in_the_file(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance, file = random.Random(seed), tmp_path / "ring.db"
    ring = KeyRing(f"sqlite:///{file}", OLD)
    people = names(400)
    chance.shuffle(people)
    ring.take("acme", {person: chance.randbytes(32) for person in people[:200]})
    gone = wrapped(ring.store)
    ring.take("acme", {person: chance.randbytes(32) for person in people[200:]})
    ring.erase(*(("acme", person) for person in chance.sample(people[:200], 100)))
    assert sum(key in file.read_bytes() for key in gone) >= 100

    rotate(KeyRing(f"sqlite:///{file}", BOTH))

    left = file.read_bytes()
    assert [key for key in gone if key in left] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ring.db"]
    assert all(key in left for key in wrapped(ring.store))
