"""Examples of what matching's API takes and shows, for its description; a test holds them to the models."""

from __future__ import annotations

from typing import Any

WISHES: dict[str, Any] = {
    "mentee": "p-mentee",
    "request": "r-hypothetical",
    "wanted_skills": ["Python"],
    "industry": "J",
    "seniority": 3,
    "languages": ["en"],
    "team": "t-1",
}
"""A hypothetical request."""
POOL: dict[str, Any] = {
    "counts": {"open": 1, "held": 1, "paired": 12},
    "next_round": "2030-01-14T08:00:00Z",
    "waiting": [
        {
            "cycle": "c-first",
            "mentee": "p-mentee",
            "request": "r-first",
            "seat": 1,
            "since": "2030-01-07T09:30:00Z",
            "expires_at": "2030-03-08T09:30:00Z",
            "attempts": 1,
        }
    ],
    "held": [
        {
            "cycle": "c-second",
            "mentee": "p-other",
            "mentor": "p-mentor",
            "proposal": "pr-1",
            "score": 0.71,
            "attempt": 1,
            "asked": 2,
            "accepted": 1,
            "expires_at": "2030-01-11T08:00:00Z",
        }
    ],
}
LOAD: dict[str, Any] = {
    "mentor": "p-mentor",
    "load": 2,
    "pairs": 1,
    "held": 1,
    "offered": 4,
    "capacity": 3,
    "room": 0,
    "free": False,
    "paused_until": "2030-02-01T00:00:00Z",
    "left": False,
}
ROUND: dict[str, Any] = {
    "round": "5b0c7a3e-91f4-5c0d-8d5e-6f0f6c1f2a10",
    "kind": "pool",
    "at": "2030-01-07T08:00:00Z",
    "rules": "2030-1",
    "policy": "optimal",
    "waiting": 120,
    "mentors": 45,
    "places": 98,
    "matched": 96,
    "said": 96,
    "unmatched": 24,
    "total": 63.072114,
    "worst": 0.31,
    "blocking": 14,
    "reached": 1.0,
    "least": 0.0,
    "median": 1.0,
    "most": 1.0,
    "milliseconds": 41.5,
}
CANDIDATES: dict[str, Any] = {
    "program": "spring-2030",
    "cycle": "c-first",
    "mentee": "p-mentee",
    "status": "open",
    "view": "coordinator",
    "rules": "2030-1",
    "mentors": 14,
    "candidates": [
        {
            "place": 1,
            "mentor": "p-mentor",
            "score": 0.83,
            "parts": {"skills": 0.75, "time": 1.0},
            "reasons": [
                {
                    "code": "time",
                    "figures": {"minutes": 300},
                    "sentence": "Has 5 hours a week in common with the mentee, all the year.",
                }
            ],
            "load": 1,
            "room": 2,
        }
    ],
    "excluded": [{"rule": "not_available", "count": 9, "sentence": "9 mentors are not available."}],
}
