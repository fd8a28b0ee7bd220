"""The reasons of an attempt in words, with the skills named that it was about when it was made."""

from __future__ import annotations

from collections.abc import Mapping

from services.cli.match.story import Attempt
from services.matching.explain import Match, sentences
from services.matching.model import Cycle, Mentor, Program
from services.matching.pool import two
from shared.events.types import Part
from shared.world import Waits, World


def in_words(world: World, cycle: Cycle, attempt: Attempt) -> Mapping[str, str]:
    """A sentence for each reason, by its code.

    Args:
        world: right after the input that led to the attempt: wishes and offer are those that it was made for.
        cycle: the request.
        attempt: what is said of it.
    """
    mentor = world.peek(Mentor, (cycle.program, attempt.mentor))
    program = world.peek(Program, (cycle.program,))
    if mentor is None or program is None or program.rules is None:
        return {}
    try:
        pair = two(world, program.rules, cycle, mentor)
    except Waits:
        return {}
    if not pair.requests:
        return {}
    parts: dict[Part, float] = dict(attempt.parts)
    reasons = tuple(attempt.reasons)
    said = sentences(pair, 0, 0, Match(cycle, mentor, attempt.score, parts, reasons))
    return {reason.code: words for reason, words in zip(reasons, said, strict=True)}
