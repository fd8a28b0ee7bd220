"""What people read: agendas, plans and meetings, on wide terminals and on narrow ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from rich.console import Console, RenderableType

from services.cli.schedule import agenda_view, meeting_view, plan_view
from services.cli.schedule.clock import clock_of
from services.cli.schedule.reading import Found
from tests.cli.schedule.scene import (
    KOLKATA,
    MENTEE,
    MENTOR,
    NEW_YORK,
    a_story,
    found,
    planned,
)
from tests.scheduling.history import HOUR, History, attended, available

WIDE = 120
Show = Callable[[Found, int], RenderableType]


def lines(shown: RenderableType, width: int = WIDE) -> list[str]:
    """What a terminal of this width shows, without the blanks at the ends of lines."""
    console = Console(width=width, highlight=False, markup=False)
    with console.capture() as capture:
        console.print(shown)
    return [line.rstrip() for line in capture.get().splitlines()]


def plan_of(read: Found, zone: str | None = None, width: int = WIDE) -> list[str]:
    row = read.cycle("c1")
    assert row is not None
    return lines(plan_view.show(read, row, clock_of(zone) if zone else None, width), width)


def meeting_of(read: Found, name: str, width: int = WIDE) -> list[str]:
    row = read.meeting("c1", name)
    assert row is not None
    return lines(meeting_view.show(read, row, clock_of(NEW_YORK), width), width)


def cells(line: str) -> list[str]:
    """A table's line, by its columns."""
    return [part.strip() for part in line.split("  ") if part.strip()]


# -- plan --


def test_a_plan_is_told_on_both_clocks() -> None:
    told = plan_of(found(a_story()))

    assert told[0] == "acme/c1: ada with mentor grace"
    assert "next is number 2" in told[1]
    assert cells(told[4]) == ["no", "for", NEW_YORK, "Europe/Berlin", "outside", "state"]
    assert [cells(line) for line in told[5:10]] == [
        ["1", "introduction", "Tue 3 Mar 08:00–09:00", "14:00–15:00", "held 50′"],
        ["2", "goal setting", "Wed 11 Mar 09:00–10:00", "14:00–15:00", "missed: no evidence"],
        ["2", "goal setting", "Mon 16 Mar 08:00–09:00", "13:00–14:00", "stands"],
        ["3", "regular", "Tue 17 Mar 09:00–10:00", "14:00–15:00", "cancelled"],
        ["4", "closing", "Tue 24 Mar 09:00–10:00", "14:00–15:00", "stands"],
    ]


def test_a_plan_says_who_changed_what_and_why() -> None:
    told = plan_of(found(a_story()))

    changed = told[told.index(f"What was changed ({NEW_YORK})") + 1 :]
    assert " ".join(" ".join(changed).split()) == (
        "2: moved by ada (travel), from Tue 10 Mar 2026 09:00 to Wed 11 Mar 2026 09:00; on Mon 2 Mar 2026 04:00 "
        "3: cancelled by grace (travel); on Sat 14 Mar 2026 09:00"
    )


def test_a_plan_on_the_clock_of_who_asks_has_no_other_time() -> None:
    told = plan_of(found(a_story()), KOLKATA)

    assert cells(told[4]) == ["no", "for", KOLKATA, "outside", "state"]
    assert cells(told[5])[2] == "Tue 3 Mar 18:30–19:30"
    assert f"What was changed ({KOLKATA})" in told


def test_a_plan_names_the_skills_that_its_meetings_work_on() -> None:
    told = plan_of(found(planned()))

    assert told[told.index("What they work on") + 1] == "  3: Java (computer programming)"


def test_what_has_no_meeting_is_said_in_a_sentence_each() -> None:
    history = planned()
    history.say(MENTOR, available("22:00", "PT2H", zone="Europe/Berlin"))
    history.wait(days=2)

    told = plan_of(found(history))

    first = told.index("What has no meeting") + 1
    assert told[first].startswith("  1: The two have no time in common that is long enough.")
    assert "Searched up to" in told[first]


def late() -> History:
    """Grace has time in her evening only: every meeting lies an hour outside."""
    history = planned()
    history.say(MENTOR, available("18:00", "PT1H", zone="Europe/Berlin"))
    history.say(MENTEE, available("08:00", "PT9H", zone=NEW_YORK))
    history.wait(days=2)
    return history


def test_a_plan_tells_what_each_bears_outside_of_8_to_18() -> None:
    told = plan_of(found(late()))

    first = told.index("Outside 08:00 to 18:00") + 1
    assert cells(told[first]) == ["mentee ada", NEW_YORK, "never"]
    assert cells(told[first + 1])[:2] == ["mentor grace", "Europe/Berlin"]
    assert cells(told[first + 1])[2].endswith("meetings")
    assert "mentor 60′" in " ".join(told)


def test_a_pair_without_meetings_has_an_empty_plan() -> None:
    row = found(planned()).cycle("c1")
    assert row is not None
    early = Found(row.program)
    early.world.apply([row])

    assert "  None so far." in lines(plan_view.show(early, row, None, WIDE))


# -- meeting --


def test_a_meeting_shows_who_says_that_somebody_was_there_and_when_both_were() -> None:
    told = meeting_of(found(a_story()), "1")

    first = told.index(f"Who was there, and who says so ({NEW_YORK})") + 2
    rows = [cells(line) for line in told[first:][:6]]
    assert [(row[:-2] or row[:1], row[-1]) for row in rows if len(row) > 2] == [
        (["mentee", "conference"], "50 min"),
        (["mentee"], "50 min"),
        (["mentor", "self"], "1 h"),
        (["mentor"], "1 h"),
        (["both"], "50 min"),
    ]
    assert "  50 min are shown: that suffices." in told


