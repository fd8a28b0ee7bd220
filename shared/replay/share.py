"""What one of several workers folds of a log: some of its programs, each of them whole."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Share:
    """The share of one worker among several. Programs know nothing of each other, so each is folded by itself.

    A log of at least as many partitions is shared by partitions; of fewer, by programs, and each worker reads all.

    Attributes:
        number: of the worker, from 1 on.
        of: how many there are.
        partitions: of the log.
    """

    number: int
    of: int
    partitions: int
    _met: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Such as `1of4`."""
        return f"{self.number}of{self.of}"

    @property
    def by_program(self) -> bool:
        """Whether it takes only some programs of its partitions."""
        return self.partitions < self.of

    @property
    def read(self) -> Sequence[int]:
        """The partitions that it reads."""
        if self.by_program:
            return range(self.partitions)
        return range(self.number - 1, self.partitions, self.of)

    def takes(self, subject: str) -> bool:
        """Whether the event of this subject, in a partition that it reads, is one of its own."""
        if not self.by_program:
            return True
        program = subject.split(".", 2)[1]
        found = self._met.get(program)
        if found is None:
            # Not the server's hash: within one of its partitions that one is the same for all, modulo a common factor.
            found = zlib.crc32(program.encode()) % self.of == self.number - 1
            self._met[program] = found
        return found
