"""Erasure on a real log, three services and both databases: words are gone from everywhere, and nothing else is."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.backends.nats_server import NatsServer
from tests.backends.postgres_server import PostgresServer
from tests.chaos.databases import Database, PostgresDatabase, SqliteDatabase
from tests.chaos.trio import Place
from tests.feedback.erasure_scene import (
    MENTEE,
    MENTOR,
    PHRASES,
    PROGRAM,
    SERVICES,
    Scene,
    content,
    forms,
)

pytestmark = pytest.mark.xdist_group("erasure")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """The mentee of a pair was erased; what was found on the way stands in `evidence`."""
    folder = tmp_path_factory.mktemp("erasure")
    with NatsServer(folder / "nats") as nats:
        if request.param == "sqlite":
            yield from played(on_sqlite(nats, folder))
        else:
            with PostgresServer(durable=False) as server:
                yield from played(on_postgresql(nats, folder, server))


def on_sqlite(nats: NatsServer, folder: Path) -> Scene:
    databases: dict[str, Database] = {
        name: SqliteDatabase(folder / f"{name}.db") for name in SERVICES
    }
    ring = SqliteDatabase(folder / "keyring.db")

    def files() -> Iterator[Path]:
        return (path for path in folder.rglob("*") if path.is_file())

    def ring_files() -> Iterator[Path]:
        return folder.glob("keyring.db*")

    return Scene(
        Place(nats.url, folder, databases, ring.url), ring, files, ring_files, lambda: None
    )


def on_postgresql(nats: NatsServer, folder: Path, server: PostgresServer) -> Scene:
    databases: dict[str, Database] = {name: PostgresDatabase(server, name) for name in SERVICES}
    ring = PostgresDatabase(server, "keyring")
    with psycopg.connect(ring.url.replace("+psycopg", "")) as connection:
        asked = "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = 'keyring'"
        row = connection.execute(asked).fetchone()
    assert row
    data = Path(row[0])

    def files() -> Iterator[Path]:
        both = (*folder.rglob("*"), *data.parent.rglob("*"))
        return (path for path in both if path.is_file())

    def ring_files() -> Iterator[Path]:
        return (path for path in (data / "base" / str(row[1])).iterdir() if path.is_file())

    def flush() -> None:
        with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    return Scene(Place(nats.url, folder, databases, ring.url), ring, files, ring_files, flush)


def played(scene: Scene) -> Iterator[Scene]:
    """What happened."""
    found = scene.evidence
    scene.begin()
    try:
        scene.pair_meets()
        scene.write()
        found["opened before"], found["in clear before"] = scene.opens(), scene.in_clear()
        found["shown before"] = scene.shown()
        scene.ring.copy()
        scene.place.databases["feedback"].copy()
        scene.rotate()
        found["shown rotated"] = scene.shown()
        scene.export("before.jsonl.zst")
        found["not left"], found["stated before"] = scene.erase_here(), scene.stated()
        found["erased"], found["stated"] = scene.erase("--leave"), scene.stated()
        found["again"], found["stated again"] = scene.erase_here(), scene.stated()
        found["shown"] = scene.shown()
        found["digests"] = scene.digests()
        yield scene
    finally:
        scene.end()


def test_words_stood_nowhere_in_clear_before_either(scene: Scene) -> None:
    assert scene.evidence["opened before"] == {"review": True, "about": True, "own": True}
    assert scene.evidence["in clear before"] == []


def test_who_has_not_left_is_not_erased_and_nothing_is_said(scene: Scene) -> None:
    assert "p-mentee is in 1 open cycle: give --leave" in scene.evidence["not left"]
    assert scene.evidence["stated before"] == ["available"]


def test_it_ends_the_cycle_waits_for_every_service_and_takes_the_key(scene: Scene) -> None:
    code, answer = scene.evidence["erased"]

    assert code == 0, answer
    assert answer["services"] == dict.fromkeys(SERVICES, "folded")
    assert (answer["key"], answer["rewritten"], answer["open"]) == ("erased", True, [])
    assert scene.evidence["stated"] == ["available", "left", "erased"]
    assert scene.outcome() == "left"


def test_said_again_it_finds_everything_done_and_says_nothing(scene: Scene) -> None:
    again = scene.evidence["again"]

    assert (again.complete, again.left, again.erased) == (True, None, None)
    assert scene.evidence["stated again"] == scene.evidence["stated"]


def test_nobody_of_this_name_is_refused(scene: Scene) -> None:
    assert scene.erase_here("p-mente") == f"nobody in {PROGRAM} is called p-mente"


def test_no_key_opens_what_the_erased_wrote_or_what_was_written_about_them(scene: Scene) -> None:
    assert scene.opens() == {"review": False, "about": False, "own": True}


def test_the_http_interface_shows_no_word_of_it_any_more_and_says_so(scene: Scene) -> None:
    before, after = scene.evidence["shown before"], scene.evidence["shown"]
    gone = {PHRASES["review"], PHRASES["about"]}

    assert {phrase for phrase in gone if any(phrase in words for words in before.values())} == gone
    assert [who for who, words in after.items() if any(phrase in words for phrase in gone)] == []
    assert all('"unreadable":true' in after[who] for who in (MENTEE, MENTOR))
    assert PHRASES["own"] in after[MENTOR]


def test_a_service_that_runs_goes_on_when_the_key_encryption_key_is_changed(scene: Scene) -> None:
    assert scene.evidence["shown rotated"] == scene.evidence["shown before"]


def test_the_wrapped_key_is_gone_from_the_key_rings_files(scene: Scene) -> None:
    old, new = scene.wrapped
    assert old != new
    assert scene.on_disk() == []


def test_words_stand_nowhere_in_clear_afterwards_nor_in_an_archive(scene: Scene) -> None:
    scene.export("after.jsonl.zst")

    assert scene.in_clear() == []


def test_the_search_would_find_a_word_in_a_file_or_an_archive(scene: Scene) -> None:
    planted = scene.place.folder / "planted.txt"
    for form in forms(PHRASES["review"]):
        planted.write_bytes(b"....." + form + b".....")
        assert scene.in_clear([planted]) == [str(planted)]
    planted.unlink()
    assert any(
        path.suffix == ".zst" and b"mentoring.submitted" in content(path) for path in scene.files()
    )
    assert any(
        path.suffix == ".blk" and b"mentoring.submitted" in path.read_bytes()
        for path in scene.files()
    )


def test_the_reason_is_kept_for_auditors_and_not_in_the_log(scene: Scene) -> None:
    _, acts = scene.run("audit", "feedback", "--kind", "erase", "--json")
    holding = {
        path.name
        for path in scene.files()
        if path.suffix == ".blk" and PHRASES["reason"].encode() in path.read_bytes()
    }

    assert PHRASES["reason"] in acts
    assert '"by":"ada"' in acts
    assert f'"person":"{MENTEE}"' in acts
    assert holding == set()


@pytest.mark.parametrize("scene", ["sqlite"], indirect=True)
def test_every_store_is_still_what_the_log_says(scene: Scene) -> None:
    code, answer = scene.run("replay", "verify")

    assert code == 0, answer


def test_a_restored_key_ring_revives_nobody(scene: Scene) -> None:
    scene.processes["feedback"].stop()
    scene.ring.put_back()
    assert scene.opens()["review"]

    restart(scene)

    assert scene.opens() == {"review": False, "about": False, "own": True}


def test_restored_copies_of_store_and_key_ring_together_revive_nobody(scene: Scene) -> None:
    scene.processes["feedback"].stop()
    scene.ring.put_back()
    scene.place.databases["feedback"].put_back()
    assert scene.opens()["review"]

    restart(scene)

    assert scene.opens() == {"review": False, "about": False, "own": True}
    assert scene.digests() == scene.evidence["digests"]


def restart(scene: Scene) -> None:
    """Feedback starts, and has opened the key ring and caught up when the erased person has no key."""
    scene.processes["feedback"].start()
    scene.catch_up("feedback", scene.evidence["erased"][1]["erased"])
    scene.until_erased()
