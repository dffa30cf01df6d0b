"""`mockserver conform compare` and `mockserver conform report`: runs that were saved as JSON."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from mockserver.cli.report_options import write_reports
from mockserver.escapes import plain_line

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("compare")
@click.argument("before", metavar="A.json", type=_FILE)
@click.argument("after", metavar="B.json", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
def compare_(before: Path, after: Path, as_json: bool) -> None:
    """Show what got better or worse from run A to run B, what is new and what is gone.

    A and B are files that --report or --json wrote. A case counts as worse if it had a verdict and now could
    not run. A new case that fails counts as new.

    Exit codes: 0 nothing got worse, 1 something got worse, 2 a file cannot be read.
    """
    import json

    from mockserver.kit.conform.reports.json import read_matrices
    from mockserver.kit.conform.results.compare import compare, render
    from mockserver.kit.conform.results.comparison_table import without_secrets

    comparison = compare(without_secrets(read_matrices(before)), without_secrets(read_matrices(after)))
    if as_json:
        click.echo(json.dumps(comparison.document(), indent=2, ensure_ascii=False))
    else:
        click.echo(render(comparison))
    raise SystemExit(1 if comparison.worse else 0)


@click.command("report")
@click.argument("files", metavar="RUN.json...", nargs=-1, required=True, type=_FILE)
@click.option("--report", "reports", multiple=True, metavar="FILE", type=_FILE,
              help="Write a report: .json, .html, .md, .xml (JUnit), .svg; may be repeated.")  # fmt: skip
def report_(files: tuple[Path, ...], reports: tuple[Path, ...]) -> None:
    """Put runs that were saved as JSON into one report: clients and providers side by side.

    Without --report it prints each run's score.

    Exit codes: 0 success, 2 a file cannot be read or written.

    \b
      mockserver conform report old.json new.json --report matrix.html
    """
    from mockserver.kit.conform.reports.json import read_matrices
    from mockserver.kit.conform.reports.render import check, write
    from mockserver.kit.conform.results.comparison_table import tabulate, without_secrets

    for path in reports:
        check(path)
    matrices = [matrix for file in files for matrix in read_matrices(file)]
    with write_reports(partial(write, matrices, path) for path in reports):
        sides = tabulate(without_secrets(matrices))
        for column in sides.columns:
            click.echo(f"{plain_line(column.name)}: {column.score.line}")
        click.echo(f"together: {sides.score.line} ({sides.score.sum})\n{sides.score.formula}")
