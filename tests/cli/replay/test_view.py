"""What a difference shows: confidential columns only when they are asked for, whatever stands in the row."""

from __future__ import annotations

import orjson
from rich.console import Console

from services.cli.replay.preview import Preview
from services.cli.replay.view import plain, shown
from services.feedback.model import Review
from shared.replay.compare import Difference
from shared.world import Ref

SECRET = "4711"
UNREADABLE = Difference(
    "review",
    Ref(Review, ("spring", "c1", "m1")),
    "changed",
    {"*": (f"cannot be read: ('spring', 'm1', '{SECRET}')", None)},
)
FOUND = Preview(
    "feedback", None, {0: 7}, 1, {"review": {"changed": 1}}, [UNREADABLE], {}, "live", "log"
)


def told(*, confidential: bool) -> str:
    """As people and programs see it."""
    console = Console(width=200)
    with console.capture() as people:
        console.print(shown(FOUND, confidential=confidential))
    return people.get() + orjson.dumps(plain(FOUND, confidential=confidential)).decode()


def test_a_row_that_cannot_be_read_shows_nothing_of_a_confidential_table() -> None:
    assert SECRET not in told(confidential=False)
    assert "(confidential)" in told(confidential=False)


def test_it_is_shown_to_who_asks() -> None:
    assert told(confidential=True).count(SECRET) == 2
