"""`mockserver check-trace`: does recorded traffic keep to a contract?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from mockserver.cli.report_options import ReportOptions, judged_by, tell, telling


@click.command("check-trace")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(allow_dash=True, dir_okay=False, path_type=Path),
)
@judged_by
@click.option("--base", default="", metavar="PREFIX", help="A gateway's prefix before the contract's paths.")
@telling
def command(files: Sequence[Path], base: str, **given: Any) -> None:
    """Check recorded traffic against a provider's contract, offline.

    FILE is an HTTP archive (HAR: a browser's, a proxy's, or our /__mock/journal.har), a cassette of
    schemathesis or vcrpy, schemathesis' NDJSON report, or our /__mock/journal; `-` is standard input. Which
    of them it is, is seen from what is in it. Several files are one record, in the order of time.
    Only what has a path of the contract is judged, and the files that its answers link to.

    Exit codes: 0 nothing failed, 1 something did (or an entry of --known is stale), 2 a file cannot be read,
    or the command line or a contract makes no sense.
    """
    from mockserver.kit.trace.choose import whose
    from mockserver.kit.trace.judge import check_trace
    from mockserver.kit.trace.open import read_traces

    said = ReportOptions.of(given)
    exchanges = read_traces(files)
    if given["provider"] is None:
        given["provider"] = whose(exchanges, given["folders"], base)
    contract = ReportOptions.contract(given)
    target = ", ".join(map(str, files))
    run, history = check_trace(exchanges, contract, target=target, base=base)
    tell(run, said, history)
