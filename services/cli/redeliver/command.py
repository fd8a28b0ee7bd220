"""`mentoring replay redeliver`: events once more, for another system that lost them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.acting import By, operator, read_words
from services.cli.archive.export import From, Until, read_place
from services.cli.options import DEFAULT_DIR, Cycle, Dir, Json, Nats, Program, Word
from services.cli.output import INTERRUPTED, Failure, print_json, run, say
from services.cli.redeliver.ticket import Ticket, read_ticket

if TYPE_CHECKING:
    from services.cli.redeliver.courier import Courier
    from shared.archive.exact import Wanted
    from shared.log import Log


Reason = Annotated[
    str,
    typer.Option(
        "--reason",
        callback=read_words,
        show_default=False,
        help="Why, in words; kept in the audit log. Needed, unless with --dry-run, or --resume that has one.",
    ),
]


def redeliver(
    to: Annotated[
        str | None,
        typer.Option(
            metavar="SUBJECT",
            help="Where to: a subject of the other system; {program}, {event} and {key} may stand in it.",
        ),
    ] = None,
    program: Program = None,
    cycle: Cycle = None,
    event: Word = None,
    since: From = None,
    until: Until = None,
    rate: Annotated[
        float | None, typer.Option(min=0.1, help="At most so many events a second.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many events it would be.")
    ] = False,
    no_ack: Annotated[
        bool,
        typer.Option("--no-ack", help="Deliver although no stream keeps it: to who listens now."),
    ] = False,
    resume: Annotated[
        str | None,
        typer.Option(metavar="TOKEN", help="Go on where a redelivery was stopped."),
    ] = None,
    reason: Reason = "",
    by: By = None,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Deliver events of the log once more, to a subject of another system that lost some.

    Body, id and headers are those of the original, and a header `Mentoring-Replay` marks it, so that whoever must
    not act twice can tell. The log itself is not touched, and none of our services hears of it. The order is the
    log's. Each event is acknowledged by the stream that keeps the subject; where there is none, --no-ack says that
    this is known.

    Stopped by Ctrl-C, or when the other side is away, it says a token; --resume with it goes on behind the last
    event that was acknowledged. Who delivered what, and why, stands in the audit log.

    For example:

        mentoring replay redeliver --to crm.replay --event concluded --from 2026-03-01T00:00:00Z --dry-run
        mentoring replay redeliver --to 'crm.{program}.{event}' --program spring --rate 100 --reason "CRM was down"
        mentoring replay redeliver --resume eyJydW4iOi…
        mentoring audit --kind redeliver
    """
    from services.cli.redeliver.target import check_subject
    from shared.archive.exact import Wanted

    chosen = [to, program, cycle, event, since, until]
    if resume is not None and any(each is not None for each in chosen):
        raise typer.BadParameter("--resume knows what and where to: give no other choice with it")
    if resume is None and to is None:
        raise typer.BadParameter("give --to SUBJECT, or --resume TOKEN")
    act = Act(rate, operator(by), reason, dry_run)
    if resume is not None:
        ticket = read_ticket(resume)
        check_subject(ticket.to)
        told = run(_resumed(ticket, act.because(ticket.reason), nats, folder))
    else:
        wanted = Wanted(program, event, cycle, read_place(since), read_place(until))
        subject = check_subject(to or "")
        told = run(_begun(wanted, subject, not no_ack, act.because(""), nats, folder))
    _tell(told, as_json)
    if told["state"] == "stopped":
        raise typer.Exit(INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Act:
    """How it is done, by whom, and why."""

    rate: float | None
    by: str
    reason: str
    dry_run: bool

    def because(self, before: str) -> Act:
        """With a reason: the one given, else the one from before.

        Raises:
            typer.BadParameter: there is none, and something is going to be delivered.
        """
        reason = self.reason or before
        if not (reason or self.dry_run):
            raise typer.BadParameter("give --reason: it is kept in the audit log")
        return replace(self, reason=reason)


async def _begun(
    wanted: Wanted, to: str, acknowledged: bool, act: Act, nats: str | None, folder: Path
) -> dict[str, Any]:
    from services.cli.connection import connected
    from services.cli.redeliver.work import begin

    async with connected(nats, folder) as log:
        ticket = await begin(log, wanted, to, acknowledged=acknowledged and not act.dry_run)
        return await _go(log, replace(ticket, reason=act.reason), act)


async def _resumed(ticket: Ticket, act: Act, nats: str | None, folder: Path) -> dict[str, Any]:
    from services.cli.connection import connected
    from services.cli.redeliver.work import check

    async with connected(nats, folder) as log:
        await check(log, ticket)
        return await _go(log, replace(ticket, reason=act.reason), act)


async def _go(log: Log, ticket: Ticket, act: Act) -> dict[str, Any]:
    from services.cli.redeliver.courier import Courier
    from services.cli.redeliver.work import count

    events = await count(log, ticket)
    if act.dry_run:
        return {"state": "dry run", "to": ticket.to, "events": events}
    return await _deliver(log, ticket, Courier(log, ticket), events, act)


async def _deliver(
    log: Log, ticket: Ticket, courier: Courier, events: int, act: Act
) -> dict[str, Any]:
    from services.cli.archive.progress import bar
    from services.cli.redeliver.work import deliver
    from shared.log import LogTrouble
    from shared.reader import ReaderLost

    left, state = ticket, "failed"
    _audit(ticket, ticket, act, "running", _counts(courier, events))
    try:
        with bar("redelivering") as move:

            def tell(now: Ticket) -> None:
                nonlocal left
                left = now
                move(courier.delivered, events)

            await deliver(log, ticket, courier, act.rate, tell)
        state = "done" if left.next > left.end else "stopped"
    except (Failure, LogTrouble, ReaderLost) as error:
        left = replace(left, next=max(left.next, courier.next))
        raise Failure(
            f"{error}. {courier.delivered:,} of {events:,} events were delivered; go on with "
            f"--resume {left.token}"
        ) from error
    finally:
        _audit(ticket, left, act, state, _counts(courier, events))
    return {"state": state, "to": ticket.to, **_counts(courier, events), **_rest(state, left)}


def _counts(courier: Courier, events: int) -> dict[str, int]:
    return {"events": events, "delivered": courier.delivered, "already": courier.already}


def _rest(state: str, left: Ticket) -> dict[str, str]:
    return {"run": left.run} | ({"token": left.token} if state == "stopped" else {})


def _audit(ticket: Ticket, left: Ticket, act: Act, state: str, detail: Mapping[str, int]) -> None:
    """A line of the audit log, which no event's contents enter; the token in it resumes what is not done."""
    from shared.replay import audit

    facts = {
        "kind": "redeliver",
        "state": state,
        "by": act.by,
        "reason": act.reason,
        "run": ticket.run,
        "log": ticket.log,
        "to": ticket.to,
        "program": ticket.program,
        "from_seq": ticket.next,
        "to_seq": ticket.end,
        "detail": detail,
    } | ({} if state == "done" else {"token": left.token})
    try:
        audit.append(audit.path(None), facts)
    except audit.AuditTrouble as error:
        raise Failure(f"{error}; go on with --resume {left.token}") from error


def _tell(told: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(told)
    elif told["state"] == "dry run":
        say(f"{told['events']:,} events would be delivered to {told['to']}; nothing was")
    else:
        already = f", {told['already']:,} of them known there" if told["already"] else ""
        say(
            f"{told['delivered']:,} of {told['events']:,} events delivered to {told['to']}{already}"
        )
    if not as_json and "token" in told:
        say(f"stopped; go on with --resume {told['token']}")
