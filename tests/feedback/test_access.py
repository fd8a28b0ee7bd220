"""Who sees what: role × level of confidentiality × state of a review, against a table written by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from services.feedback.access import (
    Level,
    Reader,
    acting,
    level_of,
    reader_of,
    require_level,
    seen,
    sees_note,
    side_for,
)
from services.feedback.model import (
    Blind,
    Cycle,
    Entry,
    ForReport,
    Note,
    Open,
    Revealed,
    Review,
    Side,
)
from shared.identity import Identity, Role
from shared.refusals import Refused

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ENTRY = Entry("f", "sealed")


def a_cycle(level: str = "standard", mentor: str | None = "grace") -> Cycle:
    return Cycle("acme", "c1", "paired", "ada", mentor, "r1", Open(()), confidentiality=level)


def a_review(state: Blind | Revealed | ForReport, late: Any = None) -> Review:
    entries = {"mentee": ENTRY, "mentor": ENTRY}
    return Review("acme", "c1", "m1", state.kind, entries, state, late or {})


REVIEWS = {
    "blind": a_review(Blind(NOW)),
    "both": a_review(Revealed("both", {}, ())),
    "mentor_silent": a_review(Revealed("deadline", {}, ("mentor",))),
    "mentor_late": a_review(Revealed("deadline", {}, ("mentor",)), {"mentor": ENTRY}),
    "none": a_review(Revealed("deadline", {}, ("mentee", "mentor"))),
    "closing": a_review(ForReport()),
}

# What each reader sees of the mentee's and of the mentor's: o own, r ratings, w words for the other side,
# p words for the program, - nothing. Written from the issue and the design of roles, not from the code.
TABLE = """
reader        blind   both      mentor_silent  mentor_late  none   closing
mentee        o -     o rw      o -            o -          o -    o -
mentor        - o     rw o      - o            - o          - o    - o
private       - -     - -       - -            - -          - -    - -
standard      - -     rp rp     rp -           rp -         - -    - -
shared        - -     rwp rwp   rwp -          rwp -        - -    - -
of-their-own  - -     - -       - -            - -          - -    - -
"""


def cells() -> list[tuple[str, str, str, str]]:
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    found = []
    for name, *letters in rows:
        pairs = zip(letters[::2], letters[1::2], strict=True)
        found += [(name, state, *pair) for state, pair in zip(head[1:], pairs, strict=True)]
    return found


def reader(name: str) -> Reader:
    if name in {"mentee", "mentor"}:
        return "mentee" if name == "mentee" else "mentor"
    return level_of(a_cycle(name))


def letters(found: Any) -> str:
    flags = (
        found.own,
        found.ratings and not found.own,
        "other" in found.words,
        "program" in found.words,
    )
    return "".join(sign for sign, flag in zip("orwp", flags, strict=True) if flag) or "-"


@pytest.mark.parametrize("name,state,of_mentee,of_mentor", cells())
def test_every_reader_sees_what_the_table_says(
    name: str, state: str, of_mentee: str, of_mentor: str
) -> None:
    shown = [letters(seen(reader(name), REVIEWS[state], side)) for side in ("mentee", "mentor")]

    assert shown == [of_mentee, of_mentor]


def test_the_table_has_every_reader_and_state() -> None:
    readers = ("mentee", "mentor", "private", "standard", "shared", "of-their-own")

    assert {cell[:2] for cell in cells()} == set(product(readers, REVIEWS))


@pytest.mark.parametrize(
    "name,own,shared",
    [
        ("mentee", True, True),
        ("mentor", False, True),
        ("private", False, False),
        ("standard", False, False),
        ("shared", False, True),
        ("of-their-own", False, False),
    ],
)
def test_a_note_is_its_author_s_or_the_pair_s(name: str, own: bool, shared: bool) -> None:
    kept = Note("acme", "c1", "n1", "win", "ada", "grace", NOW, "sealed")
    told = Note("acme", "c1", "n2", "win", "ada", "grace", NOW, "sealed", audience="pair")
    found = [sees_note(reader(name), a_cycle(), note) for note in (kept, told)]

    assert found == [own, shared]


@pytest.mark.parametrize(
    "name,figures,notes",
    [
        ("mentee", True, True),
        ("mentor", True, True),
        ("private", False, False),
        ("standard", True, False),
        ("shared", True, True),
        ("of-their-own", False, False),
    ],
)
def test_goals_are_seen_with_the_figures_and_notes_where_they_are_shared(
    name: str, figures: bool, notes: bool
) -> None:
    assert allowed(reader(name)) is figures
    assert allowed(reader(name), notes=True) is notes


def allowed(who: Reader, **what: bool) -> bool:
    try:
        require_level(who, **what)
    except Refused as refused:
        return (refused.status, refused.refusal.rule) != (403, "confidential")
    return True


# -- who reads --------------------------------------------------------------------------------------


def who(name: str, *roles: Role) -> Identity:
    return Identity(name, "acme", frozenset(roles))


@pytest.mark.parametrize(
    "caller,cycle,found",
    [
        (who("ada", "person"), a_cycle(), "mentee"),
        (who("grace", "person"), a_cycle(), "mentor"),
        (who("grace", "person", "coordinator"), a_cycle("shared"), "mentor"),
        (who("grace", "coordinator"), a_cycle("shared"), "mentor"),
        (who("lee", "coordinator", "person"), a_cycle("private"), Level()),
        (who("ada", "person"), a_cycle(mentor=None), "mentee"),
        (who("eve", "person"), a_cycle(), (403, "not_in_pair")),
        (who("eve", "person"), None, (403, "not_in_pair")),
        (who("lee", "coordinator"), None, (404, "unknown_cycle")),
        (who("ada", "system", "operator"), a_cycle(), (403, "not_for_this_role")),
    ],
)
def test_who_is_in_the_pair_reads_as_that_side_and_a_coordinator_at_its_level(
    caller: Identity, cycle: Cycle | None, found: Reader | tuple[int, str]
) -> None:
    if not isinstance(found, tuple):
        assert reader_of(caller, cycle) == found
        return
    with pytest.raises(Refused) as refused:
        reader_of(caller, cycle)
    assert (refused.value.status, refused.value.refusal.rule) == found


# -- who acts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "caller,by,found",
    [
        (who("ada", "person"), None, "ada"),
        (who("ada", "person"), "ada", "ada"),
        (who("ada", "person"), "grace", (403, "not_yourself")),
        (who("chat", "system"), "grace", "grace"),
        (who("chat", "system"), "chat", "chat"),
        (who("chat", "system"), None, (422, "required")),
        (who("ada", "system", "person"), "grace", "grace"),
        (who("ada", "system", "person"), None, "ada"),
        (who("lee", "coordinator", "operator"), "grace", (403, "not_for_this_role")),
        (who("lee", "coordinator"), None, (403, "not_for_this_role")),
    ],
)
def test_a_person_acts_in_the_own_name_and_a_system_in_anybody_s(
    caller: Identity, by: str | None, found: str | tuple[int, str]
) -> None:
    if isinstance(found, str):
        assert acting(caller, by) == found
        return
    with pytest.raises(Refused) as refused:
        acting(caller, by)
    assert (refused.value.status, refused.value.refusal.rule) == found


@pytest.mark.parametrize(
    "caller,cycle,by,found",
    [
        (who("ada", "person"), a_cycle(), "ada", "mentee"),
        (who("chat", "system"), a_cycle(), "grace", "mentor"),
        (who("eve", "person"), a_cycle(), "eve", (403, "not_in_pair")),
        (who("eve", "person"), None, "eve", (403, "not_in_pair")),
        (who("chat", "system"), a_cycle(), "eve", (409, "not_in_pair")),
        (who("chat", "system"), None, "ada", (409, "unknown_cycle")),
    ],
)
def test_the_side_is_the_person_s_and_strangers_learn_nothing(
    caller: Identity, cycle: Cycle | None, by: str, found: Side | tuple[int, str]
) -> None:
    if isinstance(found, str):
        assert side_for(caller, cycle, by) == (cycle, found)
        return
    with pytest.raises(Refused) as refused:
        side_for(caller, cycle, by)
    assert (refused.value.status, refused.value.refusal.rule) == found
