"""What is kept of texts: the latest, up to so many bytes."""

from __future__ import annotations

from services.scheduling.kept import Kept


def test_a_text_that_was_put_is_found_again() -> None:
    kept = Kept(10)
    assert kept.get("a") is None
    kept.put("a", b"text")
    assert kept.get("a") == b"text"


def test_those_not_asked_for_longest_make_room() -> None:
    kept = Kept(10)
    for name in ("a", "b"):
        kept.put(name, b"12345")
    kept.get("a")
    kept.put("c", b"12345")
    assert [kept.get(name) for name in ("a", "b", "c")] == [b"12345", None, b"12345"]


def test_the_same_name_takes_room_once() -> None:
    kept = Kept(10)
    kept.put("a", b"12345")
    for _ in range(5):
        kept.put("b", b"54321")
    assert kept.get("a") == b"12345"


def test_a_text_that_is_longer_than_all_room_is_not_kept() -> None:
    kept = Kept(10)
    kept.put("a", b"12345")
    kept.put("b", b"x" * 11)
    assert kept.get("b") is None
    kept.put("c", b"x" * 10)
    assert kept.get("c") is not None
