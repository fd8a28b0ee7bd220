"""If-None-Match (RFC 9110, 13.1.2): what a reader has already need not be sent."""

from __future__ import annotations

import re

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_LIST = re.compile(rf"[ \t,]*(?:{_TAG.pattern}[ \t]*(?:,[ \t,]*|$))+")


def has_it(if_none_match: str | None, tag: str) -> bool:
    """Whether the header names the entity tag, by weak comparison: a proxy that packs a text weakens its tag.

    A header that breaks the grammar names nothing.
    """
    if if_none_match is None:
        return False
    told = if_none_match.strip(" \t")
    if told == "*":
        return True
    return _LIST.fullmatch(told) is not None and tag in _TAG.findall(told)
