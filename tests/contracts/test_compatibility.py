"""Within a major only an optional field may be added."""

import copy
from typing import Any

import pytest

from shared.events.compatibility import breaks
from tests.contracts.samples import NAMES, schema

DATA = "properties/data/properties"
CHANGES = [
    # removed or narrowed
    (f"{DATA}/capacity", None, f"/{DATA}/capacity is removed"),
    (f"{DATA}/capacity/maximum", 10, f"/{DATA}/capacity/maximum changes"),
    (f"{DATA}/capacity/multipleOf", 2, f"/{DATA}/capacity/multipleOf changes"),
    (f"{DATA}/capacity/type", "string", f"/{DATA}/capacity/type changes"),
    (f"{DATA}/team/pattern", "^[a-z]+$", f"/{DATA}/team/pattern changes"),
    (f"{DATA}/team/maxLength", 32, f"/{DATA}/team/maxLength changes"),
    (f"{DATA}/formats/items/enum", ["video"], f"/{DATA}/formats/items/enum changes"),
    ("properties/data/required/0", "skills", None),
    ("$defs/OfferedSkill", None, "/$defs/OfferedSkill is removed"),
    ("$defs/OfferedSkill/properties/id/maxLength", 64, None),
    # widened: an older reader would refuse what a newer writer says
    (f"{DATA}/capacity/maximum", 5000, f"/{DATA}/capacity/maximum changes"),
    (f"{DATA}/capacity/minimum", None, f"/{DATA}/capacity/minimum changes"),
    (f"{DATA}/formats/items/enum", ["video", "audio", "in_person", "chat", "letter"], None),
    # another meaning
    (f"{DATA}/accepts_new/default", False, f"/{DATA}/accepts_new/default changes"),
    ("x-key", "person", "/x-key changes"),
]


@pytest.mark.parametrize("pointer, value, break_", CHANGES)
def test_a_change_that_is_no_new_optional_field_is_refused(
    pointer: str, value: object, break_: str | None
) -> None:
    found = breaks(schema("offered.v1"), _changed(pointer, value))
    assert found
    if break_ is not None:
        assert found == [break_]


@pytest.mark.parametrize(
    "pointer, value",
    [
        (f"{DATA}/shirt_size", {"type": "string"}),
        ("$defs/Shirt", {"type": "object", "required": ["size"]}),
        (f"{DATA}/capacity/description", "In other words."),
        ("description", "In other words."),
    ],
)
def test_a_new_optional_field_and_new_words_are_allowed(pointer: str, value: object) -> None:
    assert breaks(schema("offered.v1"), _changed(pointer, value)) == []


def test_a_property_called_description_is_a_property() -> None:
    old = {"properties": {"description": {"type": "string"}}}
    assert breaks(old, {"properties": {}}) == ["/properties/description is removed"]


def test_the_object_of_a_default_may_gain_members_at_any_depth() -> None:
    old = {"default": [{"id": "a", "scale": {"min": 1}}]}
    new = {"default": [{"id": "a", "scale": {"min": 1, "max": 5}, "texts": []}]}
    assert breaks(old, new) == []


@pytest.mark.parametrize(
    "default, break_",
    [
        ([{"id": "b", "scale": 1}], "/default/0/id changes"),
        ([{"id": "a"}], "/default/0/scale is removed"),
        ([{"id": "a", "scale": 1}, {"id": "b"}], "/default changes"),
        ({"id": "a", "scale": 1}, "/default changes"),
        (None, "/default changes"),
    ],
)
def test_what_a_default_said_before_may_not_change(default: object, break_: str) -> None:
    old = {"default": [{"id": "a", "scale": 1}]}
    assert breaks(old, {"default": default}) == [break_]


def test_true_is_not_one() -> None:
    assert breaks({"default": 1}, {"default": True}) == ["/default changes"]


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_compatible_with_itself(name: str) -> None:
    assert breaks(schema(name), schema(name)) == []


def _changed(pointer: str, value: object) -> dict[str, Any]:
    new = copy.deepcopy(schema("offered.v1"))
    *path, last = pointer.split("/")
    place: Any = new
    for step in path:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return new
