"""Deciding and evolving ask no clock and throw no dice: the same log gives the same rows, for ever.

Imports are held by the contracts; what a pure module may import and yet not call is held here: datetime.now(), uuid4().
"""

import ast
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("matching", "scheduling", "feedback")
CORE = ("decide", "evolve", "model")

# The last part of a call's name, wherever it is called from.
IMPURE = frozenset({
    "now", "utcnow", "today", "localtime", "gmtime",
    "uuid1", "uuid4", "urandom", "getrandbits", "token_hex", "token_bytes",
    "open", "read_text", "read_bytes", "write_text", "write_bytes",
    "print", "input", "getenv",
    "seal",  # draws a nonce: the API seals, a fold never does
})  # fmt: skip
# Deciding needs its unseal(); its seal(), beside it, may draw a nonce, since nothing pure may call it.
DEFINES_SEAL = "sealing.py"


def impurities(source: str) -> list[str]:
    """The impure calls in `source`, as `line: name`."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    named = [(call.lineno, _last_name(call.func)) for call in calls]
    return [f"{line}: {name}" for line, name in named if name in IMPURE]


def _last_name(function: ast.expr) -> str:
    match function:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


@pytest.mark.parametrize(
    "line",
    [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "uuid4()",
        "uuid.uuid1()",
        "os.urandom(16)",
        "open('f')",
        "Path('f').read_text()",
        "print(world)",
        "sealing.seal(key, place, contents)",
    ],
)
def test_an_impure_call_is_found(line: str) -> None:
    assert len(impurities(f"def decide(world, event):\n    return {line}\n")) == 1


@pytest.mark.parametrize(
    "line", ["uuid5(space, name)", "event.time", "after(event.time, zone)", "[]"]
)
def test_a_pure_call_is_left_alone(line: str) -> None:
    assert impurities(f"def decide(world, event):\n    return {line}\n") == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_asks_no_clock_and_throws_no_dice(service: str) -> None:
    core = [path for path in core_of(service) if path.name != DEFINES_SEAL]

    found = {path.name: impurities(path.read_text()) for path in core}

    assert {name: calls for name, calls in found.items() if calls} == {}


def core_of(service: str) -> list[Path]:
    """The files of a service that its pure functions consist of: decide, evolve, model and what they reach."""
    package = f"services.{service}"
    graph = grimp.build_graph("services", cache_dir=None)
    roots = {f"{package}.{name}" for name in CORE}
    assert roots <= graph.modules, f"{package} lacks one of {CORE}"
    reached = {module for root in roots for module in graph.find_upstream_modules(root)}
    return [ROOT / f"{module.replace('.', '/')}.py" for module in sorted(roots | reached)
            if module.startswith(f"{package}.")]  # fmt: skip
