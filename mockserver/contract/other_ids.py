"""Further ids of a job, made of its own by a change that can be undone, so that none has to be stored."""

from __future__ import annotations

import hashlib
import uuid
from typing import Final, NamedTuple

from mockserver.terms import OPENING, OPENING_OR_HYPHEN, SMALL, IdKind

_VERSION_AND_VARIANT: Final = 0xF000_C000_0000_0000_0000
"""The bits of a UUID that say what kind of UUID it is."""
_ALL: Final = (1 << 128) - 1


class OtherId(NamedTuple):
    """A further id of the jobs of a provider: its name and prefix, and the shape of the job's own id."""

    name: str
    prefix: str
    kind: IdKind
    own_prefix: str

    def of(self, job_id: str) -> str:
        """The further id of a job. One whose own id has another shape than the provider's stays in it."""
        changed = self._changed(job_id.removeprefix(self.own_prefix), 1)
        return self.prefix + (changed or f"{self.name}-{job_id}")

    def own(self, text: str) -> str | None:
        """The id of the job that has this further id, if there is such a job; None for any other text."""
        if not text.startswith(self.prefix):
            return None
        inner = text.removeprefix(self.prefix)
        if inner.startswith(f"{self.name}-"):
            return inner.removeprefix(f"{self.name}-")
        changed = self._changed(inner, -1)
        return None if changed is None else self.own_prefix + changed

    def _changed(self, text: str, way: int) -> str | None:
        """The text changed, or changed back; None where it has not the shape."""
        number = int.from_bytes(hashlib.sha256(self.name.encode()).digest(), "big")
        if self.kind == "uuid":
            return _masked(text, number)
        if self.kind == "digits":
            return _shifted_number(text, number * way)
        first, later = (SMALL, SMALL) if self.kind == "base36" else (OPENING, OPENING_OR_HYPHEN)
        return _shifted_characters(text, first, later, number, way)


def _masked(text: str, number: int) -> str | None:
    try:
        plain = uuid.UUID(text)
    except ValueError:
        return None
    if str(plain) != text:
        return None
    return str(uuid.UUID(int=plain.int ^ (number & _ALL & ~_VERSION_AND_VARIANT)))


def _shifted_number(text: str, number: int) -> str | None:
    if not (text.isascii() and text.isdigit()) or text.startswith("0"):
        return None
    low = 10 ** (len(text) - 1)
    return str((int(text) - low + number) % (9 * low) + low)


def _shifted_characters(text: str, first: str, later: str, number: int, way: int) -> str | None:
    shifted = []
    for index, character in enumerate(text):
        letters = later if index else first
        if character not in letters:
            return None
        shift = way * (number >> (8 * (index % 32)) & 0xFF)
        shifted.append(letters[(letters.index(character) + shift) % len(letters)])
    return "".join(shifted) or None
