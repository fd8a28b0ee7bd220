"""How much one input may say: an atomic batch holds 1,000 messages, the fold allows 900 of them."""

from __future__ import annotations

from collections.abc import Mapping

PAIRS: Mapping[str, int] = {"none": 800, "mentor": 400, "both": 260}
"""Pairs, by who must accept: each is an answer, or one for each side asked and a timer."""
LAPSES = 120
"""Proposals that one input ends, so that their requests can go on within it; a giant's further ones lapse
at their deadline."""
