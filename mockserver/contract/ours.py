"""Our own contracts, read and compiled once in a process.

They do not change while they are in use, so all servers of a process share them: a test suite starts
hundreds, and to compile three contracts anew is most of a start.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from mockserver.contract import source
from mockserver.contract.formats import Measure
from mockserver.contract.loader import compile_contract
from mockserver.contract.model import Contract
from mockserver.contract.registry import Placement
from mockserver.contract.source import Source


def is_one(folder: Path) -> bool:
    """Whether a provider's folder is one of ours."""
    return folder.parent == source.builtin_root()


def read(placement: Placement) -> Source:
    """A provider's files; ours are read once. Raises ContractError where one cannot be read."""
    if is_one(placement.folder):
        return _read(placement)
    return placement.read()


@lru_cache(maxsize=64)
def _read(placement: Placement) -> Source:
    return placement.read()


@lru_cache(maxsize=64)
def compiled(placement: Placement, profile: str, overlays: tuple[str, ...], measure: Measure) -> Contract:
    """One of ours as `profile` reads it, plus `overlays`. The tests examine that they are sound.

    Raises ContractError for a profile that it lacks.
    """
    return compile_contract(_read(placement), measure=measure, profile=profile, overlays=overlays, sound=True)
