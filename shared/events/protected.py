"""Protected attributes, and which background wishes name one.

The attributes are those of the Charter of Fundamental Rights of the European Union, article 21, and of the
directives 2000/43/EC (racial or ethnic origin), 2000/78/EC (religion or belief, disability, age, sexual
orientation), 2006/54/EC (sex, gender reassignment, pregnancy) and 79/7/EEC (marital status), with the special
categories of the General Data Protection Regulation, article 9(1) (political opinions, trade union membership,
health, genetic data). A language is none of them here: a pair has to have one in common.

A code names an attribute when one of its words does: `gender.woman`, `same_religion`, `woman`. The list is part of
the contract: one more word would refuse rules that stand in logs, so it asks for a new major of `opened`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args

Protected = Literal[
    "age",
    "belief",
    "colour",
    "disability",
    "ethnicity",
    "gender",
    "genetic_features",
    "health_condition",
    "marital_status",
    "nationality",
    "political_opinion",
    "pregnancy",
    "race",
    "religion",
    "sex",
    "sexual_orientation",
    "social_origin",
    "trade_union",
]
"""The codes of protected attributes."""

WORDS: Mapping[Protected, tuple[str, ...]] = {
    "age": ("ages", "aged", "younger", "older"),
    "belief": ("beliefs", "atheist"),
    "colour": ("color", "poc"),
    "disability": ("disabilities", "disabled", "wheelchair", "neurodivergent"),
    "ethnicity": ("ethnic", "romani", "migrant"),
    "gender": (
        "woman",
        "women",
        "man",
        "men",
        "trans",
        "transgender",
        "nonbinary",
        "non_binary",
    ),
    "genetic_features": ("genetic", "genetics"),
    "health_condition": ("illness",),
    "marital_status": ("marital", "married", "unmarried", "divorced", "widowed"),
    "nationality": ("nationalities", "citizenship", "foreigner"),
    "political_opinion": ("political", "politics"),
    "pregnancy": ("pregnant", "maternity"),
    "race": ("racial",),
    "religion": (
        "religious",
        "faith",
        "christian",
        "muslim",
        "jewish",
        "hindu",
        "buddhist",
    ),
    "sex": ("female", "male"),
    "sexual_orientation": (
        "gay",
        "lesbian",
        "bisexual",
        "queer",
        "lgbt",
        "lgbtq",
        "lgbtqi",
    ),
    "social_origin": ("social_class", "caste"),
    "trade_union": ("unionist",),
}
"""Words that name an attribute without being its code."""

_PHRASES = {
    f"_{phrase}_": attribute
    for attribute in get_args(Protected)
    for phrase in (attribute, *WORDS[attribute])
}
_BETWEEN = re.compile("[._-]+")


def protected_by(code: str) -> tuple[Protected, ...]:
    """The protected attributes that a code names, each once, by name; none of most codes."""
    words = f"_{_BETWEEN.sub('_', code)}_"
    found = {attribute for phrase, attribute in _PHRASES.items() if phrase in words}
    return tuple(sorted(found))
