"""What a form asks of whoever fills it in."""

from __future__ import annotations

from collections.abc import Mapping

from shared.events.rules import Form, FormItem, FormText
from shared.world import Refusal


def check(form: Form, ratings: Mapping[str, int], texts: Mapping[str, str]) -> Refusal | None:
    """What is wrong with a filled-in form; None when nothing is.

    Fields are JSON Pointers such as `/ratings/usefulness` and `/texts/message`. What the form does not ask is told
    at `/ratings` or `/texts`: its name is the sender's, and never repeated.
    """
    wrong = _check_ratings(form.items, ratings) or _check_texts(form.texts, texts)
    return wrong or _check_says_something(ratings, texts)


def _check_says_something(ratings: Mapping[str, int], texts: Mapping[str, str]) -> Refusal | None:
    """Else whoever sends an empty review would read the other's for nothing."""
    said = ratings or any(text.strip() for text in texts.values())
    return None if said else Refusal("says_nothing", "/ratings")


def _check_ratings(items: tuple[FormItem, ...], ratings: Mapping[str, int]) -> Refusal | None:
    if ratings.keys() - {item.id for item in items}:
        return Refusal("not_asked_by_the_form", "/ratings")
    wrong = (_check_rating(item, ratings.get(item.id)) for item in items)
    return next(filter(None, wrong), None)


def _check_rating(item: FormItem, rating: int | None) -> Refusal | None:
    field = f"/ratings/{item.id}"
    if rating is None:
        return Refusal("required", field) if item.required else None
    if item.min <= rating <= item.max:
        return None
    return Refusal(f"must_be_{item.min}_to_{item.max}", field)


def _check_texts(asked: tuple[FormText, ...], texts: Mapping[str, str]) -> Refusal | None:
    if texts.keys() - {each.id for each in asked}:
        return Refusal("not_asked_by_the_form", "/texts")
    wrong = (_check_text(each, texts.get(each.id, "")) for each in asked)
    return next(filter(None, wrong), None)


def _check_text(asked: FormText, text: str) -> Refusal | None:
    """A text of nothing but blanks answers nothing."""
    field = f"/texts/{asked.id}"
    if asked.required and not text.strip():
        return Refusal("required", field)
    if len(text) > asked.max_length:
        return Refusal(f"at_most_{asked.max_length}_characters", field)
    return None
