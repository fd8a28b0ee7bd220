"""Where a redelivery goes: a subject that is nobody's of ours, and the stream that keeps it."""

from __future__ import annotations

import json
import re

from services.cli.output import Failure
from shared.log import STREAM, Log, LogTrouble

_NAMES = ("program", "event", "key")
_TOKEN = re.compile(r"(?:[^\s.*>{}\x00-\x1f\x7f]|\{(?:program|event|key)\})+")
_OURS = re.compile(r"mentoring(-.*)?|\$.*|_INBOX.*", re.IGNORECASE)


def check_subject(text: str) -> str:
    """A subject to deliver to.

    Raises:
        Failure: it is none, or one of ours or of the server.
    """
    first, *rest = text.split(".")
    if not all(_TOKEN.fullmatch(token) for token in (first, *rest)):
        raise Failure(
            f"--to: {text!r} is no subject: use tokens with dots between them, without * and >; "
            "{program}, {event} and {key} stand for those of the event"
        )
    if "{" in first or _OURS.fullmatch(first):
        raise Failure(
            f"--to: {text!r} is not for another system: mentoring…, $… and _INBOX… are the log's and the server's, "
            "and the first token must be fixed"
        )
    return text


def subject_for(to: str, subject: bytes) -> bytes:
    """The subject that one event is delivered to."""
    _, *values = subject.split(b".", 3)
    made = to.encode()
    for name, value in zip(_NAMES, values, strict=True):
        made = made.replace(b"{%b}" % name.encode(), value)
    return made


async def is_kept(log: Log, to: str) -> bool:
    """Whether a stream takes what is published there.

    Raises:
        Failure: it is our own stream.
        LogTrouble: the server did not answer.
    """
    anything = re.sub(r"[^.]*\{[a-z]+\}[^.]*", "*", to)
    answer = await log.request("$JS.API.STREAM.NAMES", json.dumps({"subject": anything}).encode())
    if error := answer.get("error"):
        raise LogTrouble(f"{error.get('description')} (error {error.get('err_code')})")
    streams = answer.get("streams") or []
    if STREAM in streams:
        raise Failure(f"--to: {to} leads back into the log")
    return bool(streams)
