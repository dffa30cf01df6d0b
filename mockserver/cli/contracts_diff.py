"""`mockserver contracts diff`: what a client of one contract meets at a server of another."""

from __future__ import annotations

from dataclasses import asdict

import click
import orjson

from mockserver.cli.contract_options import source_options


def _print_codes(context: click.Context) -> None:
    """Print every code with its severity and why, and end."""
    from mockserver.kit.diff.codes import CODES

    if context.params.get("as_json"):
        rows = [{"code": code, "severity": kind.severity, "why": kind.why} for code, kind in CODES.items()]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    else:
        for code, kind in CODES.items():
            click.echo(f"{code}: {kind.severity}, {kind.why}")
    context.exit(0)


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option(
    "--fail-on",
    type=click.Choice(["breaking", "risky"]),
    default="breaking",
    show_default=True,
    help="Mildest change that leads to exit code 1.",
)
@click.option("--all", "everything", is_flag=True, help="Show changes of descriptions and sources, too.")
@click.option("--json", "as_json", is_flag=True, is_eager=True, help="Print one JSON document.")
@source_options
@click.option(
    "--codes",
    is_flag=True,
    expose_value=False,
    callback=lambda context, _, wanted: _print_codes(context) if wanted else None,
    help="List the codes of changes and what they mean; with --json as one JSON document.",
)
@click.pass_context
def diff(
    context: click.Context,
    before: str,
    after: str,
    fail_on: str,
    *,
    everything: bool,
    as_json: bool,
) -> None:
    """Show what changes from contract A to contract B for a client that was written against A.

    A and B are names of providers or contract folders, with @PROFILE unless the profile is `documented`:

    \b
      mockserver contracts diff gmicloud gmicloud@vendor
      mockserver contracts diff contracts/kkiai ../new/kkiai@observed

    A change is breaking (a valid request is refused, or a response cannot be understood), risky (it depends
    on the client) or harmless.

    Exit codes: 0 no change is as bad as --fail-on says, 1 one is, 2 a contract is missing or invalid.
    """
    from mockserver.kit.diff.change import Severity
    from mockserver.kit.diff.compare import compare
    from mockserver.kit.diff.side import read
    from mockserver.kit.hypothesis_storage import hypothesis_in_cache

    context.with_resource(hypothesis_in_cache())
    changes = compare(read(before), read(after))
    shown = [change for change in changes if everything or change.severity is not Severity.TEXT]
    if as_json:
        rows = {"before": before, "after": after, "changes": [asdict(change) for change in shown]}
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    else:
        from mockserver.cli.console import console
        from mockserver.kit.diff.table import print_changes

        print_changes(console(), f"{before} -> {after}", shown, hidden=len(changes) - len(shown))
    worst = Severity(fail_on).rank
    context.exit(int(any(change.severity.rank <= worst for change in changes)))
