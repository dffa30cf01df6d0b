"""Finds the contracts that installed packages bring, by the entry points of the group `mockserver.contracts`.

An entry point's value names a package with the providers' folders, or `module:NAME` where NAME is a path.
"""

from __future__ import annotations

import os
from importlib import resources
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from mockserver.contract import source
from mockserver.errors import SettingsError

GROUP: Final = "mockserver.contracts"


def packaged_roots() -> list[Path]:
    """The folder of each entry point, sorted by the entry points' names, each folder once.

    Raises SettingsError for an entry point that cannot be imported or that leads to no folder of providers.
    """
    points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return list(dict.fromkeys(map(_root, points)))


def _root(point: EntryPoint) -> Path:
    brought = point.dist.name if point.dist else "a package"
    where = f"{brought} brings contracts by its entry point {point.name} = {point.value!r} in [{GROUP}]"
    try:
        folder = _folder(point)
    except Exception as error:  # whatever the package's import raises
        reason = f"{type(error).__name__}: {error}"
        raise SettingsError(f"{where}, which cannot be loaded ({reason}); mend or remove it") from None
    if not (folder / source.DOCUMENT).is_file() and not any(folder.glob(f"*/{source.DOCUMENT}")):
        raise SettingsError(
            f"{where}, and {folder} has no {source.DOCUMENT}, nor has a folder directly below it;"
            " name a package with the folders, or module:NAME where NAME is their path"
        )
    return folder


def _folder(point: EntryPoint) -> Path:
    if point.attr:
        return Path(os.fspath(point.load()))
    module = point.load()
    if not hasattr(module, "__path__"):
        return Path(module.__file__).parent
    folder = resources.files(module)
    return folder if isinstance(folder, Path) else Path(str(next(iter(module.__path__))))
