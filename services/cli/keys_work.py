"""Looks at the key ring's key-encryption keys, makes new ones, and rotates them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from services.cli.output import Failure
from services.cli.secret_file import write_secret

if TYPE_CHECKING:
    from services.feedback.keyring_keks import Keks
    from services.feedback.keyring_rotation import Rotated
    from services.feedback.keyring_store import Census


@dataclass(frozen=True, slots=True)
class Known:
    """A key-encryption key as it stands.

    Attributes:
        fingerprint: names it; `?` stands for those of rows that name none until feedback starts.
        place: which one it is among those given, from 1 on; None when it is not given.
        keys: how many data keys it wraps.
        wraps: whether it wraps new ones.
    """

    fingerprint: str
    place: int | None
    keys: int
    wraps: bool

    @property
    def needed(self) -> bool:
        """Whether something cannot be read without it."""
        return self.wraps or (self.keys > 0 and self.fingerprint != "?")


def prepend(file: Path) -> Keks:
    """Put a fresh key-encryption key before those in the file; gives all of them.

    Raises:
        Failure: the file holds something else, or cannot be written.
    """
    from services.feedback.keyring_keks import KeyRefused, kek_of, new_kek

    try:
        before = file.read_text(encoding="ascii") if file.exists() else ""
        if before.strip():
            kek_of(None, before)
        write_secret(file, f"{new_kek()}\n{before}")
        return kek_of(file, None)
    except KeyRefused:
        raise Failure(
            f"{file} holds something else than key-encryption keys: left as it is"
        ) from None
    except (OSError, UnicodeError) as error:
        raise Failure(f"{file} cannot be read: {type(error).__name__}") from error


def census_of(url: str) -> Census:
    """What the key ring holds.

    Raises:
        Failure: it is none.
        StoreTrouble: its database does not answer.
    """
    from services.feedback.keyring_keks import KeyRefused
    from services.feedback.keyring_store import RingStore

    try:
        store = RingStore(url)
    except KeyRefused as error:
        raise Failure(str(error)) from error
    try:
        return store.census()
    finally:
        store.close()


def known(census: Census, given: Sequence[str]) -> list[Known]:
    """Every key-encryption key that is given or needed: the given ones in their order first."""
    others = sorted((census.needed | ({"?"} & census.keys.keys())) - set(given))
    return [
        Known(
            fingerprint,
            given.index(fingerprint) + 1 if fingerprint in given else None,
            census.keys.get(fingerprint, 0),
            fingerprint == census.wraps,
        )
        for fingerprint in (*given, *others)
    ]


def rotate(url: str, given: Keks, told: Callable[[int], None]) -> Rotated:
    """Have the first key-encryption key wrap every data key.

    Raises:
        Failure: a key-encryption key that is needed is not given.
        StoreTrouble: the database does not answer; what is done is done.
    """
    from services.feedback.keyring import KeyRefused, KeyRing
    from services.feedback.keyring_rotation import rotate as work

    try:
        ring = KeyRing(url, given)
        try:
            return work(ring, told)
        finally:
            ring.close()
    except KeyRefused as error:
        raise Failure(str(error)) from error
