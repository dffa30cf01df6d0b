"""Wishes written into a prompt, so that a client reaches every ending without a change.

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
from typing import Final, NamedTuple

_WISH: Final = re.compile(r"\[mock:([a-z][a-z-]{0,40})((?:[=\s][^\]\n]{0,400})?)\]")
_SETTING: Final = re.compile(r'(?:^|\s)([a-z_]+)=("[^"]*"|\S+)')
_IN_KEY: Final = "--mock:"


class Wish(NamedTuple):
    """A fault that a marker asks for: `value` is for its main setting, `settings` are all texts as written.

    Among the settings there may be predicates and `times`, as nobody here knows which fault has which.
    """

    fault: str
    value: str | None
    settings: Mapping[str, str]


def read_markers(prompt: str) -> list[Wish]:
    """Every marker in a prompt, in order."""
    if "[mock:" not in prompt:
        return []
    return [_wish(found[1], found[2]) for found in _WISH.finditer(prompt)]


def read_key_markers(key: str) -> list[Wish]:
    """Every marker in an API key, in order."""
    if _IN_KEY not in key:
        return []
    _, *texts = key.split(_IN_KEY)
    return [_in_key(text) for text in texts]


def _wish(fault: str, rest: str) -> Wish:
    value = None
    if rest.startswith("="):
        value, rest = _split(rest[1:])
    return Wish(fault, value, {name: text.strip('"') for name, text in _SETTING.findall(rest)})


def _split(text: str) -> tuple[str, str]:
    """The value that a text begins with, and the settings behind it."""
    behind = re.search(r"\s[a-z_]+=", text)
    cut = behind.start() if behind else len(text)
    return text[:cut].strip().strip('"'), text[cut:]


def _in_key(text: str) -> Wish:
    head, *settings = text.split(",")
    fault, equals, value = head.partition("=")
    pairs = (setting.partition("=") for setting in settings)
    return Wish(fault, value if equals else None, {name: given for name, _, given in pairs})
