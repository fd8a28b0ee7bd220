"""HTTP: the program's report, for coordinators."""

from __future__ import annotations

from typing import Annotated, Protocol

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from services.feedback.report.collect import NoProgram, NotAFact
from services.feedback.report.model import Report
from shared.commands import Name
from shared.identity import Caller
from shared.refusals import Refused, answers

At = Annotated[
    AwareDatetime | None,
    Query(description="The state at the last release before this instant; absent: now."),
]


class Reports(Protocol):
    """Makes reports."""

    async def get(self, program: str, at: AwareDatetime | None = None) -> Report:
        """The report of a program at an instant, now when none is given."""


def add_report(routes: APIRouter, reports: Reports) -> None:
    """Add the program's report."""

    @routes.get("/programs/{program}/report", responses=answers(401, 403, 404, 409, 422, 503))
    async def report(program: Name, caller: Caller, at: At = None) -> Report:
        """What became of the program: nothing in it tells of fewer persons than the program's k."""
        caller.require("coordinator")
        try:
            return await reports.get(program, at)
        except NoProgram as error:
            raise Refused(404, "/program", "unknown_program") from error
        except NotAFact as error:
            raise Refused(409, "/program", "not_a_fact") from error
