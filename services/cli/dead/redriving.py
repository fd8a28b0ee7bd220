"""Redrives parked letters: in the order of the log, a key's next only when the one before is folded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.cli.dead import attempts, choosing, outcome, saying
from services.cli.dead.attempts import Attempts, Said
from services.cli.dead.journal import Journal
from services.cli.dead.letters import Letter, held
from services.cli.dead.outcome import Became
from services.cli.dead.saying import Operator
from shared.log import Log
from shared.store import Store

_Started = tuple[int, Letter, int, Said, bool]
"""What was said and is not seen folded yet: the operation, the letter, the attempt, what was said, whether by us."""


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt and what became of it.

    Attributes:
        letter: what was redriven.
        attempt: which attempt.
        said: the `redriven` in the log.
        ours: it was said by this call, not by another operator at the same time.
        became: what became of the letter.
    """

    letter: Letter
    attempt: int
    said: Said
    ours: bool
    became: Became


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be redriven, as it stood when the operator was asked.

    Attributes:
        letters: in the order of the log, without a gap in a key.
        known: what operators had said. An attempt made since then is not made again.
        attempts: which attempt each letter's is, by letter.
    """

    letters: Sequence[Letter]
    known: Attempts
    attempts: Mapping[Letter, int]


@dataclass
class Redriving:
    """One call of the command.

    Args:
        log, store: of the service.
        service: its name.
        operator: who redrives.
        patience: seconds that the service may take to fold what was said.
        journal: keeps each attempt.

    Attributes:
        tries: every attempt, in order.
        slow: the service has not folded one in time: no more were made.
        gone: letters that were not tried because somebody else had them folded, or gave them up, meanwhile.
    """

    log: Log
    store: Store
    service: str
    operator: Operator
    patience: float
    journal: Journal
    tries: list[Try] = field(default_factory=list)
    slow: bool = False
    gone: set[Letter] = field(default_factory=set)
    _blocked: dict[tuple[str, str], Try] = field(default_factory=dict)

    async def plan(self, letters: Sequence[Letter]) -> Plan:
        """Look which attempt comes next for each that is still parked.

        First the log, then the store: what others say later than the log was read is found when we speak.

        Raises:
            LogTrouble, ReaderLost, StoreTrouble: the log or the database cannot be read.
        """
        known = await attempts.read(self.log)
        numbers = await asyncio.to_thread(self._numbers, letters, known)
        return Plan(list(numbers), known, numbers)

    async def carry_out(self, first: Plan) -> None:
        """Redrive; those that waited for one of another key are tried again as long as something moves.

        Raises:
            LogTrouble, ReaderLost, Refused, StoreTrouble: what was said until then stands.
        """
        todo = first
        while todo.letters:
            done = await self._pass(todo)
            moved = any(each.became.state == "folded" for each in done)
            again = self._again(todo.letters, done)
            if not moved or self.slow:
                return
            self._blocked.clear()
            todo = await self.plan(again)
            await self._note_gone(set(again) - set(todo.letters))

    def last_tries(self) -> list[Try]:
        """The last attempt of each letter, in the order of the log."""
        last = {made.letter: made for made in self.tries}
        return sorted(last.values(), key=lambda made: made.letter.seq)

    async def _pass(self, todo: Plan) -> list[Try]:
        done: list[Try] = []
        for chunk in choosing.chunks(todo.letters):
            started: list[_Started] = []
            try:
                for letter in chunk:
                    if (letter.program, letter.about) not in self._blocked:
                        started.append(await self._start(letter, todo))  # noqa: PERF401 - kept when one fails
            except Exception:  # what is in the log already is to be told and written down, too
                await self._finish_all(started)
                raise
            done += await self._finish_all(started)
            if self.slow:
                break
        return done

    async def _finish_all(self, started: Sequence[_Started]) -> list[Try]:
        return [await self._finish(*each) for each in started]

    async def _start(self, letter: Letter, todo: Plan) -> _Started:
        attempt = todo.attempts[letter]
        number = await asyncio.to_thread(self.journal.begin, letter)
        try:
            said, ours = await saying.redrive(
                self.log, todo.known, self.service, letter, attempt, self.operator
            )
        except Exception as error:
            await asyncio.to_thread(self.journal.fail, number, error)
            raise
        return number, letter, attempt, said, ours

    async def _finish(
        self, number: int, letter: Letter, attempt: int, said: Said, ours: bool
    ) -> Try:
        became = await outcome.of(self.store, letter, said, 0 if self.slow else self.patience)
        made = Try(letter, attempt, said, ours, became)
        await asyncio.to_thread(self.journal.end, number, letter, said.seq, attempt, became)
        if became.state in {"parked", "waiting"}:
            self._blocked[letter.program, letter.about] = made
        self.slow = self.slow or became.state == "waiting"
        self.tries.append(made)
        return made

    def _again(self, letters: Sequence[Letter], done: Sequence[Try]) -> list[Letter]:
        """Those that waited for another key, and those of their key that were not tried for that."""
        tried = {each.letter for each in done}
        again = {each.letter for each in done if each.became.waits}
        for letter in letters:
            before = self._blocked.get((letter.program, letter.about))
            if letter not in tried and before is not None and before.became.waits:
                again.add(letter)
        return sorted(again, key=lambda each: each.seq)

    async def _note_gone(self, gone: set[Letter]) -> None:
        """What is not parked any more: somebody else had it folded, or gave it up."""
        tried = {made.letter: made for made in self.last_tries() if made.letter in gone}
        self.gone |= gone - tried.keys()
        for letter, made in tried.items():
            found = await asyncio.to_thread(outcome.now, self.store, letter, made.said)
            self.tries.append(replace(made, ours=False, became=found))

    def _numbers(self, letters: Sequence[Letter], known: Attempts) -> dict[Letter, int]:
        parked = {(letter.program, letter.seq) for letter in held(self.store)}
        still = [letter for letter in letters if (letter.program, letter.seq) in parked]
        numbers = {
            letter: choosing.attempt_of(self.store, self.service, letter, known) for letter in still
        }
        return {letter: number for letter, number in numbers.items() if number is not None}
