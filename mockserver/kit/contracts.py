"""Loads contracts by name: ours, those that packages bring, and those of a user's own folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mockserver.contract import registry
from mockserver.contract.loader import compile_contract
from mockserver.contract.model import Contract
from mockserver.contract.registry import ContractSources, Placement
from mockserver.media.picture import measure


def placements(folders: Sequence[Path] = ()) -> Mapping[str, Placement]:
    """Every provider by its name. `folders` are the user's own; without any, those that the registry has.

    Raises ContractError where two folders have a provider of the same name.
    """
    return registry.known(ContractSources(tuple(folders)))


def load(
    name: str,
    *,
    profile: str = "documented",
    overlays: Sequence[str] = (),
    folders: Sequence[Path] = (),
    replaced: Sequence[str] = (),
) -> Contract:
    """The provider's contract as `profile` reads it; `replaced` are names that `folders` have as well.

    Raises SettingsError where there is no such provider, ContractError where its folder is broken.
    """
    files = registry.place(name, ContractSources(tuple(folders), tuple(replaced))).read()
    return compile_contract(files, measure=measure, profile=profile, overlays=overlays)


def as_contract(contract: Contract | str, profile: str = "documented") -> Contract:
    """The contract itself, or the one of that name."""
    return load(contract, profile=profile) if isinstance(contract, str) else contract
