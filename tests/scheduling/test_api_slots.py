"""Hours and mutual slots over HTTP."""

from __future__ import annotations

from httpx import AsyncClient

from tests.scheduling.history import MENTEE, MENTOR
from tests.scheduling.serving import BERLIN, WEEK, P, slots


async def test_a_persons_hours_are_shown_with_the_meetings_taken_off(client: AsyncClient) -> None:
    found = (await client.get(f"{P}/persons/{MENTOR}/hours", params=WEEK)).json()
    assert (found["zone"], found["own_zone"], found["stated"]) == (BERLIN, BERLIN, True)
    times = [(row["starts_at"], row["ends_at"]) for row in found["free"]]
    assert found["meetings"] == [
        {"starts_at": "2026-03-03T10:00:00+01:00", "ends_at": "2026-03-03T11:00:00+01:00"}
    ]
    assert times[0] == ("2026-03-02T09:00:00+01:00", "2026-03-02T21:00:00+01:00")
    assert times[1] == ("2026-03-03T09:00:00+01:00", "2026-03-03T10:00:00+01:00")
    assert times[2] == ("2026-03-03T11:00:00+01:00", "2026-03-03T21:00:00+01:00")


async def test_somebody_who_has_stated_nothing_has_no_hours(client: AsyncClient) -> None:
    found = (await client.get(f"{P}/persons/nobody/hours", params=WEEK)).json()
    assert (found["stated"], found["hours"]) == (False, [])
    assert "own_zone" not in found


async def test_slots_lie_in_both_persons_hours_and_apart_from_their_meetings(
    client: AsyncClient,
) -> None:
    found = (await slots(client, zone="UTC")).json()
    times = [(row["starts_at"], row["ends_at"]) for row in found["openings"]]
    assert times == [
        ("2026-03-02T09:00:00Z", "2026-03-02T17:00:00Z"),
        ("2026-03-03T10:15:00Z", "2026-03-03T17:00:00Z"),
        ("2026-03-04T09:00:00Z", "2026-03-04T17:00:00Z"),
    ]
    assert (found["cycle"], found["rules"], found["length"]) == ("c1", "r1", 60)
    assert not found["more"]
    assert "constraint" not in found


async def test_a_slot_tells_its_first_start_on_both_clocks(client: AsyncClient) -> None:
    one = (await slots(client)).json()["openings"][0]
    assert one["clocks"] == [
        {"person": MENTEE, "zone": "UTC", "starts_at": "2026-03-02T09:00:00Z", "outside": 0},
        {"person": MENTOR, "zone": BERLIN, "starts_at": "2026-03-02T10:00:00+01:00", "outside": 0},
    ]
    assert one["first"] == "2026-03-02T09:00:00Z"


async def test_no_slot_says_what_stands_in_the_way(client: AsyncClient) -> None:
    away_then = {"from": "2026-03-09T00:00:00Z", "to": "2026-03-14T00:00:00Z"}
    found = (await slots(client, **away_then)).json()
    assert (found["openings"], found["constraint"]) == ([], "absence")
    assert found["sentence"].endswith(".")
    longer = (await slots(client, length="PT9H")).json()
    assert longer["constraint"] == "no_common_time"
    after = {"from": "2027-03-09T00:00:00Z", "to": "2027-03-14T00:00:00Z"}
    assert (await slots(client, **after)).json()["constraint"] == "program_days"


async def test_slots_are_the_same_whoever_is_asked_about_first(client: AsyncClient) -> None:
    one = (await slots(client, zone="UTC")).json()
    other = (await slots(client, a=MENTOR, b=MENTEE, zone="UTC")).json()
    assert [row["first"] for row in one["openings"]] == [row["first"] for row in other["openings"]]
    assert (one["cycle"], other["cycle"]) == ("c1", "c1")


async def test_the_time_of_the_meeting_that_is_to_be_moved_is_free(client: AsyncClient) -> None:
    plan = (await client.get(f"{P}/cycles/c1/plan")).json()
    moved = plan["meetings"][2]
    week = {"from": "2026-03-19T00:00:00Z", "to": "2026-03-20T00:00:00Z", "zone": "UTC"}
    beside = (await slots(client, **week)).json()["openings"]
    moving = (await slots(client, **week, moving=moved["meeting"])).json()["openings"]
    assert [row["ends_at"] for row in beside] == ["2026-03-19T14:45:00Z"]
    assert [row["ends_at"] for row in moving] == ["2026-03-19T17:00:00Z"]


async def test_two_who_are_no_pair_are_looked_at_by_the_rules_in_force(client: AsyncClient) -> None:
    found = (await slots(client, b="stranger")).json()
    assert (found["rules"], found["length"]) == ("r1", 60)
    assert "cycle" not in found
    assert found["constraint"] == "no_availability"


async def test_at_most_so_many_slots_are_shown(client: AsyncClient) -> None:
    found = (await slots(client, limit="2")).json()
    assert (len(found["openings"]), found["more"]) == (2, True)
