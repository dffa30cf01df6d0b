"""`mockserver ctl jobs`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import click

from mockserver.cli.ctl.output import columns, verb
from mockserver.control_client import ControlClient
from mockserver.control_client.answers import JobAnswer

Told = tuple[Any, Iterable[str]]


@click.group()
def command() -> None:
    """Look at jobs and move them by hand. A job is named by PROVIDER and JOB, its id there."""


def job(function: Callable[..., Any]) -> Callable[..., Any]:
    """The two arguments that name a job."""
    return click.argument("provider")(click.argument("job")(function))


def _told(row: JobAnswer) -> Told:
    reason = f": {row['reason']}" if row["reason"] else ""
    return row, [f"{row['provider']} {row['id']} is {row['state']}{reason}"]


@verb(command, "list")
@click.option("--provider", metavar="NAME", help="Of this provider only.")
@click.option("--state", metavar="WORD", help="In this state only.")
@click.option("--phase", metavar="PHASE", help="waiting, running, succeeded, failed or cancelled.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="At most so many."
)
def listing(client: ControlClient, **filters: Any) -> Told:
    """Jobs, newest first."""
    rows = client.jobs(**filters)
    cells = [[row[name] for name in ("provider", "id", "state", "model", "tenant")] for row in rows]
    return rows, columns(("provider", "job", "state", "model", "tenant"), cells)


@verb(command)
@job
def show(client: ControlClient, provider: str, job: str) -> Told:
    """One job with its request, plan and facts."""
    shown = client.job(provider, job)
    return shown, [json.dumps(shown, indent=2, ensure_ascii=False)]


@verb(command)
@job
def explain(client: ControlClient, provider: str, job: str) -> Told:
    """Why it is where it is: each step with its cause, and what is next."""
    explained = client.explain(provider, job)
    return explained, explained["text"]


@verb(command)
@job
@click.argument("state")
@click.option("--reason", metavar="TEXT", help="What a failure says.")
def force(client: ControlClient, provider: str, job: str, state: str, reason: str | None) -> Told:
    """Put it into STATE, a word of the provider's."""
    return _told(client.force(provider, job, state, reason))


@verb(command)
@job
@click.option("--reason", metavar="TEXT", help="A reason's name in the contract, or any text.")
def fail(client: ControlClient, provider: str, job: str, reason: str | None) -> Told:
    """Let it fail."""
    return _told(client.fail(provider, job, reason))


@verb(command)
@job
def cancel(client: ControlClient, provider: str, job: str) -> Told:
    """Cancel it as somebody else would."""
    return _told(client.cancel(provider, job))


@verb(command)
@job
@click.argument("pace")
@click.option("--speed", type=float, default=1.0, show_default=True, help="Under pace time, how fast.")
def pace(client: ControlClient, provider: str, job: str, pace: str, speed: float) -> Told:
    """Let it go on at PACE: immediate, time, polls:N or manual."""
    return _told(client.pace(provider, job, pace, speed))


@verb(command)
@job
def delete(client: ControlClient, provider: str, job: str) -> Told:
    """Forget it: the provider does not know it any more."""
    client.delete(provider, job)
    return None, [f"{provider} {job} is gone"]
