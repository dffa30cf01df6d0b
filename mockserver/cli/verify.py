"""`mockserver verify`: does a live endpoint keep its contract?"""

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

from mockserver.cli import INTERRUPTED, completion, local_servers
from mockserver.cli.console import console
from mockserver.cli.report_options import (
    ReportOptions,
    contract_options,
    report_options,
    report_run,
    time_limit_option,
)
from mockserver.control_client import ControlClient
from mockserver.escapes import plain
from mockserver.numerals import plural

if TYPE_CHECKING:
    from mockserver.contract.model import Contract
    from mockserver.kit.verify.verify import Progress, StagePlan, VerifyOptions


@click.command()
@click.argument("url", required=False)
@contract_options
@click.option("--model", "models", multiple=True, help="Check only this model; may be repeated.",
              shell_complete=completion.models)  # fmt: skip
@click.option("--stage", "stages", multiple=True, help="Run only this stage; may be repeated. See --plan.",
              shell_complete=completion.stages)  # fmt: skip
@click.option(
    "--plan", "only_plan", is_flag=True, help="Print every call that would be made, and send nothing."
)
@click.option("--yes", is_flag=True, help="Submit jobs that may be charged without asking first.")
@click.option(
    "--max-requests",
    type=click.IntRange(1),
    help="Stop after this many requests.  [default: 300 far, 50000 near]",
)
@click.option(
    "--max-jobs",
    type=click.IntRange(0),
    help="Submit at most this many jobs that may be charged.  [default: 1 far, 5000 near]",
)
@click.option(
    "--rate",
    type=click.FloatRange(0, min_open=True),
    help="Send at most this many requests a second.  [default: 2 far, no limit near]",
)
@click.option(
    "--interval", type=click.FloatRange(0), help="Seconds between polls.  [default: 5 far, 0.25 near]"
)
@click.option(
    "--patience",
    type=click.FloatRange(0),
    default=600.0,
    show_default=True,
    help="Seconds to wait for one job.",
)
@time_limit_option(3600.0)
@click.option(
    "--ledger",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File that records jobs that may be charged.  [default: in the user's state directory, far only]",
)
@click.option(
    "--key-env", default="MOCKSERVER_KEY", show_default=True, help="Variable that holds the API key."
)
@click.option(
    "--other-key-env",
    default="MOCKSERVER_OTHER_KEY",
    show_default=True,
    help="Variable that holds the key of another account, to check that accounts are kept apart.",
)
@click.option(
    "--control-url",
    envvar="MOCKSERVER_CONTROL_URL",
    show_envvar=True,
    help="Control plane of a server of ours, to move its clock.  [default: URL's server]",
)
@click.option(
    "--token",
    envvar="MOCKSERVER_TOKEN",
    show_envvar=True,
    help="Token of that control plane.  [default: known of your servers on this machine]",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the generated requests.")
@click.option(
    "--examples",
    type=click.IntRange(1),
    default=15,
    show_default=True,
    help="Number of generated requests of each kind.",
)
@report_options
def command(url: str | None, only_plan: bool, yes: bool, **values: Any) -> None:
    """Check the endpoint at URL against a provider's contract: first what is free, then what is paid.

    URL is a base URL as clients have it, or a server's address. Without URL, a server of our own is started
    and checked. The key is read from an environment variable only and is never printed or stored.

    An endpoint on this machine ("near") gets any number of requests. Any other ("far") is asked slowly and
    gets at most one job that may be charged. A ledger on disk records the job before it is sent, so that the
    same command resumes it after an interruption.

    Exit codes: 0 nothing failed, 1 something failed (or an entry of --known is stale), 2 the command line or
    a contract is invalid, 3 nothing failed but something could not be judged (INCOMPLETE), 130 interrupted.
    Stages that --stage leaves out are no reason for 3; those that the budget leaves out are.
    """
    from mockserver.kit.hypothesis_storage import hypothesis_in_cache
    from mockserver.kit.verify.verify import plan, verify

    click.get_current_context().with_resource(hypothesis_in_cache())
    options = ReportOptions.of(values)
    with _endpoint(url, values) as (url, values), _request(url, values, plan=only_plan) as request:
        if only_plan:
            _show(request, plan(request), as_json=options.as_json)
            return
        if not request.near and request.jobs and not yes:
            _confirm(request)
        with _progress(console(err=True, wide=False, quiet=options.quiet)) as progress:
            try:
                run, target = verify(request, progress)
            except KeyboardInterrupt:
                _interrupted(request)
    report_run(run, options, history=target.full_history())


def _interrupted(request: VerifyOptions) -> NoReturn:
    message = "mockserver: interrupted"
    if request.ledger:
        message += f"; the same command resumes from {request.ledger}"
    click.echo(message, err=True)
    raise SystemExit(INTERRUPTED)


@contextmanager
def _endpoint(url: str | None, values: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The endpoint at the URL, or a new server of ours with its control plane."""
    if url is not None:
        yield url, values
        return
    from mockserver.kit.server import started

    contract = ReportOptions.contract(values)
    provider = contract.provider.partition("@")[0]
    with started(
        contract.provider,
        profile=values["profile"],
        overlays=[name if "/" in name else f"{provider}/{name}" for name in values["overlays"]],
    ) as server:
        yield (
            server.base(contract.provider),
            {
                **values,
                "control_url": server.control,
                "token": server.token,
                "key_env": "",
                "other_key_env": "",
            },
        )


@contextmanager
def _request(url: str, values: dict[str, Any], *, plan: bool) -> Iterator[VerifyOptions]:
    from mockserver.kit.traffic.curl import KEY_VARIABLE, OTHER_KEY_VARIABLE
    from mockserver.kit.verify.address import check_url
    from mockserver.kit.verify.state_machine import SearchOptions
    from mockserver.kit.verify.verify import VerifyOptions

    if "://" not in url:
        raise click.BadParameter("needs a scheme, as in http://127.0.0.1:8787", param_hint="URL")
    check_url(url)
    for name in ("rate", "interval", "patience", "time_limit"):
        if values[name] is not None and not isfinite(values[name]):
            raise click.BadParameter("must be a finite number", param_hint=f"--{name.replace('_', '-')}")
    contract = ReportOptions.contract(values)
    control = None
    control_url, token = _control(url, contract, values)
    if token:
        control = ControlClient(control_url, token)
    try:
        request = VerifyOptions(
            url=url,
            contract=contract,
            key=os.environ.get(values["key_env"]) or None,
            other_key=os.environ.get(values["other_key_env"]) or None,
            key_variables=(values["key_env"] or KEY_VARIABLE, values["other_key_env"] or OTHER_KEY_VARIABLE),
            models=values["models"],
            stages=values["stages"],
            max_requests=values["max_requests"],
            max_jobs=values["max_jobs"],
            rate=values["rate"],
            interval=values["interval"],
            patience=values["patience"],
            time_limit=values["time_limit"],
            search=SearchOptions(examples=values["examples"], seed=values["seed"]),
            control=control,
        )
        yield _with_ledger(request, values["ledger"], values["key_env"], plan=plan)
    finally:
        if control is not None:
            control.close()


def _server(url: str, contract: Contract) -> str:
    """The address of the server, where the URL is a base URL of the contract below it."""
    ends = [prefix for prefix in contract.prefixes if prefix and url.rstrip("/").endswith(prefix)]
    return url.rstrip("/").removesuffix(max(ends, key=len, default=""))


def _control(url: str, contract: Contract, values: dict[str, Any]) -> tuple[str, str | None]:
    """The control plane's address and token; those of a server of the user's on this machine are known."""
    control_url, token = values["control_url"] or _server(url, contract), values["token"]
    if token is None and (server := local_servers.at(control_url)) is not None:
        return server.control, server.token
    return control_url, token


def _with_ledger(request: VerifyOptions, ledger: Path | None, variable: str, *, plan: bool) -> VerifyOptions:
    from dataclasses import replace
    from hashlib import sha256

    if not request.near and request.key is None:
        if plan:
            return request
        raise click.UsageError(f"{request.url} is not on this machine: put its API key into {variable}")
    if ledger is not None or request.near:
        return replace(request, ledger=ledger)
    name = sha256(request.subject.encode()).hexdigest()[:16]
    return replace(request, ledger=user_state_path("mockserver") / "ledgers" / f"{name}.jsonl")


def _confirm(request: VerifyOptions) -> None:
    """Ask for consent to what may be charged. Raises UsageError where nobody can answer."""
    jobs = plural(request.jobs, "job")
    if not sys.stdin.isatty():
        raise click.UsageError(f"{request.url} may charge for {jobs}: look at --plan, then pass --yes")
    question = f"{request.url} may charge for {jobs}, and for requests that it should refuse but accepts."
    click.confirm(f"{question} Continue?", abort=True, err=True)


@contextmanager
def _progress(stderr: Console) -> Iterator[Progress]:
    from mockserver.kit.verify.verify import Progress

    with stderr.status("") as status:
        stage = ""

        def show(message: str) -> None:
            # A server's names for its jobs are text, never markup.
            status.update(Text(plain(message)))

        def begin(title: str) -> None:
            nonlocal stage
            stage = title
            show(stage)

        yield Progress(stage=begin, step=lambda message: show(f"{stage}: {message}"))


def _show(request: VerifyOptions, plans: list[StagePlan], *, as_json: bool) -> None:
    out = console(wide=False)
    rows = [
        {"stage": plan.stage.name, "operation": call.operation, "path": call.path, "what": call.what,
         "calls": call.calls, "billable": call.billable}
        for plan in plans
        for call in plan.calls
    ]  # fmt: skip
    left_out = {plan.stage.name: plan.left_out for plan in plans if plan.left_out}
    if as_json:
        out.print_json(
            data={"target": request.url, "max_requests": request.requests, "max_jobs": request.jobs,
                  "calls": rows, "left_out": left_out}
        )  # fmt: skip
        return
    table = Table("stage", "operation", "path", "what", "calls", "billed", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    out.print(table)
    for name, reason in left_out.items():
        out.print(f"{name} would be left out: {reason}")
    limits = f"{plural(request.requests, 'request')} and {plural(request.jobs, 'submit')} that may be billed"
    out.print(f"\n{request.url}: at most {limits}. Nothing was sent.")
