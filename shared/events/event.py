"""An event in memory: CloudEvents 1.0 attributes around the data of its type. Valid by construction."""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic_core import PydanticCustomError

from shared.events.base import EventData
from shared.events.errors import InvalidEvent
from shared.events.types import END, FIRST, INSTANT_RULE, read_instant

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
SOURCE_PATTERN = r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{1,256}"
SOURCE = re.compile(SOURCE_PATTERN)
TRACEPARENT_PATTERN = "(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
TRACEPARENT = re.compile(TRACEPARENT_PATTERN)
_NAMES = re.compile(f"{UUID.pattern}\n{SOURCE.pattern}\n{TOKEN.pattern}\n{TOKEN.pattern}")

TOKEN_RULE = "must be 1 to 64 of A-Z a-z 0-9 _ -"  # noqa: S105  a rule, not a secret
UUID_RULE = "must be a UUID"
SOURCE_RULE = "must be a URI reference of 1 to 256 characters"
TRACEPARENT_RULE = "must be a W3C traceparent"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. Creating it raises InvalidEvent for an attribute that breaks the contract.

    `time` is kept in UTC and ids in lower case. `correlationid` of an event about a cycle is that cycle, and is
    filled in when absent.
    """

    id: str
    source: str
    program: str
    key: str
    time: datetime
    data: EventData
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None

    def __post_init__(self) -> None:
        """Check and normalise the attributes; the data has been checked by its model."""
        put = object.__setattr__
        if not _has_usual_names(self):
            put(self, "id", _uuid("/id", self.id))
            _match("/source", SOURCE, self.source, SOURCE_RULE)
            _match("/program", TOKEN, self.program, TOKEN_RULE)
            _match("/subject", TOKEN, self.key, f"must be <program>/<key>; the key {TOKEN_RULE}")
        if (instant := _instant("/time", self.time)) is not self.time:
            put(self, "time", instant)
        _check_key(self)
        if (correlation := _correlation(self)) is not self.correlationid:
            put(self, "correlationid", correlation)
        if self.causationid is not None:
            put(self, "causationid", _uuid("/causationid", self.causationid))
        if self.traceparent is not None:
            _match("/traceparent", TRACEPARENT, self.traceparent, TRACEPARENT_RULE)

    @property
    def word(self) -> str:
        """The event's word, such as `requested`."""
        return self.data.WORD

    @property
    def type(self) -> str:
        """The CloudEvents type, such as `mentoring.requested.v1`."""
        return f"mentoring.{self.data.WORD}.v{self.data.VERSION}"

    @property
    def subject(self) -> str:
        """The NATS subject: `mentoring.<program>.<word>.<key>`."""
        return f"mentoring.{self.program}.{self.data.WORD}.{self.key}"

    @property
    def cloud_subject(self) -> str:
        """The CloudEvents subject: `<program>/<key>`."""
        return f"{self.program}/{self.key}"


def _has_usual_names(event: Event) -> bool:
    """Whether id, source, program and key need no other look: one match takes half as long as four.

    None of them may hold a line break, so together they match only when each does.
    """
    try:
        names = "\n".join((event.id, event.source, event.program, event.key))  # noqa: FLY002 - text only
    except TypeError:
        return False
    return _NAMES.fullmatch(names) is not None


def _match(field: str, pattern: re.Pattern[str], value: object, rule: str) -> None:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise InvalidEvent(field, rule)


def _uuid(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidEvent(field, UUID_RULE)
    if UUID.fullmatch(value) is None and UUID.fullmatch(value := value.lower()) is None:
        raise InvalidEvent(field, UUID_RULE)
    return value


def _instant(field: str, value: object) -> datetime:
    if type(value) is datetime and value.tzinfo is UTC and FIRST <= value < END:
        return value
    try:
        return read_instant(value)
    except PydanticCustomError:
        raise InvalidEvent(field, INSTANT_RULE) from None


def _check_key(event: Event) -> None:
    data = event.data
    if data.KEY == "program" and event.key != event.program:
        raise InvalidEvent("/subject", "must name the program as its key too")
    if data.KEY_FIELD is not None and getattr(data, data.KEY_FIELD) != event.key:
        raise InvalidEvent(f"/data/{data.KEY_FIELD}", "must be the key that subject names")


def _correlation(event: Event) -> str | None:
    given = event.correlationid
    if event.data.KEY == "cycle":
        if given is not None and given != event.key:
            raise InvalidEvent("/correlationid", "must be the cycle that subject names")
        return event.key
    if given is not None:
        _match("/correlationid", TOKEN, given, TOKEN_RULE)
    return given


def _uuid5(name: str) -> str:
    """RFC 9562 version 5 in NAMESPACE, as text: the library's goes through an integer and takes four times as long."""
    digest = bytearray(
        hashlib.sha1(NAMESPACE.bytes + name.encode(), usedforsecurity=False).digest()[:16]
    )
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:mentoring")


def answer_id(service: str, cause_id: str, word: str, n: int) -> str:
    """Return the id of the n-th `word` that `service` answers to the input `cause_id`: a uuid5."""
    return _uuid5(f"answer {service} {cause_id} {word} {n}")


def due_id(service: str, program: str, key: str, name: str, at: datetime) -> str:
    """Return the id of the `due` of a timer: the same timer always gives the same id."""
    instant = _instant("/data/at", at).isoformat()
    return _uuid5(f"due {service} {program} {key} {name} {instant}")
