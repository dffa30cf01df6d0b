"""`mockserver ctl quotas`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from mockserver.cli.ctl.output import verb
from mockserver.control_client import ControlClient
from mockserver.control_client.answers import LimitsAnswer

Told = tuple[Any, Iterable[str]]


@click.group()
def command() -> None:
    """How much a tenant may ask for."""


def _told(quota: LimitsAnswer | None) -> Told:
    if quota is None:
        return None, ["no limit"]
    lines = [f"{name:<9} {'no limit' if value is None else f'{value:g}'}" for name, value in quota.items()]
    return quota, lines


@verb(command)
def show(client: ControlClient) -> Told:
    """The limits in force."""
    return _told(client.quota())


@verb(command, "set")
@click.option("--requests", type=click.IntRange(0), help="Requests in a window.")
@click.option("--window", type=float, default=60.0, show_default=True, help="The window, in seconds.")
@click.option("--parallel", type=click.IntRange(0), help="Unfinished jobs at a time.")
@click.option("--credits", type=click.FloatRange(0), help="Credits in all, by the contract's prices.")
def limit(client: ControlClient, **limits: float | None) -> Told:
    """Limit; what is not given has no limit."""
    return _told(client.set_quota(**limits)["quota"])


@verb(command)
def drop(client: ControlClient) -> Told:
    """Lift the limit."""
    client.drop_quota()
    return _told(client.quota())
