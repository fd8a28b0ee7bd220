"""Events as bytes: CloudEvents 1.0 in structured JSON, attributes in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError

from shared.events.base import EventData
from shared.events.catalog import contracts
from shared.events.errors import InvalidEvent, refusal
from shared.events.event import Event
from shared.events.no_json import no_json
from shared.events.upcast import UPCASTERS, Upcasters

MAX_BODY = 64 * 1024
"""Bytes that an event may have at most."""
HEADERS = {"Content-Type": "application/cloudevents+json"}
"""Headers of the NATS message."""

_TOO_LARGE = f"must have at most {MAX_BODY} bytes"


def encode(event: Event) -> bytes:
    """Return the event as canonical JSON: what is absent is left out, so is nothing else.

    InvalidEvent when it would have more than MAX_BODY bytes.
    """
    data = event.data
    word = data.WORD
    # Every attribute has passed a pattern without quotes and backslashes, so none needs escaping.
    head = (
        f'{{"specversion":"1.0","id":"{event.id}","source":"{event.source}","type":"mentoring.{word}.v{data.VERSION}",'
        f'"subject":"{event.program}/{event.key}","time":"{_instant_text(event.time)}",'
        f'"datacontenttype":"application/json","dataschema":"urn:mentoring:{word}:v{data.VERSION}",'
        f'"program":"{event.program}"{_optional(event)},"data":'
    )
    body = (
        head.encode()
        + data.__pydantic_serializer__.to_json(data, exclude_none=True, by_alias=True)
        + b"}"
    )
    if len(body) > MAX_BODY:
        raise InvalidEvent("", _TOO_LARGE)
    return body


def _instant_text(instant: datetime) -> str:
    return instant.isoformat().removesuffix("+00:00") + "Z"


def _optional(event: Event) -> str:
    text = ""
    if event.correlationid is not None:
        text = f',"correlationid":"{event.correlationid}"'
    if event.causationid is not None:
        text += f',"causationid":"{event.causationid}"'
    if event.traceparent is not None:
        text += f',"traceparent":"{event.traceparent}"'
    return text


@dataclass(frozen=True, slots=True)
class _Contract:
    """What the reader knows of one type."""

    model: type[EventData]
    newest: type[EventData]
    schema: str


class Reader:
    """Reads events of the given contracts; older majors are upcast to the newest."""

    def __init__(self, models: Iterable[type[EventData]], upcasters: Upcasters) -> None:
        """Take the contracts, older majors first."""
        every = tuple(models)
        newest = {model.WORD: model for model in every}
        self._contracts = {
            f"mentoring.{model.WORD}.v{model.VERSION}": _Contract(
                model, newest[model.WORD], f"urn:mentoring:{model.WORD}:v{model.VERSION}"
            )
            for model in every
        }
        self._upcasters = upcasters

    def decode(self, body: bytes) -> Event:
        """Return the event in `body`; InvalidEvent, and nothing else, whatever the bytes are."""
        given = _parse(body)
        contract = self._contract(given)
        program, key = _names(given)
        return Event(
            id=_required(given, "id"),
            source=_required(given, "source"),
            program=program,
            key=key,
            time=_required(given, "time"),
            data=self._data(_required(given, "data"), contract),
            correlationid=given.get("correlationid"),
            causationid=given.get("causationid"),
            traceparent=given.get("traceparent"),
        )

    def _contract(self, given: dict[str, Any]) -> _Contract:
        if given.get("specversion") != "1.0":
            raise InvalidEvent("/specversion", "must be 1.0")
        kind = _required(given, "type")
        found = self._contracts.get(kind) if isinstance(kind, str) else None
        if found is None:
            raise InvalidEvent("/type", "must be a known type such as mentoring.requested.v1")
        _check_content(given, found.schema)
        return found

    def _data(self, given: object, contract: _Contract) -> EventData:
        data = _valid(contract.model, given)
        if contract.model is contract.newest:
            return data
        old = data.model_dump(mode="json", exclude_none=True)
        steps = (data.WORD, old, data.VERSION, contract.newest.VERSION)
        return _valid(contract.newest, self._upcasters.upcast(*steps))


def _parse(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_BODY:
        raise InvalidEvent("", _TOO_LARGE)
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise no_json(body) from None
    if not isinstance(given, dict):
        raise InvalidEvent("", "must be a JSON object")
    return given


def _required(given: dict[str, Any], name: str) -> Any:  # noqa: ANN401  checked by whoever takes it
    value = given.get(name)
    if value is None:
        raise InvalidEvent(f"/{name}", "is required")
    return value


def _check_content(given: dict[str, Any], schema: str) -> None:
    if given.get("datacontenttype", "application/json") != "application/json":
        raise InvalidEvent("/datacontenttype", "must be application/json")
    if given.get("dataschema", schema) != schema:
        raise InvalidEvent("/dataschema", f"must be {schema}")


def _names(given: dict[str, Any]) -> tuple[str, str]:
    """Return program and key; `subject` says both and `program` must say the same."""
    subject = _required(given, "subject")
    if not isinstance(subject, str) or subject.count("/") != 1:
        raise InvalidEvent("/subject", "must be <program>/<key>")
    program, key = subject.split("/")
    if _required(given, "program") != program:
        raise InvalidEvent("/program", "must be the program that subject names")
    return program, key


def _valid(model: type[EventData], data: object) -> EventData:
    try:
        return model.__pydantic_validator__.validate_python(data)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise refusal(error, data) from None


READER = Reader(contracts(), UPCASTERS)
decode = READER.decode
