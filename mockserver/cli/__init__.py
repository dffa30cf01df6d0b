"""The command line, one file a command; each is imported only when it is called.

Root: may import everything, and is imported by nothing.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import Any, Final

import click

from mockserver import __version__
from mockserver.errors import MockserverError

COMMANDS: Final = {
    "serve": "Serve the three providers on one port until Ctrl-C.",
    "demo": "Run one job for each documented model and keep the clips.",
    "contracts": "Show, check or bundle contracts.",
    "verify": "Check a live endpoint against a contract, careful with money.",
    "check-trace": "Check recorded traffic against a contract.",
    "conform": "Run a client through the real world and judge it.",
    "ctl": "Steer a running server: clocks, jobs, faults, quotas, tenants.",
}


INTERRUPTED: Final = 130
"""What a shell makes of Ctrl-C."""


class Commands(click.Group):
    """A group whose commands are modules of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None for an unknown one."""
        if cmd_name not in COMMANDS:
            return None
        # What an import makes stays: the collector would look for garbage in vain.
        gc.disable()
        try:
            command: click.Command = import_module(f"mockserver.cli.{cmd_name.replace('-', '_')}").command
        finally:
            gc.enable()
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; Ctrl-C ends one that does not handle it by itself."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("mockserver: interrupted", err=True)
            ctx.exit(INTERRUPTED)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table as it stands, so that help imports nothing."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="videogen-mockserver", prog_name="mockserver")
def group() -> None:
    """An offline mock server for asynchronous video-generation APIs.

    Exit codes: 0 it went well, 1 it did not, 2 the command line or a contract makes no sense,
    130 interrupted.
    """


def main() -> None:
    """Run the command; an error of ours is one line, and the exit code it has."""
    try:
        group.main(prog_name="mockserver")
    except MockserverError as error:
        click.echo(f"mockserver: {error}", err=True)
        sys.exit(error.exit_code)
