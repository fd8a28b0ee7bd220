"""The reusable types, each with what it takes and how it keeps it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.events import types
from shared.events.envelope import decode
from shared.events.program import Opened
from shared.events.rules import OnCalendar, OnThreshold
from tests.contracts.samples import changed

KEPT = [
    (types.Language, "de", "de"),
    (types.Language, "EN-gb", "en-GB"),
    (types.Language, "ZH-hANT-tw", "zh-Hant-TW"),
    (types.Language, "es-419", "es-419"),
    (types.Language, "de-CH-1996", "de-CH-1996"),
    (types.Zone, "Europe/Berlin", "Europe/Berlin"),
    (types.Zone, "UTC", "UTC"),
    (types.Zone, "America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    (types.Region, "DE", "DE"),
    (types.Region, "GB-SCT", "GB-SCT"),
    (types.Industry, "J", "J"),
    (types.Industry, "6201", "6201"),
    (
        types.SkillId,
        "http://data.europa.eu/esco/skill/19a8293b",
        "http://data.europa.eu/esco/skill/19a8293b",
    ),
    (types.SkillId, "développement web", "développement web"),
    (types.SkillId, "c++", "c++"),
    (types.LocalTime, "23:59", "23:59"),
    (types.Instant, "2026-03-01T09:00:00+01:00", datetime(2026, 3, 1, 8, tzinfo=UTC)),
    (types.Day, "2028-02-29", date(2028, 2, 29)),
    (types.Day, date(2026, 3, 1), date(2026, 3, 1)),
    (types.Amount, 3, 3.0),
    (types.Share, 0.1, 0.1),
]

REFUSED = [
    (types.Language, "x-klingon"),
    (types.Language, "en_GB"),
    (types.Language, "en-u-ca-buddhist"),
    (types.Zone, "posix/Europe/Berlin"),
    (types.Zone, "Europe"),
    (types.Zone, "CEST"),
    (types.Region, "de"),
    (types.Region, "DE-"),
    (types.Industry, "V"),
    (types.Industry, "6"),
    (types.SkillId, " python"),
    (types.SkillId, "python "),
    (types.SkillId, "py\tthon"),
    (types.SkillId, "s" * 129),
    (types.SkillId, "\ud800"),
    (types.Code, "Too_Busy"),
    (types.Code, "too busy"),
    (types.Instant, "2026-03-01T09:00:00.0000000001Z"),
    (types.Instant, "2026-03-01T09:00Z"),
    (types.Instant, "2026-03-01T09:00:60Z"),
    (types.Instant, "2026-03-01T09:00:00+24:00"),
    (types.Instant, datetime(2026, 3, 1)),  # noqa: DTZ001  naive on purpose
    (types.Instant, date(2026, 3, 1)),
    (types.Day, "20260301"),
    (types.Day, "3000-01-01"),
    (types.Day, datetime(2026, 3, 1, tzinfo=UTC)),
    (types.Amount, float("nan")),
    (types.Share, float("inf")),
    (types.Share, True),
    (types.Count, 10**30),
]


@pytest.mark.parametrize("kind, given, kept", KEPT)
def test_a_value_is_kept_in_its_normal_form(kind: Any, given: object, kept: object) -> None:
    assert TypeAdapter(kind).validate_python(given) == kept


@pytest.mark.parametrize("kind, given", REFUSED)
def test_a_value_outside_the_type_is_refused(kind: Any, given: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(given)


@pytest.mark.parametrize(
    "given, kept",
    [
        ("at_once", "at_once"),
        ({"waiting": 10}, OnThreshold(waiting=10)),
        ({"rrule": "FREQ=DAILY"}, OnCalendar(rrule="FREQ=DAILY", start="09:00", zone=None)),
    ],
)
def test_rounds_come_at_once_on_a_threshold_or_on_a_calendar(given: object, kept: object) -> None:
    read = decode(changed("opened", "/data/rounds", given)).data
    assert isinstance(read, Opened)
    assert read.rounds == kept


def test_a_small_opened_is_legal_and_has_every_rule() -> None:
    small = Opened(
        rules="v1",
        effective_at=datetime(2026, 1, 1, tzinfo=UTC),
        starts_on=date(2026, 2, 1),
        ends_on=date(2026, 7, 31),
        zone="Europe/Berlin",
    )
    assert (small.acceptance, small.policy, small.rounds) == ("none", "optimal", "at_once")
    assert (small.planned_meetings, small.cadence, small.k) == (6, "FREQ=WEEKLY;INTERVAL=2", 5)
    assert [str(small.length), str(small.overlap_min)] == ["PT1H", "PT15M"]
    assert [str(small.review_within), str(small.request_expires)] == ["P1W", "P60D"]
    assert [(form.side, len(form.items)) for form in small.forms] == [("mentee", 4), ("mentor", 4)]


def test_a_rule_of_risk_that_is_absent_is_off() -> None:
    read = decode(changed("opened", "/data/risk", {"missed": 3})).data
    assert isinstance(read, Opened)
    assert (read.risk.missed, read.risk.silence) == (3, None)
