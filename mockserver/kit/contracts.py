"""Loads contracts by name: ours, those that packages bring, and those of a user's own folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson

from mockserver.contract import registry
from mockserver.contract.loader import compile_contract
from mockserver.contract.model import Contract
from mockserver.contract.registry import ContractSources, Placement
from mockserver.media.picture import measure

_MOST: Final = 32
_loaded: dict[tuple[Any, ...], Contract] = {}


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

    As long as the files stay the same, so does the object, and with it what strategies remember of it.
    Raises SettingsError where there is no such provider, ContractError where its folder is broken.
    """
    files = registry.place(name, ContractSources(tuple(folders), tuple(replaced))).read()
    content = sha256(orjson.dumps(files.files)).digest()
    key = (files.folder, files.served_as, files.below, content, profile, tuple(overlays))
    contract = _loaded.get(key)
    if contract is None:
        contract = compile_contract(files, measure=measure, profile=profile, overlays=overlays)
        if len(_loaded) >= _MOST:
            _loaded.clear()
        _loaded[key] = contract
    return contract


def as_contract(contract: Contract | str, profile: str = "documented") -> Contract:
    """The contract itself, or the one of that name."""
    return load(contract, profile=profile) if isinstance(contract, str) else contract
