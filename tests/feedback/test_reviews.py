"""Reviews: blind until both sides are in or the deadline has passed."""

from datetime import timedelta
from typing import Any

import pytest

from services.feedback.find import forms_of
from services.feedback.model import CLOSING, Blind, Cycle, Revealed
from services.feedback.sealing import Contents, Place
from shared.events import outside
from shared.events.feedback import Reviewed, Scale
from shared.events.rules import Form, FormItem, FormText
from tests.feedback.history import (
    GOOD,
    MENTEE,
    MENTOR,
    PROGRAM,
    History,
    a_pair,
    hold,
    left,
    met,
    miss,
    only,
    opened,
    refused,
    review,
    withdrawn,
)


def a_held_meeting(**rules: Any) -> History:
    history = a_pair(**rules)
    hold(history, 1)
    return history


def test_a_meeting_that_was_held_opens_a_review_until_the_deadline() -> None:
    history = a_held_meeting()

    assert review(history).state == Blind(history.now + timedelta(days=7))


def test_the_deadline_counts_days_on_the_programs_clock() -> None:
    history = a_pair()
    history.wait(days=25)  # 27 March: the clocks of Berlin change on the 29th

    hold(history, 1)

    assert review(history).state == Blind(history.now + timedelta(days=7, hours=-1))


def test_one_side_alone_reveals_nothing() -> None:
    history = a_held_meeting()

    assert history.submit("mentee") == []
    assert isinstance(review(history).state, Blind)


def test_both_sides_in_reveal_the_review_at_once() -> None:
    history = a_held_meeting()
    history.submit("mentor", usefulness=2, progress=1)

    said = only(history.submit("mentee"), Reviewed)

    assert said.by == "both"
    assert said.ratings == {"mentee": GOOD, "mentor": {"usefulness": 2, "progress": 1}}
    assert said.missing == ()


def test_a_reveal_names_the_scale_of_each_rating_so_that_nobody_needs_the_form() -> None:
    items = (FormItem(id="usefulness", min=0, max=10), FormItem(id="progress", max=3))
    form = Form(id="standard-mentee", side="mentee", items=items)
    history = a_held_meeting(forms=(form,))
    history.submit("mentee", usefulness=9)

    said = only(history.wait(days=7), Reviewed)

    assert said.ratings == {"mentee": {"usefulness": 9}}
    assert said.scales == {"mentee": {"usefulness": Scale(min=0, max=10)}}


def test_the_deadline_reveals_who_is_in_and_names_who_is_missing() -> None:
    history = a_held_meeting()
    history.submit("mentee")

    said = only(history.wait(days=7), Reviewed)

    assert (said.by, said.missing) == ("deadline", ("mentor",))
    assert said.ratings == {"mentee": GOOD}


def test_a_review_that_nobody_wrote_is_revealed_as_missing_on_both_sides() -> None:
    history = a_held_meeting()

    assert only(history.wait(days=7), Reviewed).missing == ("mentee", "mentor")


def test_a_review_is_edited_until_it_is_revealed() -> None:
    history = a_held_meeting()
    history.submit("mentee", usefulness=1)
    history.submit("mentee", usefulness=4)

    said = only(history.submit("mentor"), Reviewed)

    assert said.ratings["mentee"] == {"usefulness": 4}


def test_a_revealed_review_is_not_edited() -> None:
    history = a_held_meeting()
    history.submit("mentee")
    history.submit("mentor")

    assert refused(history.submit("mentee")) == ("revealed", "/data/meeting")


def test_a_review_counts_the_sides_that_are_in_before_and_after_it_is_revealed() -> None:
    history = a_held_meeting()
    seen = [review(history).sides]
    history.submit("mentee")
    history.submit("mentee")
    seen.append(review(history).sides)
    history.wait(days=7)
    seen.append(review(history).sides)

    assert seen == [0, 1, 1]


