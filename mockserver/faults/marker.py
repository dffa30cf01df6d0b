"""Wishes written into a prompt, so that a client reaches every ending without a change.

[mock:fail]          the job fails with the provider's default reason
[mock:fail=NAME]     ... with the reason of that name in the contract, or NAME itself
[mock:cancel]        somebody else cancels the job (it fails where the provider has no such state)
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_MARKER: Final = re.compile(r"\[mock:(fail|cancel)(?:=([^\]\n]{1,200}))?\]")


class Marker(NamedTuple):
    """The ending a prompt asks for: `failed` or `cancelled`, and the reason to give."""

    ending: str
    reason: str | None = None


def read_marker(prompt: str) -> Marker | None:
    """The first marker in a prompt, or None."""
    if "[mock:" not in prompt:
        return None
    found = _MARKER.search(prompt)
    if found is None:
        return None
    ending = {"fail": "failed", "cancel": "cancelled"}[found[1]]
    return Marker(ending, found[2].strip() if found[2] else None)
