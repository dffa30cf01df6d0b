"""`mockserver ctl callbacks`."""

from __future__ import annotations

from typing import Any

import click

from mockserver.cli import completion
from mockserver.cli.ctl.output import Output, columns, verb
from mockserver.control_client import ControlClient
from mockserver.control_client.answers import DeliveryAnswer


@click.group()
def command() -> None:
    """Show the callbacks that were sent, and send them again."""


@verb(command, "list")
@click.option(
    "--provider", metavar="NAME", help="Only callbacks of this provider.", shell_complete=completion.providers
)
@click.option("--job", metavar="JOB", help="Only callbacks about this job.")
@click.option("--settle", is_flag=True, help="First send every callback that is due.")
def listing(client: ControlClient, **filters: Any) -> Output:
    """List every delivery attempt, oldest first."""
    deliveries = client.callbacks(**filters)
    titles = ("callback", "job", "state", "attempt", "response", "to")
    return deliveries, columns(titles, map(_row, deliveries))


@verb(command)
@click.argument("callback")
def replay(client: ControlClient, callback: str) -> Output:
    """Send CALLBACK again."""
    delivery = client.replay(callback)
    return delivery, [" ".join(str(cell) for cell in _row(delivery))]


def _row(delivery: DeliveryAnswer) -> tuple[Any, ...]:
    response = delivery["error"] if delivery["status"] is None else delivery["status"]
    return (
        delivery["id"],
        delivery["job"],
        delivery["state"],
        delivery["attempt"],
        response,
        delivery["url"],
    )
