"""`mockserver ctl quotas`."""

from __future__ import annotations

import click

from mockserver.cli.ctl.output import Output, verb
from mockserver.control_client import ControlClient
from mockserver.control_client.answers import LimitsAnswer


@click.group()
def command() -> None:
    """Show and set what a tenant may use."""


def _output(quota: LimitsAnswer | None) -> Output:
    if quota is None:
        return None, ["no limit"]
    return quota, [f"{name:<9} {_limit_text(value)}" for name, value in quota.items()]


def _limit_text(value: object) -> str:
    return "no limit" if value is None else f"{value:g}"


@verb(command)
def show(client: ControlClient) -> Output:
    """Show the limits in force."""
    return _output(client.quota())


@verb(command, "set")
@click.option("--requests", type=click.IntRange(0), help="Most requests in a window.")
@click.option(
    "--window", type=float, default=60.0, show_default=True, help="Length of the window in seconds."
)
@click.option("--parallel", type=click.IntRange(0), help="Most unfinished jobs at a time.")
@click.option("--credits", type=click.FloatRange(0), help="Most credits in total, at the contract's prices.")
def limit(client: ControlClient, **limits: float | None) -> Output:
    """Set limits. An option that is not given sets no limit."""
    return _output(client.set_quota(**limits)["quota"])


@verb(command)
def drop(client: ControlClient) -> Output:
    """Remove the limits."""
    client.drop_quota()
    return _output(client.quota())
