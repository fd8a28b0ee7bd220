"""What the demo hears of its log: refusals, and a cycle worth looking at."""

from datetime import UTC, datetime, timedelta

from services.cli.demo_heard import Heard, Letter
from shared.events import feedback, system
from shared.events.envelope import Event, EventData

AT = datetime(2026, 3, 2, tzinfo=UTC)


def heard(*told: tuple[str, EventData]) -> Heard:
    """Events by key, the later said at earlier instants: time may go back in a log."""
    found = Heard()
    for number, (key, data) in enumerate(told):
        at = AT - timedelta(days=number)
        found.add(
            Event(f"00000000-0000-4000-8000-{number:012}", "/mentoring/x", "demo", key, at, data)
        )
    return found


def concluded(outcome: str) -> feedback.Concluded:
    more = {"mentee": "ann", "overlap_total": "PT0M", "paired": True}
    return feedback.Concluded.model_validate({"outcome": outcome, **more})


def rejected(rule: str) -> system.Rejected:
    return system.Rejected.model_validate(
        {"rule": rule, "event": "00000000-0000-4000-8000-000000000009"}
    )


def test_refusals_are_counted_by_service_and_rule() -> None:
    found = heard(("a", rejected("twice")), ("b", rejected("twice")), ("c", rejected("late")))
    assert found.letters == {
        Letter("x", "rejected", "twice"): 2,
        Letter("x", "rejected", "late"): 1,
    }
    assert found.words == {"rejected": 3}
    assert found.last == AT


def test_the_example_reached_its_goals_or_else_its_end() -> None:
    assert heard(("a", concluded("left"))).example() is None
    ended = [("d", concluded("completed")), ("c", concluded("completed"))]
    assert heard(*ended).example() == "c"
    assert heard(*ended, ("z", concluded("goals_reached"))).example() == "z"
