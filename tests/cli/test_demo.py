"""The demo on real servers: the same for the same seed, and stores that are what the log says."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from services.cli.demo_run import SERVICES, Run
from services.cli.place import Folder
from services.cli.population_program import Plan
from services.cli.stack import Options, Stack
from services.cli.where import PAGES
from shared.digest import digest
from shared.entry import Entry
from shared.service import Service
from shared.store import Store
from shared.world import Row
from tests.cli.conftest import Mentoring
from tests.lifecycle.golden.golden_log import fold

SIZES = ("--mentors", "3", "--mentees", "6", "--months", "1", "--seed", "11")


def start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """The demo as a process of its own, its temporary files in this folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "services.cli", "demo", *SIZES, "--json", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(folder)},
    )


def answer_of(process: subprocess.Popen[bytes]) -> Any:
    """Its answer, as soon as it stands there."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        assert process.stderr is not None
        pytest.fail(process.stderr.read().decode())
    return json.loads(line)


def test_the_same_seed_gives_the_same_result_to_the_byte_and_pages_to_look_at(
    tmp_path: Path,
) -> None:
    one = start(tmp_path, "--no-stay")
    first = answer_of(one)
    assert one.wait(30) == 0
    assert list(tmp_path.iterdir()) == []  # nothing is left of it

    other = start(tmp_path, "--stay")
    second = answer_of(other)
    try:
        for place in second["addresses"]["services"].values():
            for page in PAGES.values():
                with urllib.request.urlopen(place["url"] + page, timeout=10) as got:
                    assert got.status == 200
    finally:
        other.send_signal(signal.SIGINT)
    assert other.wait(30) == 0
    assert json.dumps(first["result"]) == json.dumps(second["result"])
    report = first["result"]["report"]
    assert report["released"] > "2026"
    assert "log" not in report
    assert first["result"]["events"] > 100


async def drive(folder: Folder) -> list[Entry]:
    """A small program in this folder; its events as they stand in the log."""
    entries: list[Entry] = []
    async with Stack(folder, Options(driven=True)) as stack:
        assert await stack.not_ready() == {}
        plan = Plan(mentors=4, mentees=7, months=2)
        await Run(folder, stack.addresses.nats, 3, plan, lambda _: None, entries.append)()
    return entries


def rows_of(service: Service, folder: Folder) -> list[Row]:
    """Everything in the store of a service."""
    store = Store(service.tables, f"sqlite:///{folder.database(service.name)}")
    transaction = store.connect()
    try:
        return list(transaction.everything())
    finally:
        transaction.close()
        store.dispose()


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (type(row).__name__, row.key()))


def test_after_the_demo_every_store_holds_what_its_log_folds_to(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    entries = asyncio.run(drive(folder))
    assert {entry.word for entry in entries} >= {"requested", "paired", "met", "reviewed"}
    for service in SERVICES:
        rows = rows_of(service, folder)
        again = list(fold(service, entries).rows())
        assert digest(in_order(rows)) == digest(in_order(again)), service.name


def test_a_folder_that_holds_a_log_is_refused(mentoring: Mentoring, tmp_path: Path) -> None:
    (tmp_path / "nats" / "store").mkdir(parents=True)
    answer = mentoring("demo", "--dir", str(tmp_path), "--no-stay")
    assert answer.code == 2
    assert "holds a log already" in answer.err
