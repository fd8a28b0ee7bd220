"""A pair on a real log, with three services as processes: what they wrote of each other, sealed, and then an erasure."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest
import zstandard
from sqlalchemy import select

from services.cli.erase_saying import Said, became
from services.cli.erase_work import Done, Wanted, erase
from services.cli.erase_work import Place as Where
from services.cli.main import main
from services.cli.output import Failure
from services.feedback.keyring import KeyRing, kek_of, new_kek
from services.feedback.keyring_store import RingStore
from services.feedback.keyring_tables import KEYS, reading
from services.feedback.sealing import Contents
from services.feedback.sealing import Place as SealedPlace
from shared import migrate, provision
from shared.events.envelope import Event, EventData, decode
from shared.events.feedback import Concluded
from shared.events.outside import Noted, Submitted
from shared.log import Log
from shared.store import Store
from tests.backends.process import free_port
from tests.backends.tokens import bearer
from tests.chaos.databases import Database
from tests.chaos.trio import Place

SERVICES = ("matching", "scheduling", "feedback")
PROGRAM, CYCLE, MENTEE, MENTOR = "spring-2030", "c-first", "p-mentee", "p-mentor"
MEETING = "9ca12308a4eb5761af9583fbf801c5cc"
"""The first meeting of the first cycle of the examples."""
PHRASES = {
    "review": "she never listens to me",
    "about": "he cannot keep a secret",
    "own": "my mentee does not know this",
    "reason": "asked for it by letter 17",
}
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
_PATIENCE = 60.0


@dataclass
class Scene:
    """Where everything is, and what was sealed.

    Attributes:
        sealed: author, subject, place and sealed bytes, by the name of its phrase.
        wrapped: the mentee's data key as it was stored before the erasure, and before a rotation.
        flush: has the key ring's database write what it holds in memory into its files.
        said: everything that commands have written.
        files: where to look for words: all files, but for those of the PostgreSQL programs.
    """

    place: Place
    ring: Database
    files: Callable[[], Iterator[Path]]
    ring_files: Callable[[], Iterator[Path]]
    flush: Callable[[], None]
    sealed: dict[str, tuple[str, str, SealedPlace, str]] = field(default_factory=dict)
    wrapped: list[bytes] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    evidence: dict[str, Any] = field(default_factory=dict)

    # -- beginning --

    def begin(self) -> None:
        """The log, the databases, the key, and the services."""
        asyncio.run(self._with_log(provision.apply))
        for name, database in self.place.databases.items():
            migrate.upgrade(name, database.url)
        self.place.kek.write_text(new_kek())
        self.port = free_port()
        self.processes = {name: self.place.process(name) for name in SERVICES}
        feedback = self.processes["feedback"]
        address = {"MENTORING_HTTP_PORT": str(self.port)}
        self.processes["feedback"] = replace(
            feedback, environment={**feedback.environment, **address}
        )
        for process in self.processes.values():
            process.start()

    def end(self) -> None:
        """Nothing of it is left running."""
        for process in self.processes.values():
            process.kill9()

    async def _with_log(self, work: Callable[[Log], Any]) -> Any:
        log = await Log.connect(self.place.nats)
        try:
            return await work(log)
        finally:
            await log.close()

    # -- speaking --

    def pair_meets(self) -> None:
        """The examples: a pair comes about, and its first meeting is held."""
        lines = [
            line
            for name in ("first-cycle", "first-meeting")
            for line in (EXAMPLES / f"{name}.jsonl").read_bytes().splitlines()
        ]
        self.publish([decode(line) for line in lines[:5]])
        self.wait_for("scheduled")
        self.publish([decode(line) for line in lines[5:]])
        self.wait_for("met")

    def publish(self, events: list[Event]) -> list[Said]:
        """Append these."""

        async def work(log: Log) -> list[Said]:
            return [Said(event, await log.publish(event)) for event in events]

        said: list[Said] = asyncio.run(self._with_log(work))
        return said

    def wait_for(self, word: str) -> None:
        """Until a service has said it of the cycle, and feedback has come as far."""

        async def work(log: Log) -> int:
            while (last := await log.last(f"mentoring.{PROGRAM}.{word}.{CYCLE}.0")) is None:
                await asyncio.sleep(0.02)
            return last[0]

        until = asyncio.run(asyncio.wait_for(self._with_log(work), _PATIENCE))
        self.catch_up("feedback", until)

    def write(self) -> None:
        """Both write, as feedback's API would have it: what is said is sealed first."""
        ring = self.open_ring()
        review = SealedPlace(PROGRAM, CYCLE, "review", MEETING, "mentee", "standard-mentee")
        self._seal(ring, "review", MENTEE, MENTOR, review)
        for name, about in (("about", MENTEE), ("own", MENTOR)):
            note = SealedPlace(PROGRAM, CYCLE, "note", name, MENTOR, "setback")
            self._seal(ring, name, MENTOR, about, note)
        ring.close()
        self.wrapped.append(self.wrapped_key(MENTEE))
        assert self.on_disk() == self.wrapped[-1:]
        events = [self._event(self._statement(name)) for name in self.sealed]
        said = self.publish(events)
        store = Store(self._tables("feedback"), self.place.databases["feedback"].url)
        for each in said:
            folded = asyncio.run(became({"feedback": store}, each, _PATIENCE))
            assert folded == {"feedback": "folded"}, each.event.word
        store.dispose()

    def _seal(
        self, ring: KeyRing, name: str, author: str, subject: str, place: SealedPlace
    ) -> None:
        words = {"message": PHRASES[name]}
        said = Contents({"usefulness": 4}, texts=words) if name == "review" else None
        sealed = ring.seal(author, subject, place, said or Contents(text=PHRASES[name]))
        self.sealed[name] = (author, subject, place, sealed)

    def _statement(self, name: str) -> EventData:
        author, subject, place, sealed = self.sealed[name]
        if name == "review":
            return Submitted(meeting=MEETING, side="mentee", form=place.form, sealed=sealed)
        return Noted(note=name, kind="setback", by=author, about=subject, sealed=sealed)

    def _event(self, data: EventData) -> Event:
        now = datetime.now(UTC)
        return Event(str(uuid.uuid4()), "/mentoring/api", PROGRAM, CYCLE, now, data)

    def run(self, *arguments: str) -> tuple[int, str]:
        """A command as an operator types it; how it ended and what it answered."""
        url = self.place.databases["feedback"].url
        known = {
            "MENTORING_NATS_URL": self.place.nats,
            "MENTORING_DATABASE_URL": url.replace("feedback", "{service}"),
            "MENTORING_KEYRING_URL": self.place.keyring,
            "MENTORING_KEK_FILE": str(self.place.kek),
            "MENTORING_AUDIT_LOG": str(self.place.folder / "audit.jsonl"),
        }
        out, err = StringIO(), StringIO()
        with (
            patch.dict(os.environ, known),
            redirect_stdout(out),
            redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            main(list(arguments))
        self.said += [out.getvalue(), err.getvalue()]
        code = ended.value.code
        return code if isinstance(code, int) else 0, out.getvalue()

    # -- looking --

    def open_ring(self) -> KeyRing:
        return KeyRing(self.place.keyring, kek_of(self.place.kek, None))

    def opens(self) -> dict[str, bool]:
        """Which of what was sealed the key ring opens now."""
        ring = self.open_ring()
        try:
            return {
                name: (found := ring.unseal(author, subject, place, sealed)) is not None
                and PHRASES[name] in {found.text, *found.texts.values()}
                for name, (author, subject, place, sealed) in self.sealed.items()
            }
        finally:
            ring.close()

    def shown(self) -> dict[str, str]:
        """What feedback's HTTP interface tells of the cycle, by whom it is told."""
        roles = {MENTEE: "person", MENTOR: "person", "lee": "coordinator"}
        base = f"http://127.0.0.1:{self.port}/programs/{PROGRAM}"
        pages = [f"{base}/cycles/{CYCLE}/{page}" for page in ("reviews", "notes", "roadmap")]
        with httpx.Client(timeout=30, trust_env=False) as client:
            return {
                who: "".join(
                    client.get(page, headers=bearer(who, PROGRAM, role)).text for page in pages
                )
                for who, role in roles.items()
            }

    def wrapped_key(self, person: str) -> bytes:
        store = RingStore(self.place.keyring)
        with reading(store.engine) as connection:
            query = select(KEYS.c.wrapped).where(KEYS.c.person == person)
            found: bytes = connection.execute(query).scalar_one()
        store.close()
        return found

    def on_disk(self) -> list[bytes]:
        """Which of the wrapped keys stand in the key ring's files."""
        self.flush()
        held = [path.read_bytes() for path in self.ring_files()]
        return [key for key in self.wrapped if any(key in content for content in held)]

    def digests(self) -> Mapping[str, str]:
        """Of the rows of each service."""
        found = {}
        for name in SERVICES:
            store = Store(self._tables(name), self.place.databases[name].url)
            found[name] = store.digest()
            store.dispose()
        return found

    def stated(self) -> list[str]:
        """The words that were said about the mentee, as they stand in the log."""

        async def work(log: Log) -> list[str]:
            filters = [f"mentoring.{PROGRAM}.*.{MENTEE}.>"]
            return [entry.word async for entries in log.read(filters) for entry in entries]

        found: list[str] = asyncio.run(self._with_log(work))
        return found

    def outcome(self) -> str:
        """How the cycle ended."""

        async def work(log: Log) -> str:
            found = await log.last(f"mentoring.{PROGRAM}.concluded.{CYCLE}.0")
            assert found
            data = decode(found[1]).data
            assert isinstance(data, Concluded)
            return data.outcome

        found: str = asyncio.run(self._with_log(work))
        return found

    def catch_up(self, name: str, seq: int) -> None:
        """Until a service's store has come as far as this."""
        store = Store(self._tables(name), self.place.databases[name].url)
        position = store.metadata.tables["position"]
        deadline = time.monotonic() + _PATIENCE
        while (
            store.read(lambda connection: connection.execute(select(position.c.seq)).scalar()) or 0
        ) < seq:
            assert time.monotonic() < deadline, self.processes[name].last_words()
            time.sleep(0.02)
        store.dispose()

    def until_erased(self) -> None:
        """Until the mentee has no key: feedback opens its key ring when it starts."""
        store, deadline = RingStore(self.place.keyring), time.monotonic() + _PATIENCE
        while store.standing(PROGRAM, MENTEE) != "erased":
            assert time.monotonic() < deadline, self.processes["feedback"].last_words()
            time.sleep(0.02)
        store.close()

    def in_clear(self, files: Iterable[Path] | None = None) -> list[str]:
        """Where a phrase stands that was sealed, as it is or in base64: in files, or in what commands said."""
        secret = (phrase for name, phrase in PHRASES.items() if name != "reason")
        words = [form for phrase in secret for form in forms(phrase)]
        looked = self.files() if files is None else files
        found = [
            str(path)
            for path in looked
            if (held := content(path)) and any(w in held for w in words)
        ]
        return found + [said for said in self.said if any(w in said.encode() for w in words)]

    @staticmethod
    def _tables(name: str) -> Any:
        import importlib

        return importlib.import_module(f"services.{name}.store").TABLES

    def export(self, name: str) -> None:
        """The log as one file."""
        code, _ = self.run("log", "export", str(self.place.folder / name))
        assert code == 0, self.said[-1]

    def rotate(self) -> None:
        """Another key-encryption key, while feedback goes on."""
        for words in (
            ("keys", "new", "--file", str(self.place.kek)),
            ("keys", "rotate", "--reason", "yearly"),
        ):
            code, _ = self.run(*words)
            assert code == 0, self.said[-1]
        self.wrapped.append(self.wrapped_key(MENTEE))
        assert self.on_disk() == self.wrapped[-1:]

    def erase(self, *more: str) -> tuple[int, Any]:
        """The command; its answer for programs."""
        code, answer = self.run(
            "erase", MENTEE, "--program", PROGRAM, "--reason", PHRASES["reason"], "--yes", "--json",
            "--by", "ada", *more,
        )  # fmt: skip
        return code, json.loads(answer) if answer else self.said[-1]

    def erase_here(self, person: str = MENTEE) -> Done | str:
        """The same in this process, without `--leave`: what came of it, or why nothing did."""
        template = self.place.databases["feedback"].url.replace("feedback", "{service}")
        wanted = Wanted(PROGRAM, person, "ada", PHRASES["reason"], leave=False, patience=_PATIENCE)
        place = Where(self.place.nats, template, self.place.keyring, self.place.folder)
        try:
            return asyncio.run(erase(wanted, place, lambda plan, key: None))
        except Failure as error:
            return str(error)


def forms(phrase: str) -> list[bytes]:
    """A phrase as bytes: as it is, and as it stands in base64 at each of the three offsets."""
    plain = phrase.encode()
    shifted = (base64.b64encode(b"\0" * n + plain)[4 if n else 0 : -4] for n in range(3))
    return [plain, *shifted]


def content(path: Path) -> bytes:
    """What a file holds; an archive's behind its compression."""
    raw = path.read_bytes()
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().decompressobj().decompress(raw)
    return raw
