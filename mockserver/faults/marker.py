"""Markers in a prompt, by which a client that cannot be changed reaches every ending.

[mock:fail]          the job fails with the provider's default reason
[mock:fail=NAME]     ... with the reason of that name in the contract, or NAME itself
[mock:cancel]        somebody else cancels the job (it fails where the provider has no such state)

In general a prompt may hold `[mock:FAULT]` with any fault's name, `[mock:FAULT=VALUE]` for its main
setting, and after either `name=value` for settings, predicates and `times`; a value with spaces stands
in double quotes. An API key may do the same after `--mock:`, with commas: `sk-1--mock:too-many,times=2`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Final, NamedTuple

_MARKER: Final = re.compile(r"\[mock:([a-z][a-z-]{0,40})((?:[=\s][^\]\n]{0,400})?)\]")
_SETTING: Final = re.compile(r'(?:^|\s)([a-z_]+)=("[^"]*"|\S+)')
_KEY_MARKER: Final = "--mock:"
MOST_MARKERS: Final = 32
"""Markers of a prompt or key that count: each costs a millisecond, and there are not that many faults."""
LONGEST_PROMPT: Final = 16 * 1024
"""Characters of a prompt in which markers count; no provider takes half of that."""


class Marker(NamedTuple):
    """A fault that a marker asks for: `value` is for its main setting, `settings` are all texts as written.

    Predicates and `times` are among the settings, as this module does not know which fault has which.
    """

    fault: str
    value: str | None
    settings: Mapping[str, str]


def read_markers(prompt: str) -> list[Marker]:
    """The markers in a prompt, in order, as far as they count."""
    if "[mock:" not in prompt:
        return []
    matches = islice(_MARKER.finditer(prompt, 0, LONGEST_PROMPT), MOST_MARKERS)
    return [_read_marker(match[1], match[2]) for match in matches]


def read_key_markers(key: str) -> list[Marker]:
    """The markers in an API key, in order, as far as they count."""
    if _KEY_MARKER not in key:
        return []
    _, *texts = key.split(_KEY_MARKER)
    return [_read_key_marker(text) for text in texts[:MOST_MARKERS]]


def _read_marker(fault: str, rest: str) -> Marker:
    value = None
    if rest.startswith("="):
        value, rest = _split_value(rest[1:])
    return Marker(fault, value, {name: text.strip('"') for name, text in _SETTING.findall(rest)})


def _split_value(text: str) -> tuple[str, str]:
    """The value at the start of a text, and the settings after it."""
    setting = re.search(r"\s[a-z_]+=", text)
    cut = len(text) if setting is None else setting.start()
    return text[:cut].strip().strip('"'), text[cut:]


def _read_key_marker(text: str) -> Marker:
    head, *settings = text.split(",")
    fault, equals, value = head.partition("=")
    pairs = (setting.partition("=") for setting in settings)
    return Marker(fault, value if equals else None, {name: given for name, _, given in pairs})
