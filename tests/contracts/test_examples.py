"""Each contract has one example, which the model reads, the schema accepts and we would write."""

import json

import pytest
from jsonschema import Draft202012Validator

from shared.events.envelope import decode, encode
from tests.contracts.samples import NAMES, example, schema


@pytest.mark.parametrize("name", NAMES)
def test_the_example_is_what_we_would_write(name: str) -> None:
    body = json.dumps(example(name)).encode()
    assert json.loads(encode(decode(body))) == example(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_accepts_the_example(name: str) -> None:
    Draft202012Validator(schema(name), format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        example(name)
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_refuses_the_example_of_every_other_type(name: str) -> None:
    validator = Draft202012Validator(schema(name))
    assert [other for other in NAMES if validator.is_valid(example(other))] == [name]


def test_the_examples_of_a_cycle_tell_of_one_cycle() -> None:
    cycles = {example(name).get("correlationid") for name in NAMES}
    assert cycles == {None, "c-7f3kq2"}
