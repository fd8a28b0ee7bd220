"""Driven time: what is due comes in the order of event time, once, and in groups that only one service answers."""

from datetime import UTC, datetime, timedelta

from services.cli.driver import Agenda, Item, grouped
from services.cli.population_chance import Chance, Intent
from services.cli.population_program import PROGRAM
from shared.entry import Entry
from shared.events.envelope import due_event, encode

DAY = timedelta(days=1)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def timer(name: str, at: datetime, service: str = "scheduling") -> Entry:
    due = due_event(service, PROGRAM, "c1", name, at)
    return Entry(1, f"mentoring-timer.{service}.{PROGRAM}.c1.{name}", encode(due))


def intent(at: datetime, word: str) -> Intent:
    return Intent(at, Chance(1).uuid(at, word), "c1", word, lambda: None)


def test_the_agenda_gives_what_falls_into_a_span_from_the_earliest_on() -> None:
    agenda = Agenda()
    agenda.set_timer(timer("b", NOW + DAY))
    agenda.add([intent(NOW, "moved"), intent(NOW + 3 * DAY, "moved")])
    agenda.set_timer(timer("a", NOW + timedelta(hours=1)))
    taken = agenda.take(timedelta(hours=6), NOW + 9 * DAY)
    assert [item.at for item in taken] == [NOW, NOW + timedelta(hours=1)]


def test_the_agenda_ends_where_it_is_told_to() -> None:
    agenda = Agenda()
    agenda.add([intent(NOW + 2 * DAY, "moved")])
    assert agenda.take(DAY, NOW + DAY) == []


def test_a_timer_that_was_set_again_rings_only_at_its_new_instant() -> None:
    agenda = Agenda()
    agenda.set_timer(timer("a", NOW))
    agenda.set_timer(timer("a", NOW + DAY))
    [early] = agenda.take(timedelta(hours=1), NOW)
    [late] = agenda.take(timedelta(hours=1), NOW + DAY)
    assert agenda.timer(early) is None
    assert agenda.timer(late) == timer("a", NOW + DAY).body


def test_a_timer_rings_once() -> None:
    agenda = Agenda()
    agenda.set_timer(timer("a", NOW))
    [item] = agenda.take(timedelta(hours=1), NOW)
    assert agenda.timer(item) is not None
    assert agenda.timer(item) is None


def test_a_group_has_one_service_that_answers_and_what_several_answer_goes_alone() -> None:
    items = [
        Item(NOW, f"mentoring-timer.feedback.{PROGRAM}.c1.ends"),
        *(
            Item(NOW, word, intent(NOW, word))
            for word in ("attended", "withdrawn", "requested", "moved", "left")
        ),
    ]
    names = [
        [item.name.split(".")[1] if "." in item.name else item.name for item in group]
        for group in grouped(items)
    ]
    assert names == [["attended", "moved"], ["feedback"], ["requested"], ["withdrawn"], ["left"]]
