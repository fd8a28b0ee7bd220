"""`mentoring demo`: a whole program of mentors and mentees, through the three services, in driven time."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from services.cli.options import Json
from services.cli.output import Failure, err, out, print_json, run, say
from services.cli.place import Folder
from services.cli.population_program import Plan
from services.cli.stack import Options, Stack
from services.cli.where import table

if TYPE_CHECKING:
    from services.cli.demo_run import Moment, Result


def demo(
    seed: Annotated[int, typer.Option(help="The same seed gives the same result.")] = 1,
    mentors: Annotated[int, typer.Option(min=1, max=2000, help="How many mentors.")] = 40,
    mentees: Annotated[int, typer.Option(min=1, max=5000, help="How many mentees.")] = 120,
    months: Annotated[int, typer.Option(min=1, max=24, help="How long the program lasts.")] = 6,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--dir", file_okay=False, help="An empty folder to keep it in; else a temporary one."
        ),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the temporary folder.")] = False,
    stay: Annotated[
        bool | None,
        typer.Option(
            "--stay/--no-stay", help="Keep serving until Ctrl-C; as a rule when somebody looks."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a whole mentoring program through the three services and show what became of it.

    Mentors and mentees with real ESCO occupations and skills, in real time zones with their holidays, enrol, are
    paired, meet, review each other and conclude; some decline, move meetings, stay away, forget, pause or leave.
    The services are real processes on a real log. Only time is driven: timers wait until their instant comes,
    so that half a year takes a minute.

    For example:

        mentoring demo
        mentoring demo --seed 7 --mentors 10 --mentees 30 --months 3
        mentoring demo --json --no-stay | jq .result.report.funnel.total.bars
    """
    stays = sys.stdout.isatty() and not as_json if stay is None else stay
    plan = Plan(mentors, mentees, months)
    with _folder(folder, keep) as place:
        run(_demo(place, seed, plan, stays=stays, as_json=as_json))


@contextlib.contextmanager
def _folder(given: Path | None, keep: bool) -> Iterator[Folder]:
    """The folder given, which must hold no log yet, or a temporary one."""
    if given is not None:
        place = Folder(given)
        if (place.nats / "store").exists():
            raise Failure(f"{place.path} holds a log already: give an empty folder, or none")
        yield place
        return
    path = Path(tempfile.mkdtemp(prefix="mentoring-demo-"))
    try:
        yield Folder(path)
    finally:
        if keep:
            say(f"kept in {path}: look at it with mentoring up --driven --dir {path}")
        else:
            shutil.rmtree(path, ignore_errors=True)


async def _demo(folder: Folder, seed: int, plan: Plan, *, stays: bool, as_json: bool) -> None:
    from services.cli.demo_run import Run

    async with Stack(folder, Options(driven=True)) as stack:
        with err().status("starting NATS and the services…"):
            why = await stack.not_ready()
        if why:
            raise Failure("; ".join(f"{name}: {reason}" for name, reason in why.items()))
        began = time.monotonic()
        with _progress() as told:
            result = await Run(folder, stack.addresses.nats, seed, plan, told)()
            told.end()
        took = time.monotonic() - began
        if as_json:
            print_json({"result": _plain(result), "addresses": asdict(stack.addresses)})
        else:
            _present(result, took)
            if stays:
                out().print(table(stack.addresses, folder))
            else:
                say("everything has ended; with --stay it goes on serving its pages until Ctrl-C")
        if stays:
            _say_how_to_look(result, folder)
            await _until_told_to_end()
            say("ending: the services, then NATS…")


@contextlib.contextmanager
def _progress() -> Iterator[Told]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn(
            "{task.fields[events]:,} events · {task.fields[pairs]} pairs · {task.fields[meetings]} meetings held"
        ),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err(), refresh_per_second=8) as progress:
        yield Told(progress)


class Told:
    """Shows how far a run is."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("enrolling", total=1.0, events=0, pairs=0, meetings=0)

    def __call__(self, moment: Moment) -> None:
        """It is this far."""
        self._progress.update(
            self._task,
            description=f"{moment.now:%a %d %b %Y}",
            completed=moment.share,
            events=moment.events,
            pairs=moment.pairs,
            meetings=moment.meetings,
        )

    def end(self) -> None:
        """It is over."""
        self._progress.update(self._task, completed=1.0)


def _present(result: Result, took: float) -> None:
    from services.cli.report.view import summary

    plan, console = result.plan, out()
    title = (
        f"\n{plan.mentors} mentors, {plan.mentees} mentees, {plan.months} months, seed {result.seed}: "
        f"{result.events:,} events in {took:.0f} s\n"
    )
    console.print(Text(title, style="bold"))
    console.print(summary(result.report, console.width))
    console.print(_letters(result))
    digests = Text("\nThe same seed gives the same:\n", style="dim")
    for what, known in (("said by", result.said), ("rows of", result.rows)):
        for name, digest in known.items():
            digests.append(f"  {what} {name}: {digest[:16]}\n")
    console.print(digests)


def _letters(result: Result) -> Text:
    """What services refused: nobody is told of it else."""
    told = [
        f"\n  {count:,} × {letter.kind} by {letter.service}: {letter.rule}"
        for letter, count in result.letters.items()
    ]
    return Text("".join(("\nRefused: nothing" if not told else "\nRefused", *told)))


def _plain(result: Result) -> dict[str, Any]:
    """For programs: what two runs with the same seed have in common, to the byte."""
    report = result.report.model_dump(mode="json", exclude={"log", "position"})
    letters = [{**letter._asdict(), "count": count} for letter, count in result.letters.items()]
    return {
        "program": result.program,
        "seed": result.seed,
        "plan": asdict(result.plan),
        "events": result.events,
        "report": report,
        "letters": letters,
        "said": result.said,
        "rows": result.rows,
        "example": result.example,
    }


def _say_how_to_look(result: Result, folder: Folder) -> None:
    where = f"--dir {folder.path}"
    if result.example:
        say(f"A cycle from beginning to end: mentoring cycle {result.example} {where}")
        say(f"Why it got this mentor:        mentoring match explain {result.example} {where}")
        say(f"When the two met:              mentoring schedule plan {result.example} {where}")
        say(f"What they worked on:           mentoring roadmap {result.example} {where}")
    say(
        f"How the program went:          mentoring report {result.program} --clock event --html report.html {where}"
    )
    say(f"How the weekly rounds went:    mentoring match rounds {where}")
    say("Serving until Ctrl-C…")


async def _until_told_to_end() -> None:
    """Until the first SIGINT or SIGTERM."""
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    await told.wait()
