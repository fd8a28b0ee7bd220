"""What is wrong with a filled-in form: the rule and the field, never what was sent."""

import pytest

from services.feedback.forms import check
from shared.events.rules import DEFAULT_FORMS, Form, FormItem, FormText
from shared.world import Refusal

FORM = Form(
    id="f",
    side="mentee",
    items=(FormItem(id="usefulness", required=True), FormItem(id="progress", min=0, max=10)),
    texts=(FormText(id="message", required=True, max_length=10), FormText(id="confidential")),
)
RATED = {"usefulness": 5}
SAID = {"message": "thank you!"}


@pytest.mark.parametrize(
    "ratings, texts",
    [
        (RATED, SAID),
        ({"usefulness": 1, "progress": 0}, {**SAID, "confidential": ""}),
        ({"usefulness": 5, "progress": 10}, {**SAID, "confidential": "q" * 4000}),
        (RATED, {"message": "é" * 10}),
    ],
)
def test_a_form_that_is_filled_in_as_it_asks_is_taken(
    ratings: dict[str, int], texts: dict[str, str]
) -> None:
    assert check(FORM, ratings, texts) is None


@pytest.mark.parametrize(
    "ratings, rule, field",
    [
        ({**RATED, "charm": 3}, "not_asked_by_the_form", "/ratings"),
        ({**RATED, "message": 3}, "not_asked_by_the_form", "/ratings"),
        ({"usefulness": 0}, "must_be_1_to_5", "/ratings/usefulness"),
        ({"usefulness": 6}, "must_be_1_to_5", "/ratings/usefulness"),
        ({**RATED, "progress": 11}, "must_be_0_to_10", "/ratings/progress"),
        ({"progress": 3}, "required", "/ratings/usefulness"),
    ],
)
def test_ratings_that_the_form_does_not_take_are_refused(
    ratings: dict[str, int], rule: str, field: str
) -> None:
    assert check(FORM, ratings, SAID) == Refusal(rule, field)


@pytest.mark.parametrize(
    "texts, rule, field",
    [
        ({**SAID, "her secret": "x"}, "not_asked_by_the_form", "/texts"),
        ({**SAID, "usefulness": "x"}, "not_asked_by_the_form", "/texts"),
        ({}, "required", "/texts/message"),
        ({"message": " \n\t"}, "required", "/texts/message"),
        ({"message": "é" * 11}, "at_most_10_characters", "/texts/message"),
        ({**SAID, "confidential": "q" * 4001}, "at_most_4000_characters", "/texts/confidential"),
    ],
)
def test_words_that_the_form_does_not_take_are_refused(
    texts: dict[str, str], rule: str, field: str
) -> None:
    assert check(FORM, RATED, texts) == Refusal(rule, field)


@pytest.mark.parametrize("form", DEFAULT_FORMS, ids=lambda form: form.side)
def test_the_default_forms_require_nothing_and_take_words_for_both_audiences(form: Form) -> None:
    assert check(form, {form.items[0].id: 3}, {}) is None
    assert check(form, {}, {form.texts[0].id: "thanks"}) is None
    assert [(text.id, text.audience) for text in form.texts] == [
        ("message", "other"),
        ("confidential", "program"),
    ]


@pytest.mark.parametrize("texts", [{}, {"message": ""}, {"message": " ", "confidential": "\n"}])
def test_a_form_that_says_nothing_is_refused_since_it_would_show_the_other_sides(
    texts: dict[str, str],
) -> None:
    assert check(DEFAULT_FORMS[0], {}, texts) == Refusal("says_nothing", "/ratings")
