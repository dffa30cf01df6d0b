"""`mockserver ctl`: the control plane of a running server, one file a noun, found by its name.

Part of the root `cli`. A noun's module has a `command`; its verbs are made with `said.verb`.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

import click


class Nouns(click.Group):
    """A group whose commands are the modules of this package that have one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """By name."""
        return sorted(found.name for found in pkgutil.iter_modules(__path__) if found.name != "output")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The noun of that name, imported now; None for an unknown one."""
        if cmd_name not in self.list_commands(ctx):
            return None
        noun: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return noun


@click.group(cls=Nouns)
def command() -> None:
    """Steer a running server: clocks, jobs, faults, quotas, tenants.

    It needs the token that `mockserver serve` showed at its start.
    """
