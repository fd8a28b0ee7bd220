"""The demo's people are real enough, do what they mean to do, and are the same for the same seed."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

import pytest

from services.cli import population_meetings
from services.cli.population import Population
from services.cli.population_chance import Intent
from services.cli.population_program import PROGRAM, Plan
from services.feedback.sealing import Contents, Place
from shared.events import feedback, matching, outside, scheduling
from shared.events.envelope import Event, EventData
from shared.vocabulary import load

PLAN = Plan(8, 20, 3)
DAY = timedelta(days=1)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def seal(author: str, subject: str, place: Place, contents: Contents) -> str:
    return "sealed"


def people(seed: int = 1, plan: Plan = PLAN) -> Population:
    return Population(seed, plan, seal)


def said(intents: Iterable[Intent]) -> list[tuple[datetime, str, EventData]]:
    """What is said when nobody is hindered."""
    ordered = sorted(intents, key=lambda each: (each.at, each.id))
    return [(each.at, each.key, data) for each in ordered if (data := each.say()) is not None]


def hear(population: Population, word: EventData, key: str, nth: int = 1) -> list[Intent]:
    event_id = f"00000000-0000-4000-8000-{nth:012}"
    return population.hear(Event(event_id, "/mentoring/x", PROGRAM, key, NOW, word))


def paired(population: Population, cycle: str = "c1") -> matching.Paired:
    mentee, mentor = (
        next(iter(population.scene.people.mentees)),
        next(iter(population.scene.people.mentors)),
    )
    return matching.Paired.model_validate(
        {
            "mentee": mentee,
            "mentor": mentor,
            "rules": "r1",
            "request": "r",
            "seat": 1,
            "score": 0.5,
            "policy": "optimal",
            "round": "x",
            "waited": "P0D",
            "planned_meetings": 4,
            "cadence": "FREQ=WEEKLY",
            "length": "PT1H",
            "format": "video",
            "language": "en",
        }
    )


def scheduled(pair: matching.Paired, meeting: str, sequence: int = 0) -> scheduling.Scheduled:
    start = NOW + 10 * DAY
    return scheduling.Scheduled.model_validate(
        {
            "mentee": pair.mentee,
            "mentor": pair.mentor,
            "rules": "r1",
            "meeting": meeting,
            "uid": "u",
            "sequence": sequence,
            "status": "CONFIRMED",
            "starts_at": start,
            "ends_at": start + timedelta(hours=1),
            "zone": "UTC",
            "number": 1,
            "type": "regular",
            "format": "video",
            "planned": True,
            "cause": "planned",
        }
    )


def test_the_same_seed_gives_the_same_people_who_mean_to_do_the_same() -> None:
    assert said(people(5).begin()) == said(people(5).begin())


def test_another_seed_gives_other_people() -> None:
    ids = [set(people(seed).scene.people.mentors) for seed in (1, 2)]
    assert ids[0].isdisjoint(ids[1])


def test_what_people_do_does_not_depend_on_the_order_in_which_they_hear_of_things() -> None:
    one, two = people(), people()
    for population, order in ((one, "ab"), (two, "ba")):
        for name in order:
            hear(population, paired(population, name), f"c{name}", ord(name))
    plans = [
        [
            (intent.at, intent.id, intent.word)
            for name in "ab"
            for intent in hear(population, scheduled(paired(population), f"m{name}"), f"c{name}")
        ]
        for population in (one, two)
    ]
    assert plans[0] == plans[1]


def test_occupations_skills_and_zones_are_real() -> None:
    vocabulary, known = load(), people().scene.people
    for mentee in known.mentees.values():
        assert mentee.wishes.target_occupation in vocabulary.occupations
        assert {*mentee.wishes.wanted_skills, *mentee.wishes.held_skills} <= set(vocabulary.skills)
        assert not set(mentee.wishes.wanted_skills) & set(mentee.wishes.held_skills)
    for mentor in known.mentors.values():
        assert {skill.id for skill in mentor.offer.skills} <= set(vocabulary.skills)
    assert {person.available.zone for person in known.everybody()} <= available_timezones()


def test_everybody_states_time_before_the_offer_or_request() -> None:
    spoken = said(people().begin())
    timely = {key for _, key, data in spoken if data.WORD == "available"}
    for at, key, data in spoken:
        if isinstance(data, outside.Offered | outside.Requested):
            person = data.mentee if isinstance(data, outside.Requested) else key
            assert person in timely
            assert min(when for when, who, _ in spoken if who == person) < at


def test_ids_of_intentions_are_unique() -> None:
    ids = [intent.id for intent in people(plan=Plan()).begin()]
    assert len(ids) == len(set(ids))


def test_nobody_attends_a_meeting_that_was_moved_away() -> None:
    population = people()
    pair = paired(population)
    hear(population, pair, "c1")
    before = hear(population, scheduled(pair, "m1"), "c1", 2)
    hear(population, scheduled(pair, "m1", sequence=1), "c1", 3)
    assert [data for _, _, data in said(before)] == []


def test_nobody_answers_a_proposal_that_has_lapsed() -> None:
    population = people(plan=Plan(8, 20, 3))
    to = next(iter(population.scene.people.mentors))
    pair = paired(population)
    proposed = matching.Proposed.model_validate(
        {
            "mentee": pair.mentee,
            "mentor": to,
            "rules": "r1",
            "proposal": "p",
            "to": to,
            "score": 0.5,
            "expires_at": NOW + 4 * DAY,
            "attempt": 1,
            "round": "x",
        }
    )
    answers = hear(population, proposed, "c1")
    hear(population, matching.Lapsed(proposal="p", to=to, cause="superseded"), "c1", 2)
    assert said(answers) == []


def test_nobody_reviews_what_is_revealed() -> None:
    population = people()
    pair = paired(population)
    hear(population, pair, "c1")
    sides = {"mentee": pair.mentee, "mentor": pair.mentor, "rules": "r1", "meeting": "m1"}
    met = scheduling.Met.model_validate(
        {
            **sides,
            "number": 1,
            "type": "regular",
            "starts_at": NOW,
            "overlap": "PT1H",
            "planned": True,
        }
    )
    reviews = [intent for intent in hear(population, met, "c1", 2) if intent.word == "submitted"]
    hear(population, feedback.Reviewed.model_validate({**sides, "by": "deadline"}), "c1", 3)
    assert reviews
    assert said(reviews) == []


def test_a_pair_that_has_ended_does_nothing_more() -> None:
    population = people()
    pair = paired(population)
    ahead = [*hear(population, pair, "c1"), *hear(population, scheduled(pair, "m1"), "c1", 2)]
    concluded = feedback.Concluded.model_validate(
        {"mentee": pair.mentee, "outcome": "left", "paired": True, "overlap_total": "PT0M"}
    )
    hear(population, concluded, "c1", 3)
    assert ahead
    assert said(ahead) == []


@pytest.mark.parametrize("months, meetings", [(1, 2), (3, 4), (6, 6), (12, 6)])
def test_a_short_program_plans_fewer_meetings(months: int, meetings: int) -> None:
    assert Plan(4, 8, months).meetings == meetings


def test_some_who_left_early_say_that_they_were_there_to_the_end() -> None:
    population = people()
    pair = paired(population)
    hear(population, pair, "c1")
    told = [
        data
        for n in range(200)
        for _, _, data in said(hear(population, scheduled(pair, f"m{n}"), "c1", n + 2))
        if isinstance(data, outside.Attended)
    ]

    lengths = {(each.meeting, each.person, each.source): each.left_at for each in told}
    claims = [each for each in told if each.source == "self"]
    seen = [lengths.get((each.meeting, each.person, "conference")) for each in claims]

    assert any(
        before is not None and each.left_at is not None and each.left_at - before > DAY / 48
        for each, before in zip(claims, seen, strict=True)
    )


def test_a_claim_and_a_later_word_of_the_same_person_are_two_events(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for chance in ("LEAVES_EARLY", "CLAIMS_ALL", "SAYS_SO"):
        monkeypatch.setattr(population_meetings, chance, 1.0)
    population = people()
    pair = paired(population)
    hear(population, pair, "c1")
    ids = [
        intent.id
        for n in range(20)
        for intent in hear(population, scheduled(pair, f"m{n}"), "c1", n + 2)
    ]

    assert len(ids) == len(set(ids))


def test_somebody_withdraws_the_address_of_a_calendar() -> None:
    spoken = said(people().begin())

    assert {data.what for _, _, data in spoken if isinstance(data, outside.Revoked)} == {"calendar"}
