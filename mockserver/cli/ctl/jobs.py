"""`mockserver ctl jobs`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from mockserver.cli import completion
from mockserver.cli.ctl.output import Output, columns, verb
from mockserver.control_client import ControlClient
from mockserver.control_client.answers import JobAnswer


@click.group()
def command() -> None:
    """Show jobs and control them. PROVIDER and JOB (its id there) name a job."""


def job(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the two arguments that name a job."""
    provider = click.argument("provider", shell_complete=completion.providers)
    return provider(click.argument("job")(function))


def _output(row: JobAnswer) -> Output:
    line = f"{row['provider']} {row['id']} is {row['state']}"
    return row, [f"{line}: {row['reason']}" if row["reason"] else line]


@verb(command, "list")
@click.option(
    "--provider", metavar="NAME", help="Only jobs of this provider.", shell_complete=completion.providers
)
@click.option("--state", metavar="WORD", help="Only jobs in this state.", shell_complete=completion.states)
@click.option(
    "--phase", metavar="PHASE", help="Only this phase: waiting, running, succeeded, failed, cancelled."
)
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Show at most this many."
)
def listing(client: ControlClient, **filters: Any) -> Output:
    """List jobs, newest first."""
    rows = client.jobs(**filters)
    cells = [[row[name] for name in ("provider", "id", "state", "model", "tenant")] for row in rows]
    return rows, columns(("provider", "job", "state", "model", "tenant"), cells)


@verb(command)
@job
def show(client: ControlClient, provider: str, job: str) -> Output:
    """Show a job with its request, plan and facts."""
    row = client.job(provider, job)
    return row, json.dumps(row, indent=2, ensure_ascii=False).split("\n")


@verb(command)
@job
def explain(client: ControlClient, provider: str, job: str) -> Output:
    """Explain a job's state: each step with its cause, and the next one."""
    explained = client.explain(provider, job)
    return explained, explained["text"]


@verb(command)
@job
@click.argument("state", shell_complete=completion.states)
@click.option("--reason", metavar="TEXT", help="Reason that a failure gives.")
def force(client: ControlClient, provider: str, job: str, state: str, reason: str | None) -> Output:
    """Put a job into STATE, a word of the provider's."""
    return _output(client.force(provider, job, state, reason))


@verb(command)
@job
@click.option("--reason", metavar="TEXT", help="A reason's name in the contract, or any text.")
def fail(client: ControlClient, provider: str, job: str, reason: str | None) -> Output:
    """Let a job fail."""
    return _output(client.fail(provider, job, reason))


@verb(command)
@job
def cancel(client: ControlClient, provider: str, job: str) -> Output:
    """Cancel a job, as another client would."""
    return _output(client.cancel(provider, job))


@verb(command)
@job
@click.argument("pace")
@click.option(
    "--speed", type=float, default=1.0, show_default=True, help="With pace time: how many times as fast."
)
def pace(client: ControlClient, provider: str, job: str, pace: str, speed: float) -> Output:
    """Let a job continue at PACE: immediate, time, polls:N or manual."""
    return _output(client.pace(provider, job, pace, speed))


@verb(command)
@job
def delete(client: ControlClient, provider: str, job: str) -> Output:
    """Delete a job, so that the provider does not know it any more."""
    client.delete(provider, job)
    return None, [f"{provider} {job} was deleted"]
