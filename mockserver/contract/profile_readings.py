"""The ways to read a provider's folder: its profiles, and its documented reading with one overlay more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.contract import pointer
from mockserver.contract.formats import Measure
from mockserver.contract.loader import compile_contract
from mockserver.contract.model import Contract
from mockserver.contract.source import DOCUMENT, Source
from mockserver.contract.unchecked import list_in, object_in


@dataclass(frozen=True, slots=True)
class ProfileReading:
    """One way to read the folder: a profile, or `documented` with one more overlay."""

    label: str
    profile: str
    overlays: tuple[str, ...] = ()


Loaded = list[tuple[ProfileReading, Contract]]


def readings(files: Source) -> list[ProfileReading]:
    """All readings; `documented` is the first, because what is wrong there is wrong in all of them."""
    profiles = pointer.follow(files.files[DOCUMENT], ("x-job", "profiles"))
    names = [name for name in object_in(profiles) if name != "documented"]
    return [
        ProfileReading("", "documented"),
        *(ProfileReading(f"profile {name}", name) for name in names),
        *(ProfileReading(f"overlay {name}", "documented", (name,)) for name in files.overlays()),
    ]


def distinct_readings(files: Source) -> Iterator[ProfileReading]:
    """The readings without those that lay over the documents what one before them does."""
    profiles = object_in(pointer.follow(files.files[DOCUMENT], ("x-job", "profiles")))
    earlier: list[Any] = []
    for reading in readings(files):
        overlays = [*list_in(profiles.get(reading.profile)), *reading.overlays]
        if overlays not in earlier:
            earlier.append(overlays)
            yield reading


def load_reading(files: Source, reading: ProfileReading, measure: Measure) -> Contract:
    """The contract as it reads. Raises ContractError."""
    return compile_contract(files, measure=measure, profile=reading.profile, overlays=reading.overlays)
