"""The catalogue against the list of events, written by hand: who says it, what it is about, what it must and may say."""

import json
import re

import pytest

from shared.events.base import PairData
from shared.events.catalog import CATALOG, contract, contracts
from shared.events.program import Opened
from shared.events.rules import DEFAULT_RISK, Risk

PAIR = "mentee mentor rules"

LISTED = """
requested cycle outside:
    mentee request seat continues? wanted_skills held_skills occupation? target_occupation?
    industry seniority languages formats cadence? readiness goals team manager? vocabulary?
paired cycle matching:
    PAIR request seat proposal? score parts reasons policy round waited planned_meetings
    cadence length format language focus skills runners_up excluded
met cycle scheduling:
    PAIR meeting number type starts_at overlap sources planned corrects? contradicted
reviewed cycle feedback:
    PAIR meeting by ratings missing scales
concluded cycle feedback:
    mentee mentor? rules? outcome paired planned held unplanned overlap_total goals
    first_met_at? ended_by? continues_in? lasted?
opened program outside:
    rules effective_at starts_on ends_on zone holidays rounds policy weights hard floor
    acceptance accept_within request_expires on_mentor_left capacity planned_meetings
    cadence length overlap_min evidence dispute notice buffer weekly_max reminders forms
    review_within risk completes_at pay_it_forward k vocabulary protected wishes?
offered mentor outside:
    capacity accepts_new paused_until? skills occupations industry seniority languages
    formats team manager? vocabulary?
available person outside:
    zone region? weekly exceptions
preferred person outside:
    prefer avoid wishes
left person outside:
    roles effective_at
proposed cycle matching:
    PAIR proposal to score parts reasons expires_at attempt round
    runners_up excluded
accepted cycle outside:
    proposal by reason?
declined cycle outside:
    proposal by reason?
lapsed cycle matching:
    proposal to cause
assigned cycle outside:
    mentor by overrides
withdrawn cycle outside:
    by role rematch reason?
unmatched cycle matching:
    mentee waited excluded
planned program matching:
    round part pairs
tallied program matching:
    rules round policy waiting mentors places matched said unmatched total worst? blocking?
    reached? loads? milliseconds?
agreed cycle outside:
    terms by planned_meetings cadence length format language topics goals confidentiality
scheduled cycle scheduling:
    PAIR meeting uid sequence status starts_at ends_at zone number type format planned
    replaces? cause by? reason? outside skills
unplaced cycle scheduling:
    PAIR number constraint until
moved cycle outside:
    meeting sequence by starts_at? reason?
cancelled cycle outside:
    meeting sequence by reason?
reminded cycle scheduling:
    PAIR meeting sequence starts_at zone to lead
attended cycle outside:
    meeting person joined_at left_at? source
missed cycle scheduling:
    PAIR meeting number starts_at reason absent final_at contradicted
submitted cycle outside:
    meeting side form sealed
progressed cycle outside:
    goal value unit as_of by
noted cycle outside:
    note kind by about? sealed goal? due_on? done audience
flagged cycle feedback:
    PAIR flag rule status evidence side?
due any timer:
    service name at
rejected any judge:
    event rule field
parked any judge:
    event service cause error
redriven any operator:
    event service by reason
discarded any operator:
    event service by reason
erased person outside:
    person effective_at
revoked person outside:
    what
volunteered person outside:
    willing
"""
"""The event, its key, who says it, its fields; `?` marks one that may be absent, PAIR stands for three."""


def _events() -> list[tuple[str, str, str, str]]:
    return [_event(entry) for entry in re.split(r"\n(?=\w)", LISTED.strip())]


def _event(entry: str) -> tuple[str, str, str, str]:
    head, fields = entry.split(":")
    word, key, owner = head.split()
    return word, key, owner, " ".join(fields.split()).replace("PAIR", PAIR)


EVENTS = _events()


@pytest.mark.parametrize("word, key, owner, fields", EVENTS)
def test_an_event_is_about_its_key_and_has_its_fields(
    word: str, key: str, owner: str, fields: str
) -> None:
    model = CATALOG[word]
    assert (word, key, owner) == (model.WORD, model.KEY, model.OWNER)
    nullable = {name for name, field in model.model_fields.items() if field.default is None}
    assert [
        f"{name}?" if name in nullable else name for name in model.model_fields
    ] == fields.split()


def test_the_catalogue_lists_every_event_and_no_other() -> None:
    assert list(CATALOG) == [word for word, *_ in EVENTS]


def test_a_class_is_named_as_its_word() -> None:
    assert [model.__name__ for model in CATALOG.values()] == [word.capitalize() for word in CATALOG]


def test_a_contract_is_found_by_word_and_version() -> None:
    assert [contract(model.WORD, model.VERSION) for model in contracts()] == list(contracts())


def test_an_unknown_version_is_no_contract() -> None:
    with pytest.raises(KeyError):
        contract("requested", 99)


def test_the_services_name_both_sides_and_the_rules_of_every_pair() -> None:
    named = {word for word, model in CATALOG.items() if issubclass(model, PairData)}
    services = {
        word
        for word, model in CATALOG.items()
        if model.OWNER in {"matching", "scheduling", "feedback"}
    }
    assert services - named == {"lapsed", "unmatched", "planned", "tallied", "concluded"}


def test_the_contract_tells_the_risk_that_holds_when_none_is_stated() -> None:
    said = Opened.model_fields["risk"].description or ""
    rules = json.loads(DEFAULT_RISK.model_dump_json())
    assert [
        f"{rule} {limit}" for rule, limit in rules.items() if f"{rule} {limit}" not in said
    ] == []
    assert {*rules} == {*Risk.model_fields}
