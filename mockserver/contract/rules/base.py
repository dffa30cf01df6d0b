"""The record a rule module yields."""

from __future__ import annotations

from typing import NamedTuple


class BrokenRule(NamedTuple):
    """One broken rule.

    `pointer` is the JSON pointer of the value to blame, `keyword` the rule's name (`x-…`),
    `expected` what the document allows, in words, and `source` its provenance.
    """

    pointer: str
    keyword: str
    expected: str
    source: str
