"""Counts of 1..k-1 stand together with others: bars with their neighbours, words with other words."""

from __future__ import annotations

from collections.abc import Sequence

Block = tuple[int, ...]


def merge_small(counts: Sequence[int], k: int) -> tuple[Block, ...]:
    """Neighbours that stand together, by index, so that each block has 0 or at least k; none when the whole has fewer."""
    if 0 < sum(counts) < k:
        return ()
    blocks: list[Block] = []
    pending: Block = ()
    for index, count in enumerate(counts):
        pending = (*pending, index) if pending or 0 < count < k else ()
        if not pending:
            blocks.append((index,))
        elif _sum(counts, pending) >= k:
            blocks.append(pending)
            pending = ()
    while pending and _sum(counts, pending) < k:
        pending = (*blocks.pop(), *pending)
    return (*blocks, pending) if pending else tuple(blocks)


def merge_other(counts: Sequence[int], k: int) -> tuple[Block, Block]:
    """Which words are shown, and which stand together as `other`, by index.

    `other` has 0 or at least k: where the small ones have fewer, the smallest of the shown joins them. Nothing is shown
    when the whole has fewer.
    """
    other = [index for index, count in enumerate(counts) if 0 < count < k]
    shown = sorted(
        (index for index, count in enumerate(counts) if count >= k),
        key=lambda index: (-counts[index], index),
    )
    while 0 < _sum(counts, other) < k and shown:
        other.append(shown.pop())
    if 0 < _sum(counts, other) < k:
        return (), tuple(range(len(counts)))
    empty = [index for index, count in enumerate(counts) if count == 0]
    return tuple(sorted([*shown, *empty])), tuple(sorted(other))


def _sum(counts: Sequence[int], indices: Sequence[int]) -> int:
    return sum(counts[index] for index in indices)
