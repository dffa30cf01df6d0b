"""`mockserver check-trace`: does recorded traffic keep its contract?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from mockserver.cli.report_options import (
    ReportOptions,
    contract_options,
    report_options,
    report_run,
    time_limit_option,
)


@click.command("check-trace")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(allow_dash=True, dir_okay=False, path_type=Path),
)
@contract_options
@click.option(
    "--base", default="", metavar="PREFIX", help="Prefix that a gateway puts before the contract's paths."
)
@click.option(
    "--host",
    default="",
    metavar="HOST[:PORT]",
    help="Judge calls to this host alone; default: to any, INCOMPLETE if several have calls.",
)
@click.option(
    "--at-least",
    type=click.FloatRange(0, 100),
    default=100.0,
    show_default=True,
    metavar="PERCENT",
    help="How many of the answers that have a body must be judged; with fewer the run is INCOMPLETE.",
)
@time_limit_option(600.0)
@report_options
def command(
    files: Sequence[Path], base: str, host: str, at_least: float, time_limit: float, **values: Any
) -> None:
    """Check recorded traffic against a provider's contract, offline.

    FILE is an HTTP archive (HAR: a browser's, a proxy's, or our /__mock/journal.har), a cassette of
    schemathesis or vcrpy, schemathesis' NDJSON report, or our /__mock/journal; `-` is standard input. The
    content decides which of them it is. Several files are read as one record, ordered by time.
    Only exchanges with a path of the contract are judged, and the files that their responses link to.

    Exit codes: 0 nothing failed, 1 something failed (or an entry of --known is stale), 2 a file, the command
    line or a contract is invalid, 3 nothing failed but something could not be judged (INCOMPLETE): no body of
    the recording, less than --at-least, calls to several servers without --host, or what --time-limit left.
    """
    from mockserver.contract.key_places import key_places
    from mockserver.kit.hypothesis_storage import hypothesis_in_cache
    from mockserver.kit.trace.choose import candidates, guess
    from mockserver.kit.trace.judge import check_trace
    from mockserver.kit.trace.open import read_traces
    from mockserver.kit.traffic.time_limit import TimeLimit

    click.get_current_context().with_resource(hypothesis_in_cache())
    options = ReportOptions.of(values)
    limit = TimeLimit(time_limit)
    unread: list[str] = []
    known = candidates() if values["provider"] is None else [ReportOptions.contract(values)]
    exchanges = read_traces(files, unread, key_places(known))
    if values["provider"] is None:
        values["provider"] = guess(exchanges, known, base)
    contract = ReportOptions.contract(values)
    target = ", ".join(map(str, files))
    run, history = check_trace(
        exchanges,
        contract,
        target=target,
        base=base,
        limit=limit,
        at_least=at_least,
        unread=unread,
        host=host,
    )
    report_run(run, options, history)
