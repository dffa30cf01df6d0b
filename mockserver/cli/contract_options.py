"""The options that say where contracts come from, the same for every command that reads contracts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

from mockserver.contract import registry
from mockserver.settings import read_mounts

Command = Callable[..., Any]
_OPTIONS = (
    click.option(
        "--contracts",
        "roots",
        envvar="MOCKSERVER_CONTRACTS",
        show_envvar=True,
        multiple=True,
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Folder with more providers, or one provider's; may be repeated.",
    ),
    click.option(
        "--replace",
        "replaced",
        envvar="MOCKSERVER_REPLACE",
        show_envvar=True,
        multiple=True,
        metavar="NAME",
        help="Let a further folder replace the provider of this name; may be repeated.",
    ),
    click.option(
        "--mount",
        "mounts",
        envvar="MOCKSERVER_MOUNT",
        show_envvar=True,
        multiple=True,
        metavar="NAME=/PREFIX",
        help="Put the provider below a prefix, the second time a copy of it; may be repeated.",
    ),
)


def source_options(command: Command) -> Command:
    """Add the options; while the command runs, every tool takes contracts from where they say."""

    @wraps(command)
    def run(
        *values: Any, roots: Sequence[Path], replaced: Sequence[str], mounts: Sequence[str], **named: Any
    ) -> Any:
        sources = registry.ContractSources(tuple(roots), tuple(replaced), read_mounts(mounts))
        click.get_current_context().with_resource(registry.using(sources))
        return command(*values, **named)

    for option in reversed(_OPTIONS):
        option(run)
    return run


def source_words() -> list[str]:
    """The options in use as words of a command line that runs again."""
    sources = registry.current()
    pairs = [
        *(("--contracts", str(root)) for root in sources.roots),
        *(("--replace", name) for name in sources.replaced),
        *(("--mount", f"{mount.name}={mount.prefix or '/'}") for mount in sources.mounts),
    ]
    return [word for pair in pairs for word in pair]
