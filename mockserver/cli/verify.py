"""`mockserver verify`: does a live endpoint behave as its documents say?"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from platformdirs import user_state_path
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mockserver.cli import INTERRUPTED
from mockserver.cli.report_options import ReportOptions, judged_by, tell, telling
from mockserver.control_client import ControlClient

if TYPE_CHECKING:
    from mockserver.kit.verify.verify import Progress, StagePlan, VerifyOptions


@click.command()
@click.argument("url", required=False)
@judged_by
@click.option("--model", "models", multiple=True, help="Only this model; may be repeated.")
@click.option("--stage", "stages", multiple=True, help="Only this stage; may be repeated. See --plan.")
@click.option("--plan", "only_plan", is_flag=True, help="Show every call it would make, and send nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before jobs that may be charged for.")
@click.option(
    "--max-requests", type=click.IntRange(1), help="Stop after so many.  [default: 300 far, 50000 near]"
)
@click.option(
    "--max-jobs",
    type=click.IntRange(0),
    help="Never submit more that may be charged for.  [default: 1 far, 5000 near]",
)
@click.option(
    "--rate",
    type=click.FloatRange(0, min_open=True),
    help="Requests a second at most.  [default: 2 far, any near]",
)
@click.option(
    "--interval", type=click.FloatRange(0), help="Seconds between polls.  [default: 5 far, 0.25 near]"
)
@click.option(
    "--patience", type=click.FloatRange(0), default=600.0, show_default=True, help="Seconds for one job."
)
@click.option(
    "--ledger",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What was paid for.  [default: in the user's state directory, far only]",
)
@click.option(
    "--key-env", default="MOCKSERVER_KEY", show_default=True, help="The variable that holds the API key."
)
@click.option(
    "--other-key-env",
    default="MOCKSERVER_OTHER_KEY",
    show_default=True,
    help="The same of another account, to see that they are kept apart.",
)
@click.option(
    "--control-url",
    envvar="MOCKSERVER_CONTROL_URL",
    show_envvar=True,
    help="Our server's control plane, to move its clock.  [default: URL's server]",
)
@click.option("--token", envvar="MOCKSERVER_TOKEN", show_envvar=True, help="Its token.")
@click.option("--seed", type=int, default=0, show_default=True, help="What is generated comes from it.")
@click.option(
    "--examples",
    type=click.IntRange(1),
    default=15,
    show_default=True,
    help="How many of each generated kind.",
)
@telling
def command(url: str | None, only_plan: bool, yes: bool, **given: Any) -> None:
    """Check the endpoint at URL against a provider's contract, from what is free to what is paid.

    URL is a base URL as clients have it, or a server's address; without it a server of our own is started
    and checked. The key comes from an environment variable only and is never printed or stored. An endpoint
    on this machine ("near") may be asked at will; any other ("far") is asked slowly, and gets at most one
    job that may be charged for, noted in a ledger on disk before it is sent, so that an interrupted run
    takes its job up again.

    Exit codes: 0 nothing failed, 1 something did (or an entry of --known is stale), 2 the command line or a
    contract makes no sense, 130 interrupted.
    """
    from mockserver.kit.verify.verify import plan, verify

    said = ReportOptions.of(given)
    with _asked(url, given) as (url, given), _request(url, given, plan=only_plan) as request:
        if only_plan:
            _show(request, plan(request), as_json=said.as_json)
            return
        if not request.near and request.jobs and not yes:
            _ask(request)
        with _progress(Console(stderr=True, quiet=said.quiet)) as watch:
            try:
                run, target = verify(request, watch)
            except KeyboardInterrupt:
                _interrupted(request)
    tell(run, said, history=target.whole())


def _interrupted(request: VerifyOptions) -> NoReturn:
    again = f"; the same command takes it up again, by {request.ledger}" if request.ledger else ""
    click.echo(f"mockserver: interrupted{again}", err=True)
    raise SystemExit(INTERRUPTED)


@contextmanager
def _asked(url: str | None, given: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The endpoint that was named, or a new server of ours with its control plane."""
    if url is not None:
        yield url, given
        return
    from mockserver.kit.server import started

    contract = ReportOptions.contract(given)
    with started(
        contract.provider,
        profile=given["profile"],
        contracts=given["folders"],
        overlays=[name if "/" in name else f"{contract.provider}/{name}" for name in given["overlays"]],
    ) as server:
        yield (
            server.base(contract.provider),
            {
                **given,
                "control_url": server.control,
                "token": server.token,
                "key_env": "",
                "other_key_env": "",
            },
        )


