"""Loads contracts by name: built-in ones, or those of a user's own folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mockserver.contract import source
from mockserver.contract.loader import load_contract
from mockserver.contract.model import Contract
from mockserver.errors import SettingsError
from mockserver.media.picture import measure


def folders_of(folders: Sequence[Path] = ()) -> Mapping[str, Path]:
    """The folder of every provider by its name: the built-in ones, then those below `folders`.

    Raises ContractError where two of `folders` have a provider of the same name.
    """
    return source.find_all(folders)


def load(
    name: str,
    *,
    profile: str = "documented",
    overlays: Sequence[str] = (),
    folders: Sequence[Path] = (),
) -> Contract:
    """The provider's contract as `profile` reads it.

    Raises SettingsError where there is no such provider, ContractError where its folder is broken.
    """
    known = folders_of(folders)
    if name not in known:
        raise SettingsError(f"no provider {name!r}; providers: {', '.join(known)}")
    return load_contract(known[name], measure=measure, profile=profile, overlays=overlays)


def as_contract(contract: Contract | str, profile: str = "documented") -> Contract:
    """The contract itself, or the built-in one of that name."""
    return load(contract, profile=profile) if isinstance(contract, str) else contract
