"""Texts and links: every script and length that JSON can carry, at the limits and within."""

from __future__ import annotations

import operator
from typing import Final

from hypothesis import strategies as st

from mockserver.kit.strategies.images import URLS

SPELLINGS: Final = (
    "A kite climbs over a windy beach at dusk",
    "Zażółć gęślą jaźń, 東京の夜, Привет, नमस्ते",
    "e\u0301 and \u00e9, \u1100\u1161\u11a8, Z\u0351\u036b\u0343",
    "\u05e9\u05dc\u05d5\u05dd \u202e\u0645\u0631\u062d\u0628\u0627\u202c",
    "\U0001f9d1\u200d\U0001f680 \U0001f3f3\ufe0f\u200d\U0001f308 \U00020bb7 \U0010fffd",
    "first line\nsecond line\r\n\ttab",
    "\"quotes\" 'and' \\back\\slashes {braces} %s ${x} <b>&amp;</b>",
    "\ufeff\u00a0\u2028\u2029\u200b",
    " ",
    "0",
    "null",
)
"""Texts that have broken somebody's client: combining marks, right to left, beyond the basic plane."""
_FILLERS: Final = ("a", "\u00e9", "\u4e16", "\U0001f600")
CHARACTERS: Final = st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t")
"""Every character except lone surrogates, which JSON in UTF-8 cannot carry, and control characters."""


def texts(least: int = 0, most: int | None = None) -> st.SearchStrategy[str]:
    """Texts of `least` to `most` characters (code points), often of exactly one or the other."""
    longest = 40 if most is None else min(most, 40)
    options = [st.text(CHARACTERS, min_size=least, max_size=max(least, longest))]
    limits = [least]
    fitting = [text for text in SPELLINGS if len(text) >= least]
    if most is not None:
        limits.append(most)
        fitting = [text for text in fitting if len(text) <= most]
    if fitting:
        options.append(st.sampled_from(fitting))
    full = st.builds(operator.mul, st.sampled_from(_FILLERS), st.sampled_from(limits))
    return st.one_of(*options, full)


def links() -> st.SearchStrategy[str]:
    """http and https URLs, at the domains of RFC 2606."""
    return st.sampled_from(URLS)
