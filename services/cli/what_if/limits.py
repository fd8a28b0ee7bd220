"""What a comparison with another world cannot know, in plain sentences, with the figures of this one."""

from __future__ import annotations

from datetime import timedelta

from services.cli.what_if.weigh import Weighed


def limits(weighed: Weighed) -> list[str]:
    """The sentences, the gravest first."""
    assumed = weighed.assumed
    return [
        *_code(weighed),
        (
            "People are taken from the record: who asked, offered, paused and left, and when. Other rules "
            f"might have brought other people, and made these behave otherwise. {_moved(weighed)}"
        ),
        _replies(weighed),
        (
            "Pairs that the record does not have never met: nothing is known of their meetings, goals and "
            f"satisfaction. {_ends(weighed)}"
        ),
        (
            f"{counted(assumed['left_out'], 'recorded event was', 'recorded events were')} left out, because what "
            "they are about is not so in the other world, such as an answer to a proposal that was never made."
        ),
        "Rounds and deadlines that the record does not have come at their instant between its events.",
        "It is one record, of one group of people: a difference of a few pairs may be chance.",
        "Scores are shown without the part for wishes, and satisfaction of small groups not at all.",
    ]


def _code(weighed: Weighed) -> list[str]:
    """A record that today's code does not repeat says less: part of the difference is not the rules'."""
    theirs = {(pair.cycle, pair.mentor, pair.at) for pair in weighed.recorded.pairs}
    ours = {(pair.cycle, pair.mentor, pair.at) for pair in weighed.again.pairs}
    if theirs == ours:
        return []
    makes = "does not make all recorded pairs"
    if theirs < ours:
        more = counted(len(ours - theirs), "pair", "pairs")
        makes = f"makes the recorded pairs and {more} that the record does not have"
    return [
        (
            f"Decided again under the recorded rules, today's version {makes}: it differs from "
            "the one that made them, so a part of the difference shown here is not due to the rules."
        )
    ]


def _replies(weighed: Weighed) -> str:
    count = counted(weighed.assumed["replies"], "question is", "questions are")
    asked = f"{count} put to people whom the record never asked about that pair (a proposal asks one or both of it)"
    after = _span(weighed.typical_reply)
    if not weighed.shares:
        return f"{asked}: the record has no answers at all, so all are assumed to accept at once. In truth some would not."
    shares = [f"{weighed.shares.get(said, 0.0):.0%}" for said in ("accepted", "declined", "silent")]
    return (
        f"{asked}: they are assumed to answer as people of the record did on the whole, {shares[0]} accept, "
        f"{shares[1]} decline and {shares[2]} say nothing, after {after}. Who does what is drawn from the ids, the "
        "same in every comparison; in truth it depends on the pair."
    )


def _moved(weighed: Weighed) -> str:
    moved = weighed.assumed["moved"]
    if not moved:
        return ""
    return (
        f"{counted(moved, 'recorded answer to a proposal is', 'recorded answers to proposals are')} taken over "
        f"to the same pair at another time."
    )


def _ends(weighed: Weighed) -> str:
    length = weighed.typical_length
    ends = counted(weighed.assumed["ends"], "end was", "ends were")
    typical = f", else the median of all, {_span(length)}" if length else ""
    return f"A pair lasts as long as the recorded pair of the same request did{typical}; {ends} assumed so."


def counted(number: int, one: str, many: str) -> str:
    """A number with what it counts."""
    return f"{number:,} {one if number == 1 else many}"


def _span(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    if hours < 48:  # noqa: PLR2004 - two days
        return f"{hours:.0f} hours" if hours >= 1 else "no time"
    return f"{hours / 24:.0f} days"
