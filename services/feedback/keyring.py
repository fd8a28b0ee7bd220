"""The key ring: a data key per person, in a database of its own, wrapped by a key-encryption key.

The one thing that is not rebuilt from the log. Erasing a person deletes the data key and leaves a tombstone,
so that none is ever made again; what was sealed under it is then unreadable wherever it stands.

The one row of `proof` names the key-encryption key that wraps new data keys; only a rotation changes it. Whoever
makes a data key reads it under a lock, so that none is wrapped by the one before once a rotation has begun.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from sqlalchemy import URL, Connection, select, update

from services.feedback.keyring_keks import (
    HOW,
    Kek,
    Keks,
    KeyDamaged,
    KeyRefused,
    kek_of,
    keks,
    new_kek,
    not_given,
)
from services.feedback.keyring_store import Keyed, RingStore, Wrapped, after, replace
from services.feedback.keyring_tables import KEYS, PROOFS, DataKey, insert, writing
from services.feedback.sealing import KEY_BYTES, Contents, Place, seal, shared_key, unseal
from shared.outcome import StoreTrouble

__all__ = [
    "DataKey",
    "KeyDamaged",
    "KeyRefused",
    "KeyRing",
    "PersonErased",
    "kek_of",
    "keks",
    "new_kek",
]

_PROOF = b"mentoring key ring"
_BATCH = 500


class PersonErased(Exception):
    """The person is erased: no key is ever made again."""


class KeyRing:
    """Seals and unseals with the data keys of two persons. Safe to share between threads and processes.

    Attributes:
        store: its database.
    """

    def __init__(
        self,
        url: str | URL,
        given: Keks,
        reread: Callable[[], Keks] | None = None,
        *,
        lost: bool = False,
    ) -> None:
        """Open the key ring, making its tables when it is new.

        Args:
            url: SQLAlchemy URL of its database.
            given: the key-encryption keys; the first wraps in a new key ring.
            reread: gives them anew, when a data key turns up that was wrapped by another one since.
            lost: a damaged data key counts as gone, since no backup holds it.

        Raises:
            KeyRefused: a key-encryption key is missing that wraps something here, or none is this key ring's.
            StoreTrouble: its database does not answer.
        """
        self.keks = given
        self._reread = reread or (lambda: given)
        self._lost = lost
        self.store = RingStore(url)
        try:
            self._settle()
            self._refuse_missing()
        except BaseException:
            self.store.close()
            raise

    def is_empty(self) -> bool:
        """Whether nobody has, or ever had, a data key here."""
        return self.store.is_empty()

    def close(self) -> None:
        """Give the connections back."""
        self.store.close()

    def seal(self, author: str, subject: str, place: Place, contents: Contents) -> str:
        """Seal what `author` says about `subject`; makes their data keys when they have none.

        Raises:
            PersonErased: one of the two is erased.
            TooLong: the contents are.
            StoreTrouble: the database does not answer, or names a key-encryption key that is not given.
            KeyDamaged: the data key of one of them does not open.
        """
        keys = self._keys(place.program, author, subject)
        if keys is None:
            self._make(place.program, {author, subject})
            keys = self._keys(place.program, author, subject)
        if keys is None:
            raise PersonErased
        return seal(shared_key(place.program, *keys), place, contents)

    def unseal(self, author: str, subject: str, place: Place, sealed: str) -> Contents | None:
        """The contents, or None when a key is gone or the bytes are not what was sealed there.

        Raises:
            StoreTrouble: the database does not answer, or a key-encryption key is not at hand: that says nothing
                about the contents.
            KeyDamaged: the data key of one of them does not open, and is not known to be lost.
        """
        try:
            keys = self._keys(place.program, author, subject)
        except KeyDamaged:
            if not self._lost:
                raise
            keys = None
        return None if keys is None else unseal(shared_key(place.program, *keys), place, sealed)

    def erase(self, *persons: Keyed) -> None:
        """Delete the data keys of (program, person) for ever; erasing again changes nothing."""
        self.store.erase(*persons)

    def take(self, program: str, keys: Mapping[str, bytes]) -> None:
        """Take data keys that were made elsewhere, by person; who has one, or is erased, keeps that."""
        with writing(self.store.engine) as connection:
            kek = self._in_charge(connection)
            rows = [_row(kek, program, person, key) for person, key in sorted(keys.items())]
            if rows:
                adding = insert(connection, KEYS).on_conflict_do_nothing()
                connection.execute(adding, rows)

    # -- rotation --

    def put_first_in_charge(self) -> str:
        """Have the first key-encryption key wrap whatever is made from now on; returns its fingerprint."""
        kek = self.keks.first
        with writing(self.store.engine) as connection:
            proof = {"wrapped": kek.wrap(_PROOF, b""), "kek": kek.fingerprint}
            connection.execute(update(PROOFS).values(proof).where(PROOFS.c.kek != kek.fingerprint))
        return kek.fingerprint

    def rewrap(self, last: Keyed = ("", ""), limit: int = _BATCH) -> tuple[Keyed | None, int]:
        """Wrap the next data keys anew with the first key-encryption key, in one transaction.

        Returns:
            The last one that was looked at, None when there was none, and how many were wrapped anew: who was
            erased meanwhile stays erased, and what is damaged stays as it is.
        """
        kek = self.keks.first
        with writing(self.store.engine) as connection:
            rows = after(connection, last, kek.fingerprint, limit)
            opened = [(row, self._opened(row)) for row in rows]
            anew = [(row, kek.wrap(key, row.bound)) for row, key in opened if key]
            done = replace(connection, anew, kek.fingerprint)
        return ((rows[-1].program, rows[-1].person) if rows else None), done

    # -- inside --

    def _make(self, program: str, persons: set[str]) -> None:
        """Make data keys for those who have none and no tombstone: whoever comes first wins."""
        with writing(self.store.engine) as connection:
            kek = self._in_charge(connection)
            rows = [_row(kek, program, each, os.urandom(KEY_BYTES)) for each in sorted(persons)]
            connection.execute(insert(connection, KEYS).on_conflict_do_nothing(), rows)

    def _keys(self, program: str, *persons: str) -> list[bytes] | None:
        """The data keys of these persons in their order, or None when one has none."""
        found = self.store.found(program, persons)
        if any(person not in found for person in persons):
            return None
        return [self._unwrap(found[person]) for person in persons]

    def _unwrap(self, row: Wrapped) -> bytes:
        """A data key, or KeyDamaged."""
        key = self._opened(row)
        if key is None:
            whose = f"{row.program}/{row.person}"
            raise KeyDamaged(f"the data key of {whose} does not open under {row.kek or 'any key'}")
        return key

    def _opened(self, row: Wrapped) -> bytes | None:
        """A data key, if it opens. A build that knew one key-encryption key only may have left its name out."""
        named = self._kek(row.kek) if row.kek else self.keks.first
        keys = (kek.unwrap(row.wrapped, row.bound) for kek in (named, *self.keks.all))
        return next((key for key in keys if key is not None), None)

    def _in_charge(self, connection: Connection) -> Kek:
        """The key-encryption key that wraps now; a rotation waits until this transaction has ended."""
        named = connection.execute(select(PROOFS.c.kek).with_for_update(read=True)).scalar_one()
        return self._kek(named)

    def _kek(self, fingerprint: str) -> Kek:
        found = self.keks.get(fingerprint)
        if found is None:
            self.keks = self._given_now()
            found = self.keks.get(fingerprint)
        if found is None:
            raise StoreTrouble(f"the key ring: {not_given([fingerprint])}")
        return found

    def _given_now(self) -> Keks:
        try:
            return self._reread()
        except KeyRefused as error:
            raise StoreTrouble(f"the key ring: {error}") from error

    def _settle(self) -> None:
        """Prove the key-encryption keys, and name those of rows that a build without names has left."""
        with writing(self.store.engine) as connection:
            first = self.keks.first
            proof = {"id": 1, "wrapped": first.wrap(_PROOF, b""), "kek": first.fingerprint}
            connection.execute(insert(connection, PROOFS).values(proof).on_conflict_do_nothing())
            stored = connection.execute(select(PROOFS)).one()
            proven = self._proven(stored.wrapped, stored.kek)
            if stored.kek is None:
                connection.execute(update(PROOFS).values(kek=proven.fingerprint))
            self._name(connection)

    def _proven(self, wrapped: bytes, named: str | None) -> Kek:
        kek = next((each for each in self.keks.all if each.unwrap(wrapped, b"") == _PROOF), None)
        if kek is None:
            which = f" ({named})" if named else ""
            raise KeyRefused(
                f"this key ring was made with another key-encryption key{which}, given are "
                f"{', '.join(self.keks.fingerprints)}: {HOW}"
            )
        return kek

    def _name(self, connection: Connection) -> None:
        """Write down which key-encryption key wraps each row that names none."""
        unnamed = select(KEYS).where(KEYS.c.wrapped.is_not(None), KEYS.c.kek.is_(None))
        rows = connection.execute(unnamed.with_for_update()).all()
        found = [Wrapped(row.program, row.person, row.wrapped, None) for row in rows]
        for kek in self.keks.all:
            its = [row for row in found if kek.unwrap(row.wrapped, row.bound) is not None]
            replace(connection, [(row, row.wrapped) for row in its], kek.fingerprint)

    def _refuse_missing(self) -> None:
        missing = self.store.census().needed - {*self.keks.fingerprints}
        if missing:
            raise KeyRefused(f"{not_given(sorted(missing))}: {HOW}")


def _row(kek: Kek, program: str, person: str, key: bytes) -> dict[str, object]:
    wrapped = kek.wrap(key, f"{program}/{person}".encode())
    return {"program": program, "person": person, "wrapped": wrapped, "kek": kek.fingerprint}
