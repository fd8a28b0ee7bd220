"""What an operator asks for: which dead letters, where they are, and who acts on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from services.cli.output import Failure

KINDS = ("parked", "rejected", "invalid")
STATES = ("open", "redriven", "discarded", "all")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dead letters; what is None does not matter.

    Attributes:
        kind, state, word, program, key, error: as in `letters.Wanted`; the state `all` is any.
        older, newer: stored longer ago than that, or since then.
        seqs: these alone.
        limit: at most so many.
    """

    kind: str | None = None
    state: str | None = None
    word: str | None = None
    program: str | None = None
    key: str | None = None
    error: str | None = None
    older: timedelta | None = None
    newer: timedelta | None = None
    seqs: Sequence[int] = ()
    limit: int | None = None

    @property
    def has_age(self) -> bool:
        """Whether the log must say when they were stored."""
        return self.older is not None or self.newer is not None

    def must_be_meant(self, *, everything: bool) -> None:
        """Refuse to act on everything because nothing was said.

        Raises:
            Failure: neither sequences nor --limit nor --all were given, or two of them that contradict.
        """
        if self.seqs and everything:
            raise Failure("give sequences or --all, not both")
        if not (self.seqs or everything or self.limit):
            raise Failure("which? Give sequences, --limit N to try a few, or --all")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the log and the stores are, as the options said it."""

    database: str | None
    nats: str | None
    folder: Path


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts and why.

    Attributes:
        by: a token.
        reason: in words, for the audit log.
        code: for the event log.
        patience: seconds that the service may take to fold what was said.
        yes: do not ask.
    """

    by: str
    reason: str
    code: str
    patience: float
    yes: bool
