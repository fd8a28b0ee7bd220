"""Background wishes that name a protected attribute, and those that do not."""

from typing import get_args

import pytest

from shared.events.envelope import decode
from shared.events.protected import WORDS, Protected, protected_by
from tests.contracts.samples import changed, refused


@pytest.mark.parametrize("attribute", get_args(Protected))
def test_the_code_of_each_attribute_names_it_alone_and_among_other_words(attribute: str) -> None:
    for code in (attribute, f"same_{attribute}", f"{attribute}.any", f"mentor-{attribute}-x"):
        assert protected_by(code) == (attribute,)


@pytest.mark.parametrize(
    "code, attribute",
    [
        ("woman", "gender"),
        ("women_in_tech", "gender"),
        ("non-binary", "gender"),
        ("female.mentor", "sex"),
        ("lgbtq", "sexual_orientation"),
        ("faith", "religion"),
        ("older", "age"),
        ("citizenship", "nationality"),
        ("trade-union", "trade_union"),
    ],
)
def test_a_word_for_an_attribute_names_it(code: str, attribute: str) -> None:
    assert protected_by(code) == (attribute,)


@pytest.mark.parametrize(
    "code",
    [
        "parent",
        "first_in_family_to_study",
        "career_changer",
        "manager",  # holds `age`, `man`
        "languages.shared",  # holds `age`
        "remote_worker",
        "sustainability",
        "mentor.human_resources",
    ],
)
def test_other_codes_name_none_even_with_its_letters_in_a_word(code: str) -> None:
    assert protected_by(code) == ()


def test_a_code_names_every_attribute_that_one_of_its_words_does() -> None:
    assert protected_by("muslim_woman") == ("gender", "religion")


def test_a_wish_for_two_attributes_needs_both_stated() -> None:
    wishes = changed("opened", "/data/wishes", ["gender.religion"])
    assert refused(wishes).rule == (
        "must not name the protected attribute religion unless `protected` states it"
    )


def test_every_attribute_has_its_words() -> None:
    assert set(WORDS) == set(get_args(Protected))


def test_a_program_that_states_an_attribute_may_ask_wishes_about_it_and_no_other() -> None:
    stated = changed("opened", "/data/protected", ["nationality"])
    assert refused(stated).rule == (
        "must not name the protected attribute gender unless `protected` states it"
    )
    event = decode(changed("opened", "/data/wishes", ["gender.woman"]))
    assert event.data.model_dump()["wishes"] == ("gender.woman",)
