"""`mockserver open`: the page of a running server in the browser."""

from __future__ import annotations

import webbrowser

import click

from mockserver.cli import local_servers
from mockserver.cli.banner import page_link


@click.command()
@click.option(
    "--url", envvar="MOCKSERVER_CONTROL_URL", show_envvar=True, help="Address of the server. [default: yours]"
)
@click.option("--token", envvar="MOCKSERVER_TOKEN", show_envvar=True, help="Its token. [default: known here]")
@click.option("--print", "only_print", is_flag=True, help="Print the link and open nothing.")
def command(url: str | None, token: str | None, *, only_print: bool) -> None:
    """Open the page of the server that runs on this machine.

    The link has the token behind a #, which browsers send to nobody.

    Exit codes: 0 the link was opened or printed, 1 there is no browser, 2 no server was found, or several.
    """
    address, known = local_servers.reached(url, token)
    link = page_link(address, known)
    if only_print:
        click.echo(link)
    elif not webbrowser.open(link):
        raise click.ClickException(f"no browser could be opened; the page is {link}")
