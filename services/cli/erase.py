"""`mentoring erase`: what a person wrote, and what was written about them, becomes unreadable for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.acting import By, Reason, Yes, confirm, operator
from services.cli.keys_place import Keyring, keyring_url
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats
from services.cli.output import end, err, out, print_json, read_token, run, say
from services.cli.stores import Database

if TYPE_CHECKING:
    from services.cli.erase_plan import Plan


def erase(
    person: Annotated[
        str, typer.Argument(callback=read_token, help="The person's id in the program.")
    ],
    program: Annotated[
        str, typer.Option("--program", "-p", callback=read_token, help="The program.")
    ],
    reason: Reason,
    by: By = None,
    leave: Annotated[
        bool, typer.Option("--leave", help="State `left` first, which ends what is open.")
    ] = False,
    yes: Yes = False,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for each step of the services.")
    ] = 60.0,
    keyring: Keyring = None,
    database: Database = None,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Erase a person: delete the key of what they wrote and of what was written about them. Nothing undoes it.

    Shows first what would happen, and asks. Who is to be erased has left, and has no cycle open; --leave sees to
    it. Then `erased` goes to the log, every service folds it, the data key is gone, and the key ring's files are
    rewritten. Events stay under the opaque id, so that every store is still what the log says. Cut off anywhere,
    call it again: what is done is not done twice. Ends with 1 while something is left to do.

    The reason is kept with your name in feedback's store and its audit log, not in the event log. Write no names into it.

    For example:

        mentoring erase p-mentee --program spring-2030 --reason "request 17" --leave
        mentoring erase p-mentee --program spring-2030 --reason "request 17" --yes --json
    """
    from services.cli import erase_view as view
    from services.cli.erase_work import Place, Wanted
    from services.cli.erase_work import erase as work

    def agreed(plan: Plan, key: str) -> None:
        if not as_json:
            err().print(view.would(plan, key, leave=leave))
        confirm(f"erase {person} of {program} for ever?", yes=yes)

    wanted = Wanted(program, person, operator(by), reason, leave, patience)
    place = Place(nats, database, keyring_url(keyring, folder), folder)
    done = run(work(wanted, place, agreed))
    if as_json:
        print_json({"program": program, "person": person, **done.plain})
    else:
        out().print(view.came_to(done))
        for words in view.left_to_do(done):
            say(words)
        err().print(view.remains())
    end(not done.complete)
