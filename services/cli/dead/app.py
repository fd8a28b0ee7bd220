"""`mentoring dead list|show|redrive|discard`: what a service did not fold, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from services.cli.acting import By, Reason, Yes, operator
from services.cli.dead.options import (
    MAX_SEQ,
    All,
    Code,
    Error,
    Key,
    Limit,
    Newer,
    Older,
    Patience,
    Seqs,
    Word,
    read_age,
)
from services.cli.dead.selection import KINDS, STATES, Acting, Place, Selection
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats, Program
from services.cli.output import Failure, end, run
from services.cli.stores import Database, OneService, ServiceName

if TYPE_CHECKING:
    from services.cli.folds import ServiceWord

dead = typer.Typer(
    no_args_is_help=True,
    help="Dead letters: what a service did not fold, why, and what to do about it.",
)


@dead.command("list")
def list_letters(
    service: OneService = None,
    kind: Annotated[str | None, typer.Option(help="Only parked, rejected or invalid ones.")] = None,
    state: Annotated[str, typer.Option(help="open, redriven, discarded, or all.")] = "open",
    word: Word = None,
    program: Program = None,
    key: Key = None,
    error: Error = None,
    older: Older = None,
    newer: Newer = None,
    each: Annotated[bool, typer.Option("--each", help="Every one, not groups by cause.")] = False,
    database: Database = None,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """List dead letters by cause: those that hold others first.

    A parked one waits for you, and everything else of its key waits behind it. Rejected and invalid ones hold
    nothing: tell the system that said them. Shown are rules, fields and ids, never values. Ends with 1 when
    something is parked.

    For example:

        mentoring dead list
        mentoring dead list matching --error KeyError --each
        mentoring dead list --kind rejected --newer 1d --json
    """
    from services.cli.dead.listing import listing

    _one_of("--kind", kind, KINDS)
    _one_of("--state", state, STATES)
    chosen = Selection(kind, state, word, program, key, error, read_age(older), read_age(newer))
    end(run(listing(service, chosen, Place(database, nats, folder), each=each, as_json=as_json)))


@dead.command()
def show(
    service: ServiceName,
    seq: Annotated[int, typer.Argument(min=1, max=MAX_SEQ, help="Its sequence in the log.")],
    program: Program = None,
    trying: Annotated[
        bool,
        typer.Option(
            "--try",
            help="Whether the code of this command would fold it; nothing is said or stored.",
        ),
    ] = False,
    body: Annotated[
        bool, typer.Option("--body", help="The event too. What it says may be confidential.")
    ] = False,
    database: Database = None,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show one dead letter: why, what was tried, what it waits for and what waits behind it.

    For example:

        mentoring dead show matching 1042
        mentoring dead show matching 1042 --try
        mentoring dead show matching 1042 --body
    """
    from services.cli.dead.showing import show_letter

    place = Place(database, nats, folder)
    run(
        show_letter(
            cast("ServiceWord", service),
            seq,
            program,
            place,
            trying=trying,
            body=body,
            as_json=as_json,
        )
    )


@dead.command()
def redrive(
    service: ServiceName,
    seqs: Seqs = None,
    everything: All = False,
    limit: Limit = None,
    word: Word = None,
    program: Program = None,
    key: Key = None,
    error: Error = None,
    older: Older = None,
    newer: Newer = None,
    reason: Reason = "the cause was corrected",
    code: Code = "corrected",
    by: By = None,
    yes: Yes = False,
    patience: Patience = 30.0,
    database: Database = None,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Have parked events folded now: these, the first few, or all, in the order of each key.

    First correct what made them fail, and start the service with it. Try a few with --limit. One that fails
    again stays parked, and so do those behind it. Each attempt is kept, and two operators at once make it
    once. Ends with 1 when something stays parked.

    For example:

        mentoring dead redrive matching --limit 2
        mentoring dead redrive matching --all --reason "corrected in 1.4.2"
        mentoring dead redrive matching 1042
    """
    from services.cli.dead.working import redrive_letters

    ages = read_age(older), read_age(newer)
    chosen = Selection("parked", "open", word, program, key, error, *ages, seqs or (), limit)
    chosen.must_be_meant(everything=everything)
    acting = Acting(operator(by), reason, code, patience, yes)
    end(
        run(
            redrive_letters(service, chosen, acting, Place(database, nats, folder), as_json=as_json)
        )
    )


@dead.command()
def discard(
    service: ServiceName,
    reason: Reason,
    seqs: Seqs = None,
    everything: All = False,
    limit: Limit = None,
    word: Word = None,
    program: Program = None,
    key: Key = None,
    error: Error = None,
    older: Older = None,
    newer: Newer = None,
    code: Code = "given-up",
    by: By = None,
    yes: Yes = False,
    patience: Patience = 30.0,
    database: Database = None,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Give parked events up: this service passes them over for good. What waits behind them can be redriven then.

    Other services fold them or not, each for itself. Needs a reason. Ends with 1 when something stays parked.

    For example:

        mentoring dead discard matching 1042 --reason "entered twice by hand"
    """
    from services.cli.dead.working import discard_letters

    ages = read_age(older), read_age(newer)
    chosen = Selection("parked", "open", word, program, key, error, *ages, seqs or (), limit)
    chosen.must_be_meant(everything=everything)
    acting = Acting(operator(by), reason, code, patience, yes)
    end(
        run(
            discard_letters(service, chosen, acting, Place(database, nats, folder), as_json=as_json)
        )
    )


def _one_of(option: str, word: str | None, words: tuple[str, ...]) -> None:
    if word is not None and word not in words:
        raise Failure(f"{option}: must be one of {', '.join(words)}")
