"""What a service reads and says, as AsyncAPI 3: made by FastStream from the contracts."""

from __future__ import annotations

import functools
import html
import json
import operator
from typing import Any, Literal

from faststream.nats import JStream, NatsBroker, PullSub
from faststream.specification.asyncapi import AsyncAPI
from pydantic import AwareDatetime, BaseModel, create_model

from shared.events.catalog import CATALOG
from shared.events.envelope import EventData
from shared.log import STREAM
from shared.service import Service


def asyncapi_json(service: Service) -> str:
    """The service's AsyncAPI 3 document, as JSON."""
    return json.dumps(asyncapi(service), indent=2)


@functools.cache
def _document(service_name: str, reads: frozenset[str], says: frozenset[str]) -> dict[str, Any]:
    broker = NatsBroker(apply_types=False)
    stream = JStream(STREAM, declare=False)
    for word in sorted(reads):
        read = broker.subscriber(
            f"mentoring.*.{word}.*.*",
            stream=stream,
            pull_sub=PullSub(batch_size=1),
            title=f"reads {word}",
            description=(CATALOG[word].__doc__ or "").strip(),
        )
        read(_handler(word))
    for word in sorted(says):
        broker.publisher(
            f"mentoring.*.{word}.*",
            stream=stream,
            schema=envelope(CATALOG[word]),
            title=f"says {word}",
            description=(CATALOG[word].__doc__ or "").strip(),
        )
    title = f"mentoring-cycle: {service_name}"
    document: dict[str, Any] = json.loads(
        AsyncAPI(broker, title=title, version="1").to_specification().to_json()
    )
    return document


def asyncapi(service: Service) -> dict[str, Any]:
    """The service's AsyncAPI 3 document."""
    return _document(service.name, service.reads, service.says | {"rejected", "parked"})


def envelope(data: type[EventData]) -> type[BaseModel]:
    """The CloudEvent around an event's own model, for documentation."""
    fields: dict[str, Any] = {
        "specversion": (Literal["1.0"], ...),
        "id": (str, ...),
        "source": (str, ...),
        "type": (Literal[f"mentoring.{data.WORD}.v{data.VERSION}"], ...),
        "subject": (str, ...),
        "time": (AwareDatetime, ...),
        "program": (str, ...),
        "correlationid": (str | None, None),
        "causationid": (str | None, None),
        "traceparent": (str | None, None),
        "data": (data, ...),
    }
    model: type[BaseModel] = create_model(f"{data.__name__}Event", **fields)
    return model


def _handler(word: str) -> Any:
    async def handle(event: Any) -> None:
        del event

    handle.__annotations__["event"] = envelope(CATALOG[word])
    handle.__name__ = word
    return handle


def asyncapi_page(service: Service) -> str:
    """One page for people, complete without any other host: channels, and the fields of each event."""
    document = asyncapi(service)
    said = service.says | {"rejected", "parked"}
    sections = [
        _section(
            word,
            [verb for verb, words in (("reads", service.reads), ("says", said)) if word in words],
        )
        for word in sorted(service.reads | said)
    ]
    title = html.escape(document["info"]["title"])
    return _PAGE.format(title=title, sections="\n".join(sections))


def _section(word: str, verbs: list[str]) -> str:
    model = CATALOG[word]
    badges = " ".join(f'<small class="{verb}">{verb}</small>' for verb in verbs)
    schema = model.model_json_schema()
    required = set(schema.get("required", ()))
    rows = "".join(
        _row(name, about, name in required) for name, about in schema.get("properties", {}).items()
    )
    subject = f"mentoring.&lt;program&gt;.{word}.&lt;{model.KEY}&gt;"
    doc = html.escape((model.__doc__ or "").strip().split("\n\n")[0])
    return (
        f'<section id="{word}"><h2>{word} {badges}</h2>'
        f"<p><code>{subject}</code></p><p>{doc}</p>"
        f"<table><tr><th>field</th><th>type</th><th>what</th></tr>{rows}</table></section>"
    )


def _row(name: str, about: dict[str, Any], required: bool) -> str:  # noqa: FBT001 - a table's cell
    kind = about.get("type") or functools.reduce(operator.add, (_kinds(about)), "") or "object"
    star = "*" if required else ""
    words = html.escape(str(about.get("description", "")))
    return f"<tr><td><code>{name}</code>{star}</td><td>{html.escape(str(kind))}</td><td>{words}</td></tr>"


def _kinds(about: dict[str, Any]) -> list[str]:
    kinds = [str(each.get("type", "object")) for each in about.get("anyOf", ())]
    return [" or ".join(kinds)]


_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body{{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}}
h2{{margin:2.5rem 0 .3rem;border-top:1px solid #ddd;padding-top:1rem}}small{{font-size:.7em;padding:.1em .6em;border-radius:1em}}
small.reads{{background:#e3f2e6}}small.says{{background:#e3ecfb}}table{{border-collapse:collapse;width:100%;table-layout:fixed}}th:nth-child(-n+2){{width:22%}}
td,th{{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #eee;vertical-align:top}}
code{{background:#f5f5f5;padding:.1em .3em}}</style></head><body><h1>{title}</h1>
<p>Events that this service reads from the log and says into it, in structured CloudEvents 1.0.
For machines: <a href="/asyncapi.json">AsyncAPI 3</a>; the HTTP interface: <a href="/docs">OpenAPI 3.1</a>.
Fields with * are required.</p>{sections}</body></html>"""