def test_strips_of_presence_show_when() -> None:
    told = meeting_of(found(a_story()), "1", width=72)

    strips = [line[23:53] for line in told if "▬" in line or "█" in line]
    assert strips[0].strip("·") == "▬" * 26
    assert strips[1].strip("·") == "█" * 22
    assert strips[3].strip("·") == "█" * 26
    assert strips[5] == strips[1]


def test_contradictions_are_told_beside_the_verdict() -> None:
    told = meeting_of(found(a_story()), "1")

    title = "Where sources contradict each other: it is shown, and decides nothing"
    assert "grace was there for 60 minutes" in told[told.index(title) + 1]
    assert title not in meeting_of(found(a_story()), "2")


def test_a_word_that_does_not_count_is_shown_as_such() -> None:
    history = planned(evidence="system")
    first = history.meeting(1)
    history.wait_until(first.ends_at + HOUR)
    history.attend(first, MENTEE, source="self")

    told = meeting_of(found(history), "1")

    assert any(line.endswith("1 h, not counted") and "▒" in line for line in told)
    assert "Nothing that counts shows" not in " ".join(told)
    assert "  0 min are shown: that does not suffice." in told


def test_who_is_missing_is_named() -> None:
    history = planned()
    first = history.meeting(1)
    history.wait_until(first.ends_at + HOUR)
    history.attend(first, MENTOR)

    told = meeting_of(found(history), "1")

    assert "  Nothing that counts shows ada there." in told
    assert any(line.startswith("  The verdict falls on Thu 5 Mar 2026 09:00") for line in told)


def test_a_meeting_tells_how_it_came_to_stand_so() -> None:
    told = meeting_of(found(a_story()), "3")

    assert told[0] == "acme/c1: 3 regular, cancelled by grace (travel)"
    assert "on Java (computer programming)" in told[1]
    assert [cells(line)[3] for line in told[-2:]] == [
        "planned with the rest",
        "cancelled by grace (travel)",
    ]


def test_a_meeting_of_evidence_alone_has_no_plan_to_show() -> None:
    history = planned()
    history.wait(days=1)
    joined = history.now - 2 * HOUR
    for person in MENTEE, MENTOR:
        left = joined + timedelta(minutes=30)
        history.say("c1", attended("m-unplanned", person, joined, left))
    row = next(row for row in found(history).meetings("c1") if not row.planned)

    told = meeting_of(found(history), row.meeting)

    assert told[0].startswith("acme/c1: unplanned, held: ")
    assert not any("▬" in line for line in told)


def test_strips_that_end_on_another_day_say_so() -> None:
    history = planned()
    history.wait(days=3)
    joined = history.now - 30 * HOUR
    history.say("c1", attended("m-unplanned", MENTEE, joined, joined + 20 * HOUR))
    row = next(row for row in found(history).meetings("c1") if not row.planned)

    told = meeting_of(found(history), row.meeting)

    assert any(line.rstrip().endswith(" +1 d") for line in told)


# -- agenda --


def agenda(read: Found, person: str, zone: str, width: int = WIDE) -> list[str]:
    rows = read.agenda(person)
    clock = clock_of(zone)
    head = agenda_view.head(read, person, clock, None)
    return lines(agenda_view.show(head, person, rows, clock, width), width)


def test_an_agenda_goes_day_by_day_on_one_clock() -> None:
    told = agenda(found(a_story()), MENTOR, "Europe/Berlin")

    assert told[0] == "acme/grace, as of sequence 15: times in Europe/Berlin, their own"
    assert told[2:4] == [
        "Tue 3 Mar 2026",
        "  14:00–15:00  1 introduction with mentee ada  held: 50 min together  video, c1",
    ]
    assert (
        "  14:00–15:00  3 regular with mentee ada  cancelled by grace (travel)  video, c1" in told
    )


def test_a_day_that_begins_earlier_elsewhere_is_another_day() -> None:
    told = agenda(found(a_story()), MENTEE, "Pacific/Auckland")

    assert told[2:4] == [
        "Wed 4 Mar 2026",
        "  02:00–03:00  1 introduction with mentor grace  held: 50 min together  video, c1",
    ]


# -- narrow terminals --


SHOWN: dict[str, Callable[[Found, int], list[str]]] = {
    "plan": lambda read, width: plan_of(read, None, width),
    "meeting": lambda read, width: meeting_of(read, "1", width),
    "agenda": lambda read, width: agenda(read, MENTOR, "Europe/Berlin", width),
}


@pytest.mark.parametrize("width", [60, 80, 100, 120])
@pytest.mark.parametrize("what", SHOWN)
def test_on_a_narrow_terminal_nothing_is_cut_off(what: str, width: int) -> None:
    told = SHOWN[what](found(a_story()), width)

    assert max(map(len, told)) <= width
    assert "…" not in "".join(told)


def test_where_columns_find_no_room_a_meeting_has_lines_of_its_own() -> None:
    told = plan_of(found(late()), None, 60)

    assert not any(line.lstrip().startswith("no  for") for line in told)
    first = told.index("Meetings in 2026") + 1
    assert told[first : first + 4] == [
        "   1  introduction, stands",
        f"      Tue 3 Mar 12:00–13:00 {NEW_YORK}",
        "      18:00–19:00 Europe/Berlin",
        "      outside: mentor 60′",
    ]