def test_a_review_after_the_deadline_is_kept_from_who_was_missing_and_never_counted() -> None:
    history = a_held_meeting()
    history.submit("mentee")
    history.wait(days=7)
    before = review(history)

    said = history.submit("mentor")

    late = review(history)
    assert said == []
    assert sorted(late.late) == ["mentor"]
    assert (late.entries, late.state, late.sides) == (before.entries, before.state, 1)


def test_a_late_review_is_taken_once() -> None:
    history = a_held_meeting()
    history.wait(days=7)
    history.submit("mentor", usefulness=1)
    first = review(history).late

    assert refused(history.submit("mentor", usefulness=5)) == (
        "already_submitted",
        "/data/meeting",
    )
    assert review(history).late == first
    assert history.submit("mentee") == []


def test_who_was_in_in_time_is_not_late() -> None:
    history = a_held_meeting()
    history.submit("mentee")
    history.wait(days=7)

    assert refused(history.submit("mentee")) == ("revealed", "/data/meeting")
    assert review(history).late == {}


def test_a_late_review_is_on_a_form_of_its_side_and_sealed_like_any_other() -> None:
    history = a_held_meeting()
    history.wait(days=7)
    data = history.sealed_review("mentee", "m1", "c1", Contents(GOOD), "standard-mentor")

    assert refused(history.say("c1", data)) == ("not_a_form_for_this", "/data/form")
    plain = data.model_copy(update={"form": "standard-mentee", "sealed": "cGxhaW4gdGV4dA=="})
    assert refused(history.say("c1", plain)) == ("not_sealed", "/data/sealed")


def test_a_review_without_what_its_form_requires_counts_with_what_it_has() -> None:
    items = (FormItem(id="usefulness", required=True), FormItem(id="progress"))
    texts = (FormText(id="message", required=True),)
    form = Form(id="standard-mentee", side="mentee", items=items, texts=texts)
    history = a_held_meeting(forms=(form,))
    history.submit("mentee", progress=2)

    said = only(history.wait(days=7), Reviewed)

    assert (said.ratings, said.missing) == ({"mentee": {"progress": 2}}, ("mentor",))


def test_items_for_the_program_only_are_not_shown_to_the_other_side() -> None:
    items = (FormItem(id="usefulness"), FormItem(id="would_repeat", audience="program"))
    forms = tuple(
        Form(id=f"standard-{side}", side=side, items=items) for side in ("mentee", "mentor")
    )
    history = a_held_meeting(forms=forms)
    history.submit("mentee", usefulness=3, would_repeat=1)

    said = only(history.submit("mentor", usefulness=5, would_repeat=5), Reviewed)

    assert said.ratings == {"mentee": {"usefulness": 3}, "mentor": {"usefulness": 5}}


def test_ratings_off_the_scale_or_off_the_form_are_not_revealed() -> None:
    history = a_held_meeting()
    history.submit("mentee", usefulness=9, listening=2, charm=3)

    assert only(history.submit("mentor"), Reviewed).ratings["mentee"] == {"listening": 2}


def test_a_form_of_the_meetings_type_goes_before_the_one_for_any() -> None:
    own = Form(id="standard-mentee", side="mentee", type="closing", items=(FormItem(id="all"),))
    general = Form(id="general", side="mentee", items=(FormItem(id="usefulness"),))
    history = a_pair(forms=(own, general))
    hold(history, 1, type="closing")
    hold(history, 2, type="regular")

    assert history.submit("mentee", "m1", all=5) == []
    assert refused(history.submit("mentee", "m2")) == ("not_a_form_for_this", "/data/form")


def test_the_forms_of_a_meeting_are_those_of_the_rules_that_bound_it() -> None:
    history = a_held_meeting()
    newer = Form(id="newer", side="mentee", items=(FormItem(id="all"),))
    history.say(PROGRAM, opened(rules="r2", forms=(newer,)))

    def forms(meeting: str) -> list[str]:
        cycle = history.row(Cycle, "c1")
        return [form.id for form in forms_of(history.world, cycle, meeting, "mentee")]

    assert (forms("m1"), forms(CLOSING)) == (["standard-mentee"], ["standard-mentee"])
    assert forms("m9") == []


