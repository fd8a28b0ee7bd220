"""HTTP: feedback's commands and queries, each for whoever has a token that allows it."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from services.feedback.keyring import KeyRing
from services.feedback.messages import quiet
from services.feedback.queries import add_queries
from services.feedback.report_api import Reports, add_report
from services.feedback.statements import OPEN, guard
from services.feedback.submissions import add_submissions
from shared.commands import add_commands
from shared.identity import NEEDS_TOKEN, Tokens
from shared.runtime import Runtime


def router(
    runtime: Runtime, ring: Callable[[], KeyRing], tokens: Callable[[], Tokens], reports: Reports
) -> APIRouter:
    """Feedback's commands and queries."""
    routes = APIRouter(tags=["feedback"], route_class=quiet(tokens), dependencies=[*NEEDS_TOKEN])
    add_submissions(routes, runtime, ring)
    add_commands(routes, runtime, OPEN, guard(runtime))
    add_queries(routes, runtime, ring)
    add_report(routes, reports)
    return routes
