"""`mockserver ctl unreadable`."""

from __future__ import annotations

import click

from mockserver.cli.ctl.output import Output, columns, verb
from mockserver.control_client import ControlClient


@click.group()
def command() -> None:
    """Show and delete what the store has in a form that the server cannot read."""


@verb(command, "list")
def listing(client: ControlClient) -> Output:
    """List the documents and jobs that were skipped, and why."""
    rows = client.unreadable()
    cells = [(row["kind"], row["name"], row["tenant"] or "everybody", row["reason"]) for row in rows]
    return rows, columns(("kind", "name", "tenant", "reason"), cells)


@verb(command)
@click.argument("kind", required=False)
@click.argument("name", required=False)
@click.option("--all", "every", is_flag=True, help="Delete all of them.")
def drop(client: ControlClient, kind: str | None, name: str | None, *, every: bool) -> Output:
    """Delete the unreadable documents or jobs of KIND, or the one called NAME."""
    if (kind is None) != every:
        raise click.UsageError("name a kind, or pass --all")
    dropped = client.drop_unreadable(kind, name)
    return {"dropped": dropped}, [f"{dropped} removed"]
