"""`mockserver ctl`: the control plane of a running server, one file a noun, found by its name.

Part of the root `cli`. A noun's module has a `command`; its verbs are made with `output.verb`.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

import click


class Nouns(click.Group):
    """A group whose commands are the modules of this package that have one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """By name."""
        return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "output")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The noun of that name, imported now; None for an unknown one."""
        if cmd_name not in self.list_commands(ctx):
            return None
        noun: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return noun


@click.group(cls=Nouns)
def command() -> None:
    """Control a running server: clocks, jobs, faults, quotas, tenants.

    The server that you run on this machine is found by itself. Another one needs --url and --token.

    Exit codes: 0 success, 1 the server refused, cannot be reached, or an assertion is false, 2 the command
    line is invalid, no server was found, or several.
    """
