"""Examples of the bodies that scheduling's API answers with."""

from __future__ import annotations

from typing import Any

AGENDA: dict[str, Any] = {
    "person": "p-mentor",
    "zone": "Europe/Berlin",
    "from": "2030-03-01T01:00:00+01:00",
    "to": "2030-03-11T01:00:00+01:00",
    "meetings": [
        {
            "cycle": "c-first",
            "meeting": "8017203df24651e29fb343bbcfacf86b",
            "uid": "8017203d-f246-51e2-9fb3-43bbcfacf86b",
            "sequence": 0,
            "status": "met",
            "number": 1,
            "planned": True,
            "type": "introduction",
            "skills": [],
            "format": "video",
            "mentee": "p-mentee",
            "mentor": "p-mentor",
            "starts_at": "2030-03-03T10:00:00+01:00",
            "ends_at": "2030-03-03T11:00:00+01:00",
            "zone": "UTC",
            "outside": {"mentee": 0, "mentor": 0},
            "change": {
                "sequence": 0,
                "at": "2030-03-02T10:00:00+01:00",
                "starts_at": "2030-03-03T10:00:00+01:00",
                "cause": "planned",
            },
            "verdict": {"overlap": 50, "final": True},
        }
    ],
    "more": False,
}
PLAN: dict[str, Any] = {
    "cycle": "c-first",
    "mentee": "p-mentee",
    "mentor": "p-mentor",
    "rules": "2030-1",
    "status": "running",
    "zone": "Europe/Berlin",
    "planned": 4,
    "cadence": "FREQ=WEEKLY",
    "length": 60,
    "meetings": [
        {
            "cycle": "c-first",
            "meeting": "312b480852d9575ab5e984022f6399c6",
            "uid": "312b4808-52d9-575a-b5e9-84022f6399c6",
            "sequence": 1,
            "status": "confirmed",
            "number": 3,
            "planned": True,
            "type": "regular",
            "skills": [],
            "format": "video",
            "mentee": "p-mentee",
            "mentor": "p-mentor",
            "starts_at": "2030-03-19T16:00:00+01:00",
            "ends_at": "2030-03-19T17:00:00+01:00",
            "zone": "UTC",
            "outside": {"mentee": 0, "mentor": 0},
            "change": {
                "sequence": 1,
                "at": "2030-03-02T10:01:00+01:00",
                "starts_at": "2030-03-19T16:00:00+01:00",
                "cause": "moved",
                "by": "p-mentor",
                "reason": "conflict",
            },
        }
    ],
    "unplaced": [
        {
            "number": 2,
            "constraint": "absence",
            "until": "2030-03-17T00:00:00+01:00",
            "sentence": "Somebody is away or busy whenever the two have time in common.",
        }
    ],
    "inconvenience": {
        "mentee": {"zone": "UTC", "meetings": 0, "minutes": 0},
        "mentor": {"zone": "Europe/Berlin", "meetings": 0, "minutes": 0},
    },
    "next": "312b480852d9575ab5e984022f6399c6",
}
MEETING: dict[str, Any] = {
    "zone": "UTC",
    "meeting": {
        "cycle": "c-first",
        "meeting": "8017203df24651e29fb343bbcfacf86b",
        "uid": "8017203d-f246-51e2-9fb3-43bbcfacf86b",
        "sequence": 0,
        "status": "met",
        "number": 1,
        "planned": True,
        "type": "introduction",
        "skills": [],
        "format": "video",
        "mentee": "p-mentee",
        "mentor": "p-mentor",
        "starts_at": "2030-03-03T09:00:00Z",
        "ends_at": "2030-03-03T10:00:00Z",
        "zone": "UTC",
        "outside": {"mentee": 0, "mentor": 0},
        "change": {
            "sequence": 0,
            "at": "2030-03-02T09:00:00Z",
            "starts_at": "2030-03-03T09:00:00Z",
            "cause": "planned",
        },
        "verdict": {"overlap": 50, "final": True},
    },
    "reminders": [],
    "proof": {
        "rule": "one",
        "needed": 15,
        "overlap": 50,
        "suffices": True,
        "absent": [],
        "together": [{"starts_at": "2030-03-03T09:00:00Z", "ends_at": "2030-03-03T09:50:00Z"}],
    },
    "presence": {
        "mentee": {
            "person": "p-mentee",
            "minutes": 50,
            "times": [{"starts_at": "2030-03-03T09:00:00Z", "ends_at": "2030-03-03T09:50:00Z"}],
        },
        "mentor": {
            "person": "p-mentor",
            "minutes": 50,
            "times": [{"starts_at": "2030-03-03T09:00:00Z", "ends_at": "2030-03-03T09:50:00Z"}],
        },
    },
    "contradictions": [
        {
            "person": "p-mentee",
            "code": "lengths_differ",
            "words": [{"source": "conference", "minutes": 50}, {"source": "self", "minutes": 10}],
            "sentence": "By the conference system, p-mentee was there for 50 minutes, by the "
            "person for 10.",
        }
    ],
    "evidence": [
        {
            "person": "p-mentee",
            "source": "conference",
            "joined_at": "2030-03-03T09:00:00Z",
            "left_at": "2030-03-03T09:50:00Z",
            "counts": True,
        },
        {
            "person": "p-mentee",
            "source": "self",
            "joined_at": "2030-03-03T09:00:00Z",
            "left_at": "2030-03-03T09:10:00Z",
            "counts": True,
        },
        {
            "person": "p-mentor",
            "source": "conference",
            "joined_at": "2030-03-03T09:00:00Z",
            "left_at": "2030-03-03T09:50:00Z",
            "counts": True,
        },
    ],
    "history": [
        {
            "sequence": 0,
            "at": "2030-03-02T09:00:00Z",
            "starts_at": "2030-03-03T09:00:00Z",
            "cause": "planned",
        }
    ],
}
HOURS: dict[str, Any] = {
    "person": "p-mentor",
    "stated": True,
    "zone": "Europe/Berlin",
    "own_zone": "Europe/Berlin",
    "from": "2030-03-03T01:00:00+01:00",
    "to": "2030-03-04T01:00:00+01:00",
    "hours": [{"starts_at": "2030-03-03T09:00:00+01:00", "ends_at": "2030-03-03T21:00:00+01:00"}],
    "meetings": [
        {"starts_at": "2030-03-03T10:00:00+01:00", "ends_at": "2030-03-03T11:00:00+01:00"}
    ],
    "free": [
        {"starts_at": "2030-03-03T09:00:00+01:00", "ends_at": "2030-03-03T10:00:00+01:00"},
        {"starts_at": "2030-03-03T11:00:00+01:00", "ends_at": "2030-03-03T21:00:00+01:00"},
    ],
}
SLOTS: dict[str, Any] = {
    "zone": "UTC",
    "from": "2030-03-01T00:00:00Z",
    "to": "2030-03-05T00:00:00Z",
    "cycle": "c-first",
    "rules": "2030-1",
    "length": 60,
    "openings": [
        {
            "starts_at": "2030-03-02T09:00:00Z",
            "ends_at": "2030-03-02T17:00:00Z",
            "first": "2030-03-02T09:00:00Z",
            "clocks": [
                {
                    "person": "p-mentee",
                    "zone": "UTC",
                    "starts_at": "2030-03-02T09:00:00Z",
                    "outside": 0,
                },
                {
                    "person": "p-mentor",
                    "zone": "Europe/Berlin",
                    "starts_at": "2030-03-02T10:00:00+01:00",
                    "outside": 0,
                },
            ],
        }
    ],
    "more": False,
}
