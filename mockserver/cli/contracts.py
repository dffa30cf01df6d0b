"""`mockserver contracts`: what is promised, for people and for other tools."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import orjson

from mockserver.cli.contracts_diff import diff
from mockserver.contract import source
from mockserver.contract.loader import load_contract
from mockserver.contract.model import Contract
from mockserver.errors import SettingsError
from mockserver.media.picture import measure


@click.group()
def command() -> None:
    """Show, check, compare or bundle contracts: what each provider promises, and who says so."""


command.add_command(diff)


def reading(function: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that choose a contract and how it is read."""
    options = (
        click.argument("name"),
        click.option(
            "--profile", default="documented", show_default=True, help="Whose reading of the documents."
        ),
        click.option(
            "--overlay", "overlays", multiple=True, metavar="NAME", help="One more reading; may be repeated."
        ),
        click.option(
            "--contracts", "roots", multiple=True, metavar="DIR", type=_folder(), help="More providers."
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def _folder() -> click.Path:
    return click.Path(exists=True, file_okay=False, path_type=Path)


@command.command()
@reading
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write to a file."
)
def bundle(
    name: str, profile: str, overlays: Sequence[str], roots: Sequence[Path], output: Path | None
) -> None:
    """Write one self-contained OpenAPI 3.1 document."""
    contract = _load(name, profile, overlays, roots)
    text = orjson.dumps(contract.document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_bytes(text)
    except OSError as error:
        raise SettingsError(f"cannot write {output}: {error.strerror}") from None


@command.command()
@reading
@click.option("--assumed", is_flag=True, help="Only what nobody states and we had to decide.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def show(
    name: str, profile: str, overlays: Sequence[str], roots: Sequence[Path], *, assumed: bool, as_json: bool
) -> None:
    """Print what a provider promises, and by whom."""
    from mockserver.contract.promise import assumptions, promise

    contract = _load(name, profile, overlays, roots)
    if as_json:
        rows: Any = assumptions(contract) if assumed else promise(contract)
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        return
    from mockserver.cli import tables

    if assumed:
        tables.print_assumptions(contract.title, assumptions(contract))
    else:
        tables.print_promise(promise(contract))


@command.command()
@click.argument("roots", nargs=-1, metavar="[DIR]...", type=_folder())
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def check(context: click.Context, roots: Sequence[Path], *, as_json: bool) -> None:
    """Check every provider below DIR, in every profile and with every overlay; by default our own.

    Exit codes: 0 nothing is wrong, 1 something is, 2 there is no contract.
    """
    from mockserver.contract.check import check_folder

    providers = [
        (name, folder)
        for root in roots or (source.builtin_root(),)
        for name, folder in source.find_providers(root).items()
    ]
    findings = [finding for _, folder in providers for finding in check_folder(folder, measure)]
    if as_json:
        rows = [dataclasses.asdict(finding) for finding in findings]
        click.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    else:
        for finding in findings:
            click.echo(finding.text())
        names = ", ".join(name for name, _ in providers)
        click.echo(f"{len(findings)} {'finding' if len(findings) == 1 else 'findings'} in {names}")
    context.exit(1 if findings else 0)


def _load(name: str, profile: str, overlays: Sequence[str], roots: Sequence[Path]) -> Contract:
    known = {
        found: folder
        for root in (source.builtin_root(), *roots)
        for found, folder in source.find_providers(root).items()
    }
    if name not in known:
        raise SettingsError(f"no provider {name!r}; providers: {', '.join(known)}")
    names = [overlay.removeprefix(f"{name}/") for overlay in overlays]
    return load_contract(known[name], measure=measure, profile=profile, overlays=names)
