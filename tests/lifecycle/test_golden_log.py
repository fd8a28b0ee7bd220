"""The golden log of the demo leads to the same rows for ever, or to a new fold version."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from services.matching.model import Mentor
from shared.entry import Entry
from shared.events.catalog import CATALOG
from shared.events.envelope import decode
from shared.events.scheduling import Met
from shared.service import Service
from tests.lifecycle.golden import golden_log as golden

KNOWN = json.loads(golden.DIGESTS.read_text())
HOW = "see tests/lifecycle/golden/golden_log.py"
LOGS = (golden.LOG, golden.OLDER)


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return golden.read()


@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.name)
def test_the_digests_belong_to_their_log(log: Path) -> None:
    assert KNOWN[log.name]["log"] == golden.fingerprint(log), HOW


@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.name)
@pytest.mark.parametrize("service", golden.SERVICES.values(), ids=golden.SERVICES)
def test_a_golden_log_keeps_its_digest_as_long_as_the_fold_version_stays(
    service: Service, log: Path
) -> None:
    known = KNOWN[log.name]["digests"][service.name]
    version = str(service.fold_version)
    assert version in known, f"{service.name} has a new fold version: {HOW}"
    assert golden.digest_of(service, golden.read(log)) == known[version], (
        f"{service.name} folds {log.name} to other rows than before: raise its fold version, {HOW}"
    )


def test_the_older_log_knows_nothing_of_what_the_contract_has_gained_since() -> None:
    bodies = [entry.body for entry in golden.read(golden.OLDER)]
    assert not [body for body in bodies if b"runners_up" in body or b'"scales"' in body]


def test_matching_knows_opinions_from_a_log_whose_reviews_name_no_scale() -> None:
    rows = golden.fold(golden.SERVICES["matching"], golden.read(golden.OLDER)).rows()
    rated = [row for row in rows if isinstance(row, Mentor) and row.fresh_count]
    assert rated


def test_the_digest_notices_a_fact_that_is_folded_otherwise(entries: list[Entry]) -> None:
    service = golden.SERVICES["scheduling"]
    evolves = {kind: evolve for kind, evolve in service.evolves.items() if kind is not Met}
    forgetful = replace(service, evolves=evolves)
    assert golden.digest_of(forgetful, entries) != golden.digest_of(service, entries)


def test_the_golden_log_tells_whole_lifecycles_of_every_kind(entries: list[Entry]) -> None:
    told = {entry.word for entry in entries}
    # A refusal stands in the older log only: that this seed has none any more is chance.
    told |= {"rejected"} & {entry.word for entry in golden.read(golden.OLDER)}
    unusual = {"assigned", "redriven", "discarded", "parked", "planned"}
    assert told >= CATALOG.keys() - unusual - {"cancelled"}
    outcomes = {
        event.data.outcome  # type: ignore[attr-defined]
        for event in (decode(entry.body) for entry in entries if entry.word == "concluded")
    }
    assert outcomes >= {"completed", "unmatched", "left"}


def test_every_cycle_of_the_golden_log_ends_in_exactly_one_concluded(entries: list[Entry]) -> None:
    begun = {entry.subject.rsplit(".", 1)[1] for entry in entries if entry.word == "requested"}
    ended = [entry.subject.rsplit(".", 1)[1] for entry in entries if entry.word == "concluded"]
    assert sorted(ended) == sorted(begun)


def test_a_log_is_kept_to_the_byte(
    entries: list[Entry], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("golden") / "copy.gz"
    golden.write(entries, path)
    assert golden.read(path) == entries
    assert path.read_bytes() == golden.LOG.read_bytes()
