"""`mentoring keys new|show|rotate`: the key-encryption keys of feedback's key ring."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.acting import By, Reason, operator
from services.cli.keys_place import Keyring, given_keks, keyring_url
from services.cli.options import DEFAULT_DIR, Dir, Json
from services.cli.output import end, err, out, print_json, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from services.cli.keys_work import Known
    from services.feedback.keyring_rotation import Rotated

keys = typer.Typer(
    no_args_is_help=True,
    help="The key-encryption keys of feedback's key ring: a new one, which wraps what, and rotation.",
)


@keys.command()
def new(
    file: Annotated[
        Path | None,
        typer.Option("--file", dir_okay=False, help="Put it before those in this file."),
    ] = None,
) -> None:
    """Make a key-encryption key: print it, or put it as the first line into a file.

    A file that is new is readable for you alone. Nothing wraps with it before `mentoring keys rotate`.

    For example:

        mentoring keys new > kek
        mentoring keys new --file mentoring-data/kek
    """
    from services.cli.keys_work import prepend
    from services.feedback.keyring_keks import new_kek

    if file is None:
        typer.echo(new_kek())
        return
    made = prepend(file)
    say(f"{file}: {made.first.fingerprint} stands first of {len(made.all)}")


@keys.command()
def show(keyring: Keyring = None, folder: Dir = DEFAULT_DIR, as_json: Json = False) -> None:
    """Show which key-encryption key wraps how many data keys. Nothing secret is shown: each is named by its fingerprint.

    Ends with 1 when one is needed that is not given: feedback would not start.

    For example:

        mentoring keys show
        mentoring keys show --keyring postgresql://keyring@db/keyring --json
    """
    from services.cli.keys_work import census_of, known

    given = given_keks(folder)
    census = census_of(keyring_url(keyring, folder))
    found = known(census, given.fingerprints)
    if as_json:
        print_json({"keys": [_plain(each) for each in found], "erased": census.erased})
    else:
        out().print(_table(found))
        out().print(f"{census.erased:,} persons are erased")
        for words in _advice(found):
            say(words)
    end(any(each.needed and each.place is None for each in found))


@keys.command()
def rotate(
    reason: Reason,
    by: By = None,
    keyring: Keyring = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Wrap every data key anew with the first of the key-encryption keys, while feedback goes on.

    Put the new one before the others first, on every host that runs feedback (`mentoring keys new --file`). Cut off
    anywhere, call it again: until it has ended both keys are needed, and nothing is lost. It ends by rewriting the
    key ring's files. What is sealed stays as it is, and nothing goes to the log. Ends with 1 when data keys are
    damaged: those stay as they are.

    For example:

        mentoring keys rotate --reason "yearly"
        mentoring keys rotate --reason "a laptop with a copy was lost" --by ada --json
    """
    from services.cli.keys_journal import noted
    from services.cli.keys_work import rotate as work

    url, given = keyring_url(keyring, folder), given_keks(folder)
    with noted("rotate", operator(by), reason) as detail, err().status("rotating…") as status:
        done = work(url, given, lambda count: status.update(f"rotating… {count:,} data keys"))
        found = {"kek": done.kek, "rewrapped": done.rewrapped, "damaged": dict(done.damaged)}
        detail.update(found)
    if as_json:
        print_json(found)
    else:
        _tell(done, given.fingerprints)
    end(bool(done.damaged))


def _tell(done: Rotated, given: Sequence[str]) -> None:
    every = "every data key that opens" if done.damaged else "every data key"
    out().print(f"{done.kek} wraps {every}; {done.rewrapped:,} were wrapped anew")
    for fingerprint, count in sorted(done.damaged.items()):
        say(
            f"{count:,} of {fingerprint} do not open: restore them from a backup of the key ring, and call again"
        )
    for fingerprint in given:
        if fingerprint not in {done.kek, *done.damaged}:
            say(f"{fingerprint} wraps nothing any more: its line may go, from every host's file")


def _plain(each: Known) -> dict[str, Any]:
    return {
        "fingerprint": each.fingerprint,
        "given": each.place,
        "data_keys": each.keys,
        "wraps": each.wraps,
    }


def _table(found: Sequence[Known]) -> Table:
    from rich.table import Table

    shown = Table(box=None)
    for name in ("fingerprint", "given as", "data keys", ""):
        shown.add_column(name, justify="right" if name == "data keys" else "left")
    for each in found:
        place = "missing" if each.place is None else f"key {each.place}"
        wraps = "wraps new ones" if each.wraps else ""
        shown.add_row(each.fingerprint, place, f"{each.keys:,}", wraps)
    return shown


def _advice(found: Sequence[Known]) -> list[str]:
    """What to do next, in words."""
    missing = [each.fingerprint for each in found if each.needed and each.place is None]
    if missing:
        return [f"{', '.join(missing)}: put this key back into the file, feedback does not start"]
    if any(each.needed and each.place != 1 for each in found):
        return ["`mentoring keys rotate` has the first key wrap everything"]
    idle = [each.fingerprint for each in found if not each.needed]
    return [f"{each} wraps nothing: its line may go" for each in idle]
