"""What became of the lines that were handed in: counts, the bad ones told, and none of them lost."""

from __future__ import annotations

import os
import shutil
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from services.cli.lines import Bad, Good, check
from services.cli.output import Failure, say

_TOLD = 20
"""Bad lines that are told one by one; the rest is counted."""


@dataclass
class HandedIn:
    """The lines of one file or pipe.

    Attributes:
        name: the file, `-` for a pipe.
        keep: where bad lines go; those of a pipe, which are nowhere else, go to a file that we name.
        kept: the file, once something is in it.
    """

    name: str
    keep: Path | None = None
    lines: int = 0
    published: int = 0
    already: int = 0
    bad: list[Bad] = field(default_factory=list)
    kept: Path | None = None
    _began: int = 0

    def refuse_its_own_input(self, file: BinaryIO) -> None:
        """The bad lines of a file must not go behind its own end: it would never be reached.

        Raises:
            Failure: they would.
        """
        if self.keep is None or not self.keep.exists():
            return
        if os.path.samestat(os.fstat(file.fileno()), self.keep.stat()):
            raise Failure("--bad names the file that is read: give another one")

    def sort(self, chunk: list[tuple[int, bytes]]) -> list[Good]:
        """Check each line: tell and keep the bad ones, return the good ones."""
        good = []
        for number, line in chunk:
            found = check(number, line)
            self.lines += found is not None
            if isinstance(found, Good):
                good.append(found)
            elif found is not None:
                self._note(found)
        return good

    def _note(self, bad: Bad) -> None:
        self.bad.append(bad)
        if len(self.bad) <= _TOLD:
            say(str(bad))
        elif len(self.bad) == _TOLD + 1:
            say("more bad lines follow: --json tells all of them, --bad keeps them")
        if self.keep is not None or self.name == "-":
            with self._spare("bad-lines") as file:
                file.write(bad.line.rstrip(b"\r\n") + b"\n")

    def keep_all(self, file: BinaryIO) -> None:
        """Nothing of what a pipe brought is published: keep all of it, in the place of its bad lines."""
        if self.kept is not None and self.keep is None:
            self.kept.unlink()
            self.kept = None
        with self._spare("unpublished") as copy:
            copy.truncate(self._began)
            shutil.copyfileobj(file, copy)

    def _spare(self, kind: str) -> BinaryIO:
        """Readable for this user alone: lines may be confidential. What stood in it before stays.

        Raises:
            Failure: it cannot be written.
        """
        path = self.kept or self.keep or Path(f"{kind}-{uuid.uuid4().hex[:8]}.jsonl")
        try:
            handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        except OSError as error:
            raise Failure(f"bad lines cannot be kept in {path}: {error.strerror}") from error
        if self.kept is None:
            self.kept, self._began = path, os.fstat(handle).st_size
        return os.fdopen(handle, "ab")

    def plain(self) -> dict[str, Any]:
        """For programs."""
        bad = [{"line": b.number, "field": b.field, "rule": b.rule} for b in self.bad]
        return {
            "lines": self.lines,
            "published": self.published,
            "already_there": self.already,
            "bad": bad,
            "kept_in": None if self.kept is None else str(self.kept),
        }

    def __str__(self) -> str:
        """For people."""
        words = f"{self.published:,} published"
        if self.already:
            words += f", {self.already:,} were in the log already"
        if self.bad:
            words += f", {len(self.bad):,} bad"
        return words + (f"; what was not published is in {self.kept}" if self.kept else "")
