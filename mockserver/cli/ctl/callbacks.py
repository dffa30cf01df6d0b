"""`mockserver ctl callbacks`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from mockserver.cli.ctl.output import columns, verb
from mockserver.control_client import ControlClient
from mockserver.control_client.answers import DeliveryAnswer

Told = tuple[Any, Iterable[str]]


@click.group()
def command() -> None:
    """Callbacks that were sent."""


@verb(command, "list")
@click.option("--provider", metavar="NAME", help="Of this provider only.")
@click.option("--job", metavar="JOB", help="About this job only.")
@click.option("--settle", is_flag=True, help="First send all that is due.")
def listing(client: ControlClient, **asked: Any) -> Told:
    """Every try, oldest first."""
    found = client.callbacks(**asked)
    return found, columns(("callback", "job", "state", "try", "came back", "to"), map(_row, found))


@verb(command)
@click.argument("callback")
def replay(client: ControlClient, callback: str) -> Told:
    """Send CALLBACK again."""
    sent = client.replay(callback)
    return sent, [" ".join(str(cell) for cell in _row(sent))]


def _row(one: DeliveryAnswer) -> tuple[Any, ...]:
    came = one["status"] if one["status"] is not None else one["error"]
    return one["id"], one["job"], one["state"], one["attempt"], came, one["url"]
