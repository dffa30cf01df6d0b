"""Decides which providers' folders there are: ours, those that packages bring, and those that a user names.

Every tool asks here. What a caller gives counts; else what `using` holds in place (the command line's
options, pytest's settings); else the variables MOCKSERVER_CONTRACTS, MOCKSERVER_REPLACE and MOCKSERVER_MOUNT.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from mockserver.contract import source
from mockserver.errors import ContractError, SettingsError
from mockserver.settings import Mount, Settings, read_mounts

USUAL: Final = ("aimlapi", "gmicloud", "kkiai")
"""The providers that a server has unless it is told otherwise."""
EVERY: Final = "all"
"""Stands for every provider where names are chosen."""


class ContractSources(NamedTuple):
    """Where contracts come from beside our own: `roots` are folders of providers, or one provider's each.

    `replaced` are names whose last folder is taken where there are several, `mounts` the prefixes below which
    providers are served.
    """

    roots: tuple[Path, ...] = ()
    replaced: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()


class Placement(NamedTuple):
    """A provider by the name that it is served by: its folder, and the prefix that its paths begin with."""

    name: str
    folder: Path
    prefix: str = ""

    def read(self) -> source.Source:
        """Its files. Raises ContractError where one cannot be read."""
        return source.read_source(self.folder)._replace(served_as=self.name, below=self.prefix)


NOTHING_GIVEN: Final = ContractSources()
_in_use = NOTHING_GIVEN


@contextmanager
def using(sources: ContractSources) -> Iterator[None]:
    """Let every tool of this process take these sources where it is given none, until the block ends."""
    global _in_use
    before, _in_use = _in_use, sources
    try:
        yield
    finally:
        _in_use = before


def current(sources: ContractSources = NOTHING_GIVEN) -> ContractSources:
    """The sources, each part completed by those in use, else by the environment. Raises SettingsError."""
    return ContractSources(
        sources.roots or _in_use.roots or _roots(),
        sources.replaced or _in_use.replaced or tuple(os.environ.get("MOCKSERVER_REPLACE", "").split()),
        sources.mounts or _in_use.mounts or read_mounts(os.environ.get("MOCKSERVER_MOUNT", "").split()),
    )


def _roots() -> tuple[Path, ...]:
    named = os.environ.get("MOCKSERVER_CONTRACTS", "").split(os.pathsep)
    return tuple(Path(text) for text in named if text)


def find_all(sources: ContractSources = NOTHING_GIVEN) -> dict[str, Path]:
    """Every provider's folder by its name: ours, those of packages, then the user's.

    Raises ContractError where a folder has no provider, or where two have one of the same name that is not
    among those to replace; SettingsError where a name to replace has one folder only.
    """
    from mockserver.contract.packaged import packaged_roots

    sources = current(sources)
    return _merged((source.builtin_root(), *packaged_roots(), *sources.roots), sources.replaced)


def known(sources: ContractSources = NOTHING_GIVEN) -> dict[str, Placement]:
    """Every provider that `find_all` finds, and every copy, by the names that they are served by."""
    sources = current(sources)
    return {placement.name: placement for placement in _placed(find_all(sources), sources.mounts)}


def served(sources: ContractSources = NOTHING_GIVEN, names: Sequence[str] = ()) -> dict[str, Placement]:
    """The providers that a server has: those of the names, else the usual ones and the user's own.

    Those that are mounted are served as well. Raises what `find_all` raises, and SettingsError for an unknown
    name.
    """
    sources = current(sources)
    mounted = [mount.name for mount in sources.mounts]
    known = _near(sources, (*names, *mounted))
    theirs = [name for root in sources.roots for name in source.find_providers(root)]
    chosen = list(known) if EVERY in names else [*(names or (*USUAL, *theirs)), *mounted]
    for name in chosen:
        _check_known(name, known)
    placed = _placed({name: known[name] for name in known if name in chosen}, sources.mounts)
    return {placement.name: placement for placement in placed}


def served_by(settings: Settings) -> dict[str, Placement]:
    """The providers that a server with these settings has. Raises what `served` raises."""
    sources = ContractSources(settings.contracts, settings.replace, settings.mounts)
    return served(sources, settings.providers)


def place(name: str, sources: ContractSources = NOTHING_GIVEN) -> Placement:
    """The provider of that name, or the copy (`NAME@prefix`). Raises what `served` raises."""
    sources = current(sources)
    known = _near(sources, (name.partition("@")[0],))
    placed = {placement.name: placement for placement in _placed(known, sources.mounts)}
    _check_known(name, placed)
    return placed[name]


def _near(sources: ContractSources, needed: Iterable[str]) -> dict[str, Path]:
    """Every provider's folder; without those of packages, which take a tenth of a second to find, where
    nothing that is needed is missing without them.
    """
    roots = (source.builtin_root(), *sources.roots)
    with suppress(SettingsError):  # of a name to replace whose other folder a package may bring
        folders = _merged(roots, sources.replaced)
        if folders.keys() >= set(needed):
            return folders
    return find_all(sources)


def _merged(roots: Iterable[Path], replaced: Sequence[str]) -> dict[str, Path]:
    folders: dict[str, Path] = {}
    several = set()
    for root in roots:
        for name, folder in source.find_providers(root).items():
            other = folders.setdefault(name, folder)
            if other.resolve() == folder.resolve():
                continue
            if name not in replaced:
                raise ContractError(_two_of(name, other, folder), file=str(folder))
            several.add(name)
            folders[name] = folder
    for name in replaced:
        if name not in several:
            raise SettingsError(f"replace {name}: no two folders have a provider of this name")
    return folders


def _two_of(name: str, first: Path, second: Path) -> str:
    return (
        f"a provider is named by its folder, and {first} is named {name!r} as well;"
        f" rename one, or replace it on purpose (--replace {name}, pytest --mockserver-replace {name},"
        f" in_process.serve(replace=[{name!r}])), which takes {second}"
    )


def _placed(folders: Mapping[str, Path], mounts: Sequence[Mount]) -> Iterator[Placement]:
    """Each provider where it is served: without a mount at its own paths, with several once for each."""
    for name, folder in folders.items():
        own = [mount for mount in mounts if mount.name == name]
        if not own:
            yield Placement(name, folder)
        for number, mount in enumerate(own):
            yield Placement(mount.copy if number else name, folder, mount.prefix)


def _check_known(name: str, known: Mapping[str, object]) -> None:
    if name in known:
        return
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), known, n=2, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise SettingsError(f"no provider {name!r}; {hint}providers: {', '.join(known)}")
