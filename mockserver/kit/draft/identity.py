"""Guesses the shape of a job's id from the schema of its field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from mockserver.kit.draft.description import Description

_UUID: Final = re.compile(r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$", re.IGNORECASE)
_PREFIXED: Final = re.compile(r"^([A-Za-z]{1,12}[_-])([A-Za-z0-9_-]+)$")
_SAMPLES: Final = {
    "uuid": "3f2b6c1e-8a4d-4b7e-9c05-d1e2f3a4b5c6",
    "digits": "1234567890123456789012345678901234567890123456789012345678901234",
    "base36": "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w3x4y5z6a7b8c9d0e1f2",
    "token": "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w3x4y5z6A7B8C9D0E1F2",
}
_LENGTHS: Final = (21, 24, 16, 32, 12, 8, 64, 20, 26, 10, 36)
_SHORTEST: Final = 8
_LONGEST: Final = 64


class GuessedId(NamedTuple):
    """`kind`, `length` and `prefix` as x-job has them; `is_sure` where the document shows or demands it."""

    kind: str
    length: int
    prefix: str
    is_sure: bool

    def node(self) -> dict[str, Any]:
        """As x-job writes it."""
        node: dict[str, Any] = {"kind": self.kind}
        if self.kind != "uuid":
            node["length"] = self.length
        if self.prefix:
            node["prefix"] = self.prefix
        return node


def guess_id(description: Description, schema: Any) -> GuessedId:
    """The shape that the schema's format, pattern or examples have; else a token."""
    forms = description.branches(schema)
    shown = [value for value in description.shown(schema) if isinstance(value, str)]
    if any(form.get("format") == "uuid" for form in forms) or any(_UUID.match(value) for value in shown):
        return GuessedId("uuid", 0, "", is_sure=True)
    patterns = [form["pattern"] for form in forms if isinstance(form.get("pattern"), str)]
    if patterns:
        return _of_pattern(patterns[0])
    return _of_examples(shown)


def _of_pattern(pattern: str) -> GuessedId:
    for kind, sample in _SAMPLES.items():
        lengths: Sequence[int] = (len(sample),) if kind == "uuid" else _LENGTHS
        for length in lengths:
            if re.search(pattern, sample[:length]):
                return GuessedId(kind, length, "", is_sure=True)
    literal = re.match(r"\^([A-Za-z]+[_-])", pattern)
    prefix = literal[1] if literal else ""
    for length in _LENGTHS:
        if prefix and re.search(pattern, prefix + _SAMPLES["token"][:length]):
            return GuessedId("token", length, prefix, is_sure=True)
    return GuessedId("token", 21, "", is_sure=False)


def _of_examples(shown: Sequence[str]) -> GuessedId:
    for value in shown:
        if value.isdigit():
            return GuessedId("digits", _within(len(value)), "", is_sure=True)
        match = _PREFIXED.match(value)
        if match:
            return GuessedId("token", max(_within(len(match[2])), 16), match[1], is_sure=True)
        if value.isalnum():
            kind = "base36" if value == value.lower() else "token"
            return GuessedId(kind, _within(len(value)), "", is_sure=True)
    return GuessedId("token", 21, "", is_sure=False)


def _within(length: int) -> int:
    return min(max(length, _SHORTEST), _LONGEST)
