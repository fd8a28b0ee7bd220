"""The examples do what the text beside them says."""

import asyncio
import re
import subprocess
import sys
from collections import Counter

import pytest

from services.cli.lines import Good, check
from shared import provision
from shared.events.envelope import Event, InvalidEvent, decode
from shared.log import Log, Message
from tests.docs.pages import PAGES, ROOT, blocks, name
from tests.lifecycle.memory import System

EXAMPLES = ROOT / "docs" / "examples"
CYCLE, MEETING = EXAMPLES / "first-cycle.jsonl", EXAMPLES / "first-meeting.jsonl"


def events(*files: str) -> list[Event]:
    """The events of the example files, as `mentoring publish` takes them."""
    found = []
    for file in files:
        for number, line in enumerate((EXAMPLES / file).read_bytes().splitlines(), 1):
            good = check(number, line)
            assert isinstance(good, Good), f"{file}: {good}"
            found.append(good.event)
    return found


@pytest.mark.parametrize("file", sorted(path.name for path in EXAMPLES.glob("*.jsonl")))
def test_every_line_of_an_example_may_be_published(file: str) -> None:
    assert events(file)


def test_no_two_lines_of_the_examples_are_one_event() -> None:
    ids = Counter((event.source, event.id) for event in events(CYCLE.name, MEETING.name))

    assert [each for each, count in ids.items() if count > 1] == []


def test_the_first_cycle_is_paired_and_planned_with_nobody_refused() -> None:
    system = System()
    for event in events(CYCLE.name):
        system.publish(event)
    system.settle()

    words = Counter(entry.word for entry in system.log if entry.said_by)
    assert words == {"paired": 1, "scheduled": 4}


def test_the_first_meeting_is_held() -> None:
    system = System()
    for file in (CYCLE.name, MEETING.name):
        for event in events(file):
            system.publish(event)
        system.settle()

    assert len(system.events("met")) == 1
    assert system.letters() == []


def test_every_event_in_the_text_is_valid_once_its_gaps_are_filled() -> None:
    written = [block for page in PAGES for block in blocks(page.read_text(), "json")]
    assert written

    for block in written:
        filled = block.replace("<a new UUID>", "0b6f6f0e-3d6a-4a0b-9f0e-2f6a3d1c0009")
        filled = filled.replace("<id of the parked event>", "0b6f6f0e-3d6a-4a0b-9f0e-2f6a3d1c0001")
        decode(re.sub(r"<([\w ]+)>", lambda gap: gap[1].replace(" ", "-"), filled).encode())


def test_an_event_in_the_text_that_breaks_its_contract_would_be_seen() -> None:
    with pytest.raises(InvalidEvent):
        decode(b'{"specversion": "1.0"}')


async def test_the_reader_in_the_examples_prints_the_pairs_of_its_program(nats_url: str) -> None:
    log = await Log.connect(nats_url)
    try:
        await provision.apply(log)
        body = (ROOT / "shared" / "events" / "examples" / "paired.v1.json").read_bytes()
        event = decode(body)
        await log.send(Message(event.subject, body))
    finally:
        await log.close()

    line = await asyncio.to_thread(_first_line, nats_url, event.program)

    assert line.split()[1:] == [event.id, event.data.mentee, "with", event.data.mentor]  # type: ignore[attr-defined]


def _first_line(server: str, program: str) -> str:
    command = [sys.executable, str(EXAMPLES / "read_pairs.py"), server, program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            return process.stdout.readline()
        finally:
            process.kill()


def test_every_example_is_named_in_a_page() -> None:
    text = "\n".join(page.read_text() for page in PAGES)

    assert [path.name for path in EXAMPLES.iterdir() if path.name not in text] == []


def test_pages_are_found() -> None:
    assert {"README.md", "docs/operators.md"} <= {name(page) for page in PAGES}
