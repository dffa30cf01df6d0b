"""`mockserver conform compare` and `mockserver conform report`: runs that were kept as JSON."""

from __future__ import annotations

from pathlib import Path

import click

_KEPT = click.Path(path_type=Path, dir_okay=False)


@click.command("compare")
@click.argument("before", metavar="A.json", type=_KEPT)
@click.argument("after", metavar="B.json", type=_KEPT)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def compare_(before: Path, after: Path, as_json: bool) -> None:
    """What got better or worse from run A to run B, what is new and what is gone.

    Both are files that --report or --json wrote. Exit codes: 0 nothing got worse, 1 something did, 2 a file
    cannot be read. A case that had a verdict and now could not run is worse; a new case that fails is new.
    """
    import json

    from mockserver.kit.conform.reports.json import read_matrices
    from mockserver.kit.conform.results.compare import compare, tell
    from mockserver.kit.conform.results.comparison_table import public

    found = compare(public(read_matrices(before)), public(read_matrices(after)))
    if as_json:
        click.echo(json.dumps(found.document(), indent=2, ensure_ascii=False))
    else:
        click.echo(tell(found))
    raise SystemExit(1 if found.worse else 0)


@click.command("report")
@click.argument("files", metavar="RUN.json...", nargs=-1, required=True, type=_KEPT)
@click.option("--report", "reports", multiple=True, metavar="FILE", type=_KEPT,
              help="Write a report: .json, .html, .md, .xml (JUnit), .svg; may be repeated.")  # fmt: skip
def report_(files: tuple[Path, ...], reports: tuple[Path, ...]) -> None:
    """Runs that were kept as JSON in one report: clients and providers side by side.

    Without --report it says each run's score. Exit codes: 0, or 2 where a file cannot be read or written.

    \b
      mockserver conform report old.json new.json --report matrix.html
    """
    from mockserver.kit.conform.reports.json import read_matrices
    from mockserver.kit.conform.reports.render import check, write
    from mockserver.kit.conform.results.comparison_table import grid, public
    from mockserver.kit.report.formatting import plain

    for path in reports:
        check(path)
    matrices = [one for file in files for one in read_matrices(file)]
    for path in reports:
        write(matrices, path)
    sides = grid(public(matrices))
    for column in sides.columns:
        click.echo(f"{plain(column.name)}: {column.score.line}")
    click.echo(f"together: {sides.score.line} ({sides.score.sum})\n{sides.score.formula}")