def test_a_side_whose_key_is_gone_counts_as_missing() -> None:
    history = a_held_meeting()
    history.submit("mentee")
    history.ring.erase((PROGRAM, MENTEE))

    said = only(history.wait(days=7), Reviewed)

    assert (said.ratings, said.missing) == ({}, ("mentee", "mentor"))


def test_what_was_sealed_for_another_meeting_counts_as_missing() -> None:
    history = a_held_meeting()
    hold(history, 2)
    elsewhere = Place(PROGRAM, "c1", "review", "m2", "mentee", "standard-mentee")
    sealed = history.ring.seal(MENTEE, MENTOR, elsewhere, Contents(GOOD))
    data = outside.Submitted(meeting="m1", side="mentee", form="standard-mentee", sealed=sealed)
    assert history.say("c1", data) == []

    assert only(history.submit("mentor"), Reviewed).missing == ("mentee",)


def test_open_reviews_are_revealed_before_a_pair_is_concluded() -> None:
    history = a_held_meeting()
    history.submit("mentor")

    said = history.say("c1", withdrawn())

    assert [data.WORD for data in said] == ["reviewed", "concluded"]
    assert only(said, Reviewed).missing == ("mentee",)
    assert isinstance(review(history).state, Revealed)


def test_a_late_met_that_corrects_a_miss_opens_its_review() -> None:
    history = a_pair()
    miss(history, 1)

    history.say("c1", met("m1", 1), source="/mentoring/scheduling")

    assert history.submit("mentee") == []
    assert isinstance(review(history).state, Blind)


@pytest.mark.parametrize(
    "meeting, rule", [("m1", "missed"), ("m2", "not_held"), ("m9", "unknown_meeting")]
)
def test_only_a_meeting_that_was_held_is_reviewed(meeting: str, rule: str) -> None:
    history = a_pair()
    miss(history, 1)

    assert refused(history.submit("mentee", meeting)) == (rule, "/data/meeting")


def test_a_review_of_an_unknown_cycle_is_refused() -> None:
    assert refused(a_pair().submit("mentee", cycle="c9")) == ("unknown_cycle", "/subject")


def test_a_form_of_the_other_side_is_refused() -> None:
    history = a_held_meeting()
    place = Place(PROGRAM, "c1", "review", "m1", "mentee", "standard-mentor")
    sealed = history.ring.seal(MENTEE, MENTOR, place, Contents(GOOD))
    data = outside.Submitted(meeting="m1", side="mentee", form="standard-mentor", sealed=sealed)

    assert refused(history.say("c1", data)) == ("not_a_form_for_this", "/data/form")


def test_a_review_that_is_not_sealed_is_refused() -> None:
    history = a_held_meeting()
    data = outside.Submitted(
        meeting="m1", side="mentee", form="standard-mentee", sealed="cGxhaW4gdGV4dA=="
    )

    assert refused(history.say("c1", data)) == ("not_sealed", "/data/sealed")


def test_closing_reviews_are_taken_after_the_conclusion_and_never_revealed() -> None:
    history = a_held_meeting()
    assert refused(history.submit("mentee", CLOSING)) == ("not_concluded", "/data/meeting")
    history.say("c1", withdrawn())

    assert history.submit("mentee", CLOSING) == []
    assert history.submit("mentor", CLOSING) == []

    assert history.wait(days=7) == []
    assert sorted(review(history, CLOSING).entries) == ["mentee", "mentor"]
    assert refused(history.submit("mentor", CLOSING)) == ("closing_is_over", "/data/meeting")


def test_a_meeting_named_closing_has_no_review_of_its_own() -> None:
    history = a_pair()

    history.say("c1", met(CLOSING, 0), source="/mentoring/scheduling")

    assert refused(history.submit("mentee", CLOSING)) == ("not_concluded", "/data/meeting")


def test_after_the_conclusion_a_meeting_is_not_reviewed() -> None:
    history = a_held_meeting()
    history.say(MENTOR, left("mentor"))

    assert refused(history.submit("mentee")) == ("concluded", "/subject")
