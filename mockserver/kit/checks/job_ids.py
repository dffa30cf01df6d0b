"""Ids of jobs: the shape that a contract gives them, and ids of that shape that no server assigns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from mockserver.contract.model import Contract

_SHAPES: Final[Mapping[str, str]] = {
    "uuid": "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "digits": "[0-9]{LENGTH}",
    "base36": "[0-9a-z]{LENGTH}",
    "token": "[A-Za-z0-9_-]{LENGTH}",
}
_IN_WORDS: Final[Mapping[str, str]] = {
    "uuid": "a UUID",
    "digits": "LENGTH digits",
    "base36": "LENGTH digits and small letters",
    "token": "LENGTH characters of A-Z a-z 0-9 _ -",
}
_UNASSIGNED_UUID: Final = re.compile("00000000-0000-[04]000-[08]000-[0-9]{12}")
_COUNTER_DIGITS: Final = 4
"""Digits at the end of an unassigned id that may differ from the others."""


def has_shape(contract: Contract, job_id: str) -> bool:
    """Whether an id has the contract's kind, length and prefix."""
    form = _SHAPES[contract.id_kind].replace("LENGTH", str(contract.id_length))
    return re.fullmatch(re.escape(contract.id_prefix) + form, job_id) is not None


def shape_in_words(contract: Contract) -> str:
    """The contract's kind, length and prefix of an id."""
    words = _IN_WORDS[contract.id_kind].replace("LENGTH", str(contract.id_length))
    if not contract.id_prefix:
        return words
    return f"{words}, after {contract.id_prefix!r}"


def unassigned_id(contract: Contract) -> str:
    """An id of the contract's shape that no server gives to a job: all zeros."""
    if contract.id_kind == "uuid":
        return "00000000-0000-0000-0000-000000000000"
    return contract.id_prefix + "0" * contract.id_length


def is_unassigned_id(contract: Contract, job_id: str | None) -> bool:
    """Whether no server gives this id to a job: all zeros or nines, except for a number at its end."""
    if job_id is None:
        return False
    if contract.id_kind == "uuid":
        return _UNASSIGNED_UUID.fullmatch(job_id) is not None
    digits = job_id.removeprefix(contract.id_prefix)
    return len(digits) == contract.id_length and set(digits[:-_COUNTER_DIGITS]) in ({"0"}, {"9"})
