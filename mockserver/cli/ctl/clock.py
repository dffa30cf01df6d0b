"""`mockserver ctl clock`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from mockserver.cli.ctl.output import verb
from mockserver.control_client import ControlClient
from mockserver.control_client.answers import ClockAnswer

Told = tuple[Any, Iterable[str]]


@click.group()
def command() -> None:
    """Read and move a clock; everything that has a time follows it."""


def _told(clock: ClockAnswer) -> Told:
    whose = f"tenant {clock['tenant']}" if clock["tenant"] else "everybody"
    rate = f" at rate {clock['rate']:g}" if clock["mode"] == "scaled" else ""
    ahead = f", {clock['ahead'] / 1000:+g} s from the wall clock" if clock["ahead"] else ""
    return clock, [f"{clock['at']}  {clock['mode']}{rate}{ahead}  ({whose})"]


@verb(command)
def show(client: ControlClient) -> Told:
    """What it shows and how it runs."""
    return _told(client.clock())


@verb(command, "set")
@click.argument("moment")
def set_to(client: ControlClient, moment: str) -> Told:
    """Set it to MOMENT: Unix milliseconds or ISO 8601."""
    return _told(client.set_clock(now=int(moment) if moment.isdigit() else moment))


@verb(command)
@click.argument("seconds", type=float)
def advance(client: ControlClient, seconds: float) -> Told:
    """Move it on by SECONDS."""
    return _told(client.advance(seconds))


@verb(command)
@click.argument("provider", required=False)
@click.argument("job", required=False)
def jump(client: ControlClient, provider: str | None, job: str | None) -> Told:
    """Move it to what happens next: to one job, or to any."""
    if provider and not job:
        raise click.UsageError("a job is named by PROVIDER and JOB")
    jumped = client.jump(provider, job)
    event = jumped["event"]
    if event is None:
        return jumped, ["nothing is due"]
    what = f"{event['provider']} {event['job']} is {event['state']}" if event["job"] else "a callback is due"
    return jumped, [f"+{jumped['seconds']:g} s: {what}", *_told(jumped["clock"])[1]]


@verb(command)
def freeze(client: ControlClient) -> Told:
    """Stop it where it stands."""
    return _told(client.freeze())


@verb(command)
@click.option(
    "--rate", type=float, default=1.0, show_default=True, help="How many times as fast as real time."
)
def run(client: ControlClient, rate: float) -> Told:
    """Let it run from where it stands."""
    return _told(client.run(rate))


@verb(command)
def drop(client: ControlClient) -> Told:
    """Give it up: a tenant follows everybody's again, everybody the wall clock."""
    return _told(client.drop_clock())
