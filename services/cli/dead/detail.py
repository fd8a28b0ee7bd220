"""One dead letter with what stands around it: why, what was tried, what is before and behind it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from rich.text import Text

from services.cli.brief import instant, printable
from services.cli.dead import view
from services.cli.dead.attempts import Said
from services.cli.dead.letters import Letter, error_of
from services.cli.dead.probing import Probe
from services.cli.entries import stored
from shared.entry import Entry

_MANY = 10


@dataclass(frozen=True, slots=True)
class Attempt:
    """What an operator said about the letter, and what the service answered: a code, empty when it folded it."""

    said: Said
    answer: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A dead letter and what stands around it.

    Attributes:
        service: whose it is.
        letter: the row.
        entry: the event as the log holds it, None when it does not.
        attempts: what operators have said, in order.
        before, behind: parked letters of its key that must be folded first, and that wait behind it.
        probe: what would become of it now; None where that was not asked.
    """

    service: str
    letter: Letter
    entry: Entry | None
    attempts: Sequence[Attempt]
    before: Sequence[Letter]
    behind: Sequence[Letter]
    probe: Probe | None = None

    @property
    def stored(self) -> datetime | None:
        """When the log stored the event."""
        return stored(self.entry) if self.entry and self.entry.stored else None


def plain(detail: Detail, *, body: bool) -> dict[str, Any]:
    """For programs; the event only with `body`, in base64 when it is no JSON."""
    dated = {detail.letter.seq: detail.stored} if detail.stored else {}
    told = {
        **view.plain(detail.service, detail.letter, dated),
        "attempts": [_plain_attempt(each) for each in detail.attempts],
        "before": [each.seq for each in detail.before],
        "behind": [each.seq for each in detail.behind],
        "probe": _plain_probe(detail.probe) if detail.probe else None,
    }
    return {**told, **_plain_body(detail)} if body else told


def _plain_attempt(attempt: Attempt) -> dict[str, Any]:
    said = attempt.said
    return {
        "seq": said.seq,
        "word": said.event.word,
        "by": said.data.by,
        "reason": said.data.reason,
        "time": said.event.time.isoformat(),
        "answer": attempt.answer or None,
    }


def _plain_probe(probe: Probe) -> dict[str, Any]:
    return {
        "seq": probe.letter.seq,
        "outcome": probe.state,
        "error": probe.error or None,
        "place": probe.place or None,
        "answers": probe.answers,
        "timers": probe.timers,
    }


def _plain_body(detail: Detail) -> dict[str, Any]:
    if detail.entry is None:
        return {"body": None}
    try:
        event = orjson.loads(detail.entry.body)
        orjson.dumps(event)
    except (ValueError, TypeError):
        return {"body": None, "body_base64": base64.b64encode(detail.entry.body).decode()}
    return {"body": event}


def shown(detail: Detail, *, body: bool) -> Text:
    """For people."""
    return Text("\n").join([*_head(detail), *_around(detail), *(_body(detail) if body else ())])


def _head(detail: Detail) -> Iterator[Text]:
    letter = detail.letter
    when = f", stored {instant(detail.stored)} UTC" if detail.stored else ""
    yield Text(
        f"{detail.service}: {letter.kind} ({letter.state}) at sequence {letter.seq}{when}", "bold"
    )
    yield Text(f"event    {letter.word}  {letter.event or '(no event)'}")
    yield Text(f"key      {letter.program}/{letter.about}")
    if letter.kind == "parked":
        yield Text(f"cause    {letter.rule}: {error_of(letter)}")
    else:
        yield Text(f"rule     {letter.rule}")
        yield Text(f"field    {letter.field or '(none)'}")
    if detail.entry is None:
        yield Text("the log does not hold it any more", "red")


def _around(detail: Detail) -> Iterator[Text]:
    for attempt in detail.attempts:
        said = attempt.said
        ended = attempt.answer or _ended(attempt, detail.letter)
        words = f"{said.event.word} at {said.seq} by {said.data.by} ({said.data.reason})"
        yield Text(f"tried    {instant(said.event.time)}  {words}: {ended}")
    if detail.before:
        yield Text(
            f"before   {_seqs(detail.before)}: of the same key, to be folded or given up first"
        )
    if detail.behind:
        yield Text(f"behind   {_seqs(detail.behind)}: of the same key, waiting")
    if detail.probe:
        yield Text(f"now      {_probed(detail, detail.probe)}")
    if (detail.letter.kind, detail.letter.state) == ("parked", "open"):
        first = detail.before[0] if detail.before else detail.letter
        yield Text(
            f"\nWhen the cause is corrected: mentoring dead redrive {detail.service} {first.seq}"
        )


def _ended(attempt: Attempt, letter: Letter) -> str:
    """What became of an attempt to which the service said nothing."""
    if attempt.said.event.word == letter.state:
        return "folded" if letter.state == "redriven" else "given up"
    return "not folded, or not yet"


def _probed(detail: Detail, probe: Probe) -> str:
    """What the code of this command would make of it."""
    which = "it" if probe.letter.seq == detail.letter.seq else f"{probe.letter.seq}, before it,"
    if probe.state == "folded":
        return f"this code would fold {which}: {probe.answers} answers, {probe.timers} timers"
    if probe.state == "refused":
        return f"this code would refuse {which}: {probe.error}"
    where = f" at {probe.place}" if probe.place else ""
    return f"this code would park {which} again: {probe.error}{where}"


def _seqs(letters: Sequence[Letter]) -> str:
    told = ", ".join(str(each.seq) for each in letters[:_MANY])
    return told if len(letters) <= _MANY else f"{told} and {len(letters) - _MANY} more"


def _body(detail: Detail) -> Iterator[Text]:
    if detail.entry is not None:
        yield Text("")
        yield Text(printable(detail.entry.body.decode(errors="replace")))