@contextmanager
def _request(url: str, given: dict[str, Any], *, plan: bool) -> Iterator[VerifyOptions]:
    from mockserver.kit.verify.address import check_url
    from mockserver.kit.verify.state_machine import SearchOptions
    from mockserver.kit.verify.verify import VerifyOptions

    if "://" not in url:
        raise click.BadParameter("give it with its scheme: http://127.0.0.1:8787", param_hint="URL")
    check_url(url)
    for name in ("rate", "interval", "patience"):
        if given[name] is not None and not isfinite(given[name]):
            raise click.BadParameter("must be a finite number", param_hint=f"--{name}")
    contract = ReportOptions.contract(given)
    control = ControlClient(given["control_url"] or url, given["token"]) if given["token"] else None
    try:
        request = VerifyOptions(
            url=url,
            contract=contract,
            key=os.environ.get(given["key_env"]) or None,
            other_key=os.environ.get(given["other_key_env"]) or None,
            models=given["models"],
            stages=given["stages"],
            max_requests=given["max_requests"],
            max_jobs=given["max_jobs"],
            rate=given["rate"],
            interval=given["interval"],
            patience=given["patience"],
            effort=SearchOptions(examples=given["examples"], seed=given["seed"]),
            control=control,
        )
        yield _with_ledger(request, given["ledger"], given["key_env"], plan=plan)
    finally:
        if control is not None:
            control.close()


def _with_ledger(request: VerifyOptions, named: Path | None, variable: str, *, plan: bool) -> VerifyOptions:
    from dataclasses import replace
    from hashlib import sha256

    if not request.near and request.key is None:
        if plan:
            return request
        raise click.UsageError(f"{request.url} is not on this machine: put its API key into {variable}")
    if named is not None or request.near:
        return replace(request, ledger=named)
    name = sha256(request.subject.encode()).hexdigest()[:16]
    return replace(request, ledger=user_state_path("mockserver") / "ledgers" / f"{name}.jsonl")


def _ask(request: VerifyOptions) -> None:
    jobs = f"{request.jobs} job{'s' if request.jobs > 1 else ''}"
    said = f"{request.url} may charge for {jobs}, and for what it should refuse and does not. Go on?"
    if not sys.stdin.isatty():
        raise click.UsageError(f"{request.url} may charge for {jobs}: see --plan, then say --yes")
    click.confirm(said, abort=True, err=True)


@contextmanager
def _progress(console: Console) -> Iterator[Progress]:
    from mockserver.kit.report.formatting import plain
    from mockserver.kit.verify.verify import Progress

    with console.status("") as status:
        stage = ""

        def show(said: str) -> None:
            # What a server calls its jobs is text, and never markup.
            status.update(Text(plain(said)))

        def begin(title: str) -> None:
            nonlocal stage
            stage = title
            show(stage)

        yield Progress(stage=begin, step=lambda said: show(f"{stage}: {said}"))


def _show(request: VerifyOptions, outlines: list[StagePlan], *, as_json: bool) -> None:
    console = Console(highlight=False, markup=False, emoji=False)
    rows = [
        {"stage": one.stage.name, "operation": call.operation, "path": call.path, "what": call.what,
         "calls": call.calls, "billable": call.billable}
        for one in outlines
        for call in one.calls
    ]  # fmt: skip
    left_out = {one.stage.name: one.left_out for one in outlines if one.left_out}
    if as_json:
        console.print_json(
            data={"target": request.url, "max_requests": request.requests, "max_jobs": request.jobs,
                  "calls": rows, "left_out": left_out}
        )  # fmt: skip
        return
    table = Table("stage", "operation", "path", "what", "calls", "billed", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table)
    for name, why in left_out.items():
        console.print(f"{name} would be left out: {why}")
    jobs = f"at most {request.jobs} submits that may be billed"
    console.print(f"\n{request.url}: at most {request.requests} requests, {jobs}. Nothing was sent.")
