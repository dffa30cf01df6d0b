"""Every contract the strategies are shown, loaded once: three providers by profile, and an invented one."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from hypothesis import settings
from jsonschema import Draft202012Validator

from mockserver.contract.model import Contract
from mockserver.kit import contracts
from tests.serving import ROOT

READINGS: Final = [
    *(
        (name, profile)
        for name in ("gmicloud", "aimlapi", "kkiai")
        for profile in ("documented", "vendor", "observed")
    ),
    ("orbit", "documented"),
]
"""Provider and profile."""
FEW: Final = settings(derandomize=True, database=None, deadline=None, max_examples=15)
MANY: Final = settings(FEW, max_examples=200)
DOCUMENT: Final[dict[str, Any]] = {"$defs": {"text": {"type": "string"}}}
"""What a `$ref` of a made-up schema may refer to."""


@cache
def loaded(name: str, profile: str = "documented") -> Contract:
    """The contract of a provider as a profile reads it; `orbit` is the fixtures' own."""
    return contracts.load(name, profile=profile, folders=(ROOT / "fixtures" / "orbit",))


def models() -> list[tuple[str, str, str]]:
    """Provider, profile and model, for all of them."""
    return [(*reading, model) for reading in READINGS for model in loaded(*reading).models]


def valid(schema: Any, value: Any) -> bool:
    """The verdict of a validator of the field on a made-up schema."""
    return Draft202012Validator({"allOf": [schema], **DOCUMENT}).is_valid(value)
