"""`mockserver ctl clock`."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import click

from mockserver.cli import completion
from mockserver.cli.ctl.output import Output, verb
from mockserver.control_client import ControlClient
from mockserver.control_client.answers import ClockAnswer

SECONDS: Final = range(10**9, 10**11)
"""Numbers that are seconds from 2001 on; as milliseconds they would lie before 1974."""


@click.group()
def command() -> None:
    """Read and move a clock. Jobs, links and quotas follow it."""


def _output(clock: ClockAnswer) -> Output:
    line = f"{clock['at']}  {clock['mode']}"
    if clock["mode"] == "scaled":
        line += f" at rate {clock['rate']:g}"
    if clock["ahead"]:
        line += f", {clock['ahead'] / 1000:+g} s from the wall clock"
    owner = f"tenant {clock['tenant']}" if clock["tenant"] else "everybody"
    return clock, [f"{line}  ({owner})"]


@verb(command)
def show(client: ControlClient) -> Output:
    """Show the clock's time and how it runs."""
    return _output(client.clock())


@verb(command, "set")
@click.argument("moment")
def set_to(client: ControlClient, moment: str) -> Output:
    """Set the clock to MOMENT, in Unix milliseconds or ISO 8601; Unix seconds are told by their size."""
    if not moment.isdigit():
        return _output(client.set_clock(now=_iso(moment)))
    if int(moment) not in SECONDS:
        return _output(client.set_clock(now=int(moment)))
    clock, lines = _output(client.set_clock(now=int(moment) * 1000))
    return clock, [f"{moment} was taken as seconds", *lines]


def _iso(moment: str) -> str:
    try:
        datetime.fromisoformat(moment)
    except ValueError:
        message = f"{moment!a} is neither Unix milliseconds nor ISO 8601, such as 2026-01-31T12:00:00Z"
        raise click.BadParameter(message, param_hint="MOMENT") from None
    return moment


@verb(command)
@click.argument("seconds", type=float)
def advance(client: ControlClient, seconds: float) -> Output:
    """Move the clock forward by SECONDS."""
    return _output(client.advance(seconds))


@verb(command)
@click.argument("provider", required=False, shell_complete=completion.providers)
@click.argument("job", required=False)
def jump(client: ControlClient, provider: str | None, job: str | None) -> Output:
    """Move the clock to the next event: of one job, or of any."""
    if provider and not job:
        raise click.UsageError("name the job by PROVIDER and JOB")
    jumped = client.jump(provider, job)
    event = jumped["event"]
    if event is None:
        return jumped, ["nothing is due"]
    happening = "a callback is due"
    if event["job"]:
        happening = f"{event['provider']} {event['job']} is {event['state']}"
    return jumped, [f"+{jumped['seconds']:g} s: {happening}", *_output(jumped["clock"])[1]]


@verb(command)
def freeze(client: ControlClient) -> Output:
    """Stop the clock where it is."""
    return _output(client.freeze())


@verb(command)
@click.option(
    "--rate", type=float, default=1.0, show_default=True, help="How many times as fast as real time."
)
def run(client: ControlClient, rate: float) -> Output:
    """Let the clock run on from where it is."""
    return _output(client.run(rate))


@verb(command)
def drop(client: ControlClient) -> Output:
    """Remove the clock: a tenant follows everybody's clock again, everybody the wall clock."""
    return _output(client.drop_clock())
