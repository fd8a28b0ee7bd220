"""The frozen schemas say what the models say, and a model cannot change behind their back."""

import json
from pathlib import Path
from typing import ClassVar

import pytest
from jsonschema import Draft202012Validator
from pydantic import Field

from shared.events import freeze
from shared.events.base import EventData, KeyKind, Owner
from shared.events.catalog import contracts
from shared.events.schema import event_schema
from shared.events.types import Count, Token
from tests.contracts.samples import NAMES, schema


class Sung(EventData):
    """Somebody sang."""

    WORD = "sung"
    KEY: ClassVar[KeyKind] = "person"
    OWNER: ClassVar[Owner] = "outside"

    song: Token = Field(description="The song.")


class SungWithMore(Sung):
    """Somebody sang."""

    verses: Count = Field(default=1, description="How many verses.")


class SungWithOther(Sung):
    """Somebody sang."""

    verses: Count = Field(description="How many verses.")


@pytest.mark.parametrize("name", NAMES)
def test_a_frozen_schema_is_a_schema_of_its_dialect(name: str) -> None:
    assert schema(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema(name))


def test_every_model_says_what_its_frozen_schema_says() -> None:
    assert [
        file.path.name for file in freeze.frozen(contracts(), freeze.SCHEMAS) if file.stale
    ] == []


def test_the_check_of_the_files_finds_nothing_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert (freeze.main(["--check"]), capsys.readouterr().err) == (0, "")


def test_every_field_is_described() -> None:
    parts = [part for model in contracts() for part in _objects(event_schema(model))]
    named = [(part, name) for part in parts for name in part["properties"]]
    bare = [
        name
        for part, name in named
        if not {"description", "const"} & part["properties"][name].keys()
    ]
    assert set(bare) == {"data"}


def _objects(whole: dict) -> list[dict]:  # type: ignore[type-arg]
    return [whole, whole["properties"]["data"], *whole.get("$defs", {}).values()]


def test_a_changed_model_without_a_new_schema_is_noticed(tmp_path: Path) -> None:
    _freeze(Sung, tmp_path)
    assert [file.stale for file in freeze.frozen([Sung], tmp_path)] == [False]
    assert [file.stale for file in freeze.frozen([SungWithMore], tmp_path)] == [True]


def test_a_new_optional_field_may_be_frozen_over_the_old_schema(tmp_path: Path) -> None:
    _freeze(Sung, tmp_path)
    assert [file.refusals for file in freeze.frozen([SungWithMore], tmp_path)] == [()]


def test_a_new_required_field_is_refused_within_the_major(tmp_path: Path) -> None:
    _freeze(Sung, tmp_path)
    [file] = freeze.frozen([SungWithOther], tmp_path)
    assert file.refusals == ("/properties/data/required: verses becomes required",)


def test_a_removed_field_is_refused_within_the_major(tmp_path: Path) -> None:
    _freeze(SungWithMore, tmp_path)
    [file] = freeze.frozen([Sung], tmp_path)
    assert file.refusals == ("/properties/data/properties/verses is removed",)


def test_a_removed_contract_is_noticed(tmp_path: Path) -> None:
    _freeze(Sung, tmp_path)
    assert [path.name for path in freeze.orphans([], tmp_path)] == ["sung.v1.json"]


def test_an_absent_example_is_noticed(tmp_path: Path) -> None:
    assert list(freeze.example_faults([Sung], tmp_path)) == ["sung.v1.json: is absent"]


def test_an_example_that_is_refused_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "sung.v1.json").write_text(
        json.dumps({"specversion": "1.0", "type": "mentoring.sung.v1"})
    )
    [fault] = freeze.example_faults([Sung], tmp_path)
    assert fault.startswith("sung.v1.json: /type: ")


def _freeze(model: type[EventData], folder: Path) -> None:
    for file in freeze.frozen([model], folder):
        file.path.write_text(file.text)
