"""Write the frozen schemas and the catalogue: `python -m shared.events.freeze [--check]`.

A schema that is on file may gain optional fields; anything else asks for a new major of its event, with an upcaster.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.events.base import EventData
from shared.events.catalog import contracts
from shared.events.compatibility import breaks
from shared.events.errors import InvalidEvent
from shared.events.reference import reference
from shared.events.schema import event_schema, name
from shared.events.wire import decode, encode

HERE = Path(__file__).parent
SCHEMAS = HERE / "schemas"
EXAMPLES = HERE / "examples"
REFERENCE = HERE.parents[1] / "docs" / "events.md"


@dataclass(frozen=True)
class Frozen:
    """A file that follows from the models, and why it may not become what they ask for now."""

    path: Path
    text: str
    refusals: tuple[str, ...] = ()

    @property
    def stale(self) -> bool:
        """Whether the file is absent or says something else."""
        return not self.path.is_file() or self.path.read_text(encoding="utf-8") != self.text


def frozen(models: Sequence[type[EventData]], folder: Path) -> list[Frozen]:
    """Return the schema file of each model, judged against the one in `folder`."""
    return [_frozen(model, folder / f"{name(model)}.json") for model in models]


def _frozen(model: type[EventData], path: Path) -> Frozen:
    schema = json.loads(json.dumps(event_schema(model)))
    before = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else schema
    return Frozen(path, as_text(schema), tuple(breaks(before, schema)))


def as_text(value: object) -> str:
    """Return JSON as it stands in our files."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def orphans(models: Sequence[type[EventData]], folder: Path) -> list[Path]:
    """Return the files in `folder` that no model stands behind: a contract is never removed."""
    known = {f"{name(model)}.json" for model in models}
    return sorted(path for path in folder.glob("*.json") if path.name not in known)


def example_faults(models: Sequence[type[EventData]], folder: Path) -> Iterator[str]:
    """Yield what is wrong with the examples: absent, refused, or not written as we would write it."""
    for model in models:
        path = folder / f"{name(model)}.json"
        fault = _example_fault(model, path.read_bytes()) if path.is_file() else "is absent"
        if fault:
            yield f"{path.name}: {fault}"


def _example_fault(model: type[EventData], body: bytes) -> str | None:
    try:
        event = decode(body)
    except InvalidEvent as error:
        return str(error)
    if json.loads(body)["type"] != f"mentoring.{name(model)}":
        return "is of another type"
    if model.VERSION == event.data.VERSION and json.loads(encode(event)) != json.loads(body):
        return "is not what we would write"
    return None


def faults() -> Iterator[str]:
    """Yield what stands between the models and the files, and what cannot be mended by writing them."""
    for file in frozen(contracts(), SCHEMAS):
        yield from (f"{file.path.name}: {refusal}: a new major" for refusal in file.refusals)
    yield from (f"{path.name}: no model" for path in orphans(contracts(), SCHEMAS))
    yield from (f"{path.name}: no model" for path in orphans(contracts(), EXAMPLES))
    yield from example_faults(contracts(), EXAMPLES)


def _files() -> Iterator[Frozen]:
    yield from frozen(contracts(), SCHEMAS)
    if REFERENCE.parent.is_dir():  # not beside an installed package
        yield Frozen(REFERENCE, reference(contracts()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write, or with --check compare, every frozen file; 1 when something is wrong, which stderr names."""
    parser = argparse.ArgumentParser(prog="python -m shared.events.freeze", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, report differences")
    check = parser.parse_args(arguments).check
    wrong = list(faults())
    for file in _files():
        if check and file.stale:
            wrong.append(f"{file.path.name}: differs; run python -m shared.events.freeze")
        elif file.stale and not file.refusals:
            file.path.write_text(file.text, encoding="utf-8")
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
