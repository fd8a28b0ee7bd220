"""Whose request a cycle belongs to, and which group a request is in."""

import pytest

from services.feedback.report.groups import hours_labels, zone_group, zone_labels
from tests.feedback.report.telling import Telling, begun


def groups(told: Telling) -> list[tuple[str, str, str]]:
    """Month, zone and weekly hours of each request."""
    requests, zones, hours = told.columns().requests, zone_labels(), hours_labels()
    return [
        (requests.cohorts[month], zones[zone], hours[band])
        for month, zone, band in zip(requests.cohort, requests.zone, requests.hours, strict=True)
    ]


def test_a_cycle_that_continues_another_belongs_to_its_request() -> None:
    told = begun()
    told.requested("c1", "ada")
    told.day = 3
    again = {"mentee": "ada", "request": "another", "seat": 1}
    told.fact("matching", "requested", "c2", again | {"continues": "c1"})
    told.fact("matching", "requested", "c3", again | {"continues": "c2"})

    columns = told.columns()

    assert len(columns.requests.at) == 1
    assert columns.request_of.tolist() == [0, 0, 0]


def test_cycles_of_one_request_are_its_seats() -> None:
    told = begun()
    told.requested("c1", "ada", request="q", seat=1)
    told.requested("c2", "ada", request="q", seat=2)
    told.requested("c3", "ben", request="q2")

    columns = told.columns()

    assert columns.request_of.tolist() == [0, 0, 1]
    assert len(set(columns.asked["seat"].tolist())) == 3


def test_a_second_request_of_a_cycle_edits_its_wishes_and_keeps_its_instant() -> None:
    told = begun()
    told.requested("c1", "ada")
    first = told.columns().requests.at.tolist()
    told.day = 9
    told.requested("c1", "ada")

    assert told.columns().requests.at.tolist() == first


def test_the_group_is_that_of_the_last_statement_before_the_request() -> None:
    told = begun()
    told.available("ada", hours=1, zone="Asia/Tokyo")
    told.available("ada", hours=3, zone="America/New_York")
    told.requested("c1", "ada")
    told.available("ada", hours=24, zone="Asia/Tokyo")

    assert groups(told) == [("2026-03", "UTC−6 to UTC−4", "2 to 5 hours")]


def test_somebody_else_s_statement_is_not_taken() -> None:
    told = begun()
    told.available("ben", hours=3)
    told.requested("c1", "ada")
    told.available("ada", hours=3)
    told.requested("c2", "eve")

    assert [group[1:] for group in groups(told)] == [("not stated", "not stated")] * 2


def test_a_month_is_one_on_the_clock_of_the_program() -> None:
    told = begun()
    told.day = 29 + 23 / 24  # 31 March, 23:00 UTC: 1 April, 01:00 in Berlin
    told.requested("c1", "ada")
    told.day = 92
    told.requested("c2", "ben")

    assert [group[0] for group in groups(told)] == ["2026-04", "2026-06"]
    assert told.columns().requests.cohorts == ("2026-04", "2026-05", "2026-06")


@pytest.mark.parametrize(
    "zone,label",
    [
        ("Europe/Lisbon", "UTC+0 to UTC+2"),
        ("Europe/Berlin", "UTC+0 to UTC+2"),
        ("Asia/Kolkata", "UTC+3 to UTC+5"),
        ("America/Sao_Paulo", "UTC−3 to UTC−1"),
        ("Pacific/Apia", "UTC+12 to UTC+14"),
        ("Pacific/Kiritimati", "UTC+12 to UTC+14"),
        ("Etc/GMT+12", "UTC−12 to UTC−10"),
    ],
)
def test_zones_are_grouped_by_their_standard_time(zone: str, label: str) -> None:
    assert zone_labels()[zone_group(zone)] == label
