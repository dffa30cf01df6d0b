"""The command line, one file a command; each is imported only when it is called.

Root: may import everything, and is imported by nothing.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import Any, Final

import click

from mockserver import __version__
from mockserver.cli import streams
from mockserver.errors import MockserverError
from mockserver.escapes import plain_line
from mockserver.extras import naming_the_kit

COMMANDS: Final = {
    "serve": "Serve the providers on one port until Ctrl-C.",
    "open": "Open the page of a running server in the browser.",
    "demo": "Run jobs of the providers and save the clips.",
    "clip": "Say which job a clip's file is from, and whether it is whole.",
    "contracts": "Show, check, compare, bundle or draft contracts.",
    "verify": "Check a live endpoint against a contract; a limit holds for what it may cost.",
    "check-trace": "Check recorded traffic against a contract.",
    "conform": "Run a client against realistic faults and judge what it does.",
    "ctl": "Control a running server: clocks, jobs, faults, quotas, tenants.",
}


INTERRUPTED: Final = 130
"""The exit code of a command that Ctrl-C has ended, as shells have it."""


class Commands(click.Group):
    """A group whose commands are modules of this package."""

    alone = False
    """Whether the process runs nothing but one of them: `mockserver.__main__` says so."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None for an unknown one."""
        if cmd_name not in COMMANDS:
            return None
        # What an import makes stays, so the garbage collector would search it in vain, now and later. To
        # search what `serve` imports takes 15 of 250 ms.
        gc.disable()
        try:
            command: click.Command = import_module(f"mockserver.cli.{cmd_name.replace('-', '_')}").command
            if self.alone:
                gc.freeze()
        finally:
            gc.enable()
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. Ctrl-C ends it, unless it handles Ctrl-C itself."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("mockserver: interrupted", err=True)
            ctx.exit(INTERRUPTED)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table as it stands, so that help imports no command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="videogen-mockserver", prog_name="mockserver")
def group() -> None:
    """An offline mock server for asynchronous video-generation APIs.

    Exit codes: 0 success, 1 failure, 2 the command line, a setting or a contract is invalid,
    130 interrupted.
    """


def main() -> None:
    """Run the command. A MockserverError becomes one line on stderr and its exit code."""
    # Click writes a completion as bytes, which a PlainStream has no place for; its names are plain.
    if "_MOCKSERVER_COMPLETE" not in os.environ:
        streams.install()
    try:
        with naming_the_kit():
            group.main(prog_name="mockserver")
    except MockserverError as error:
        click.echo(f"mockserver: {plain_line(str(error))}", err=True)
        sys.exit(error.exit_code)
