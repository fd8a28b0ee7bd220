"""`mentoring schedule feed`: the secret address of a person's calendar, and withdrawing it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.acting import By, operator, read_words
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats, Program
from services.cli.output import FOUND, Failure, print_json, run, say
from services.cli.schedule.agenda_command import PersonId
from services.cli.schedule.asking import ServiceUrl

if TYPE_CHECKING:
    from services.cli.schedule.asking import Told

UNKNOWN = 404
ACCEPTED = 202
"""In the log, and not folded yet."""


def feed(
    person: PersonId,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="Withdraw the address; the next one differs.")
    ] = False,
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            callback=read_words,
            show_default=False,
            help="Why it is withdrawn, in words; kept in the audit log. Needed with --revoke.",
        ),
    ] = "",
    by: By = None,
    program: Program = None,
    service: ServiceUrl = None,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show the address of a person's calendar, to which calendar programs subscribe.

    It is secret: whoever has it can read when the person meets, and how to join. Hand it to that person alone.
    --revoke withdraws it, as when it came into wrong hands: who has subscribed hears nothing more, and the new address
    is shown. Who withdrew it, and why, stands in the audit log.

    Asked of the running scheduling service, which has the key of the addresses. Ends with 1 when it knows nobody of
    this name.

    For example:

        mentoring schedule feed p-mentor
        mentoring schedule feed p-mentor --revoke --reason "was posted in a chat"
        mentoring schedule feed p-mentor --program spring-2030 --service http://scheduling:8000 --json | jq -r .url
    """
    from services.cli.schedule.asking import service_url

    if revoke and not reason:
        raise typer.BadParameter("give --reason: it is kept in the audit log")
    if reason and not revoke:
        raise typer.BadParameter("--reason is for --revoke")
    base = service_url(service, folder)
    of = program or run(_program(person, nats, folder))
    if not of:
        say(f"the log says nothing about {person}")
        raise typer.Exit(FOUND)
    told = _address(base, of, person)
    if revoke:
        _revoke(base, of, person, operator(by), reason)
        told = _address(base, of, person)
    if as_json:
        print_json(told)
    else:
        typer.echo(told["url"] or base + told["path"])


async def _program(person: str, nats: str | None, folder: Path) -> str:
    from services.cli.connection import connected
    from services.cli.folding import program_of

    async with connected(nats, folder) as log:
        return await program_of(log, person)


def _address(base: str, program: str, person: str) -> dict[str, Any]:
    from services.cli.schedule.asking import ask, refused

    told = ask(f"{base}/programs/{program}/persons/{person}/calendar")
    if told.status == UNKNOWN:
        say(f"scheduling knows nobody called {person} in {program}")
        raise typer.Exit(FOUND)
    if not told.good:
        raise refused(told)
    return {"program": program, "person": person, **told.json}


def _revoke(base: str, program: str, person: str, by: str, reason: str) -> None:
    """Withdraw it, and write down who did; the audit log is tried before anything is done.

    Raises:
        Failure: it could not be withdrawn, or not be written down, or it is not certain whether it is withdrawn.
    """
    from services.cli.schedule.asking import ask, refused
    from shared.replay import audit

    facts = {
        "kind": "revoke",
        "by": by,
        "reason": reason,
        "run": uuid.uuid4().hex,
        "to": None,
        "program": program,
        "from_seq": None,
        "to_seq": None,
        "detail": {"person": person},
    }
    try:
        file = audit.path(None)
        audit.check(file)
        try:
            told = ask(f"{base}/programs/{program}/revoked/{person}", {"what": "calendar"})
        except Failure as error:  # the request may have come through, and its answer not
            audit.append(file, {**facts, "state": "failed"})
            raise Failure(f"{error}; it may be withdrawn all the same") from error
        audit.append(file, {**facts, "state": _state(told)})
    except audit.AuditTrouble as error:
        raise Failure(str(error)) from error
    if not told.good:
        raise refused(told)
    if told.status == ACCEPTED:
        raise Failure(
            f"event {told.json['sequence']} of the log withdraws it, and scheduling has not come there yet:"
            " until then the old address works; ask for the new one later"
        )


def _state(told: Told) -> str:
    if told.status == ACCEPTED:
        return "waiting"
    return "done" if told.good else "failed"
