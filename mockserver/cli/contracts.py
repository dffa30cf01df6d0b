"""`mockserver contracts`: what the providers promise, for people and for other tools."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import orjson

from mockserver.cli import completion
from mockserver.cli.contract_options import source_options
from mockserver.cli.contracts_diff import diff
from mockserver.cli.contracts_new import new
from mockserver.contract import registry, source
from mockserver.contract.loader import compile_contract
from mockserver.contract.model import Contract
from mockserver.errors import SettingsError
from mockserver.escapes import plain_line
from mockserver.media.picture import measure


@click.group()
def command() -> None:
    """Show, check, compare, bundle or draft contracts: what each provider promises, and who says so."""


command.add_command(diff)
command.add_command(new)


def reading(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the arguments that choose a contract and its reading."""
    options = (
        click.argument("name", shell_complete=completion.providers),
        click.option(
            "--profile",
            default="documented",
            show_default=True,
            help="Which description of the API to follow.",
            shell_complete=completion.profiles,
        ),
        click.option(
            "--overlay",
            "overlays",
            multiple=True,
            metavar="NAME",
            help="Apply this overlay; may be repeated.",
        ),
    )
    function = source_options(function)
    for option in reversed(options):
        function = option(function)
    return function


def _folder() -> click.Path:
    return click.Path(exists=True, file_okay=False, path_type=Path)


@command.command()
@reading
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write to this file."
)
def bundle(name: str, profile: str, overlays: Sequence[str], output: Path | None) -> None:
    """Write a contract as one self-contained OpenAPI 3.1 document.

    Exit codes: 0 it is written, 2 the contract is missing or invalid, or FILE cannot be written.
    """
    from mockserver.contract.self_contained import self_contained

    contract = _load(name, profile, overlays)
    document = self_contained(contract.document)
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    if output is None:
        click.echo(text.decode(), nl=False)
        return
    try:
        output.write_bytes(text)
    except OSError as error:
        raise SettingsError(f"cannot write {output}: {error.strerror}") from None


@command.command()
@reading
@click.option("--assumed", is_flag=True, help="Show only what no source states, so that we decided it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def show(name: str, profile: str, overlays: Sequence[str], *, assumed: bool, as_json: bool) -> None:
    """Print what a provider promises, and who says so.

    Exit codes: 0 it is printed, 2 the contract is missing or invalid.
    """
    from mockserver.contract.summary import assumptions, summarize

    contract = _load(name, profile, overlays)
    if as_json:
        _print_json(assumptions(contract) if assumed else summarize(contract))
        return
    from mockserver.cli import tables

    if assumed:
        tables.print_assumptions(contract.title, assumptions(contract))
    else:
        tables.print_summary(summarize(contract))


@command.command()
@click.argument("folders", nargs=-1, metavar="[DIR]...", type=_folder())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@source_options
@click.pass_context
def check(context: click.Context, folders: Sequence[Path], *, as_json: bool) -> None:
    """Check every provider below DIR with every profile and overlay.

    The default is every provider that there is: our own, those that packages bring, and those of --contracts.

    First the files, then every operation is played in memory: each answer in each state over legal bodies.

    Exit codes: 0 no findings, 1 findings, 2 there is no contract.
    """
    from mockserver.cli.contract_findings import find_problems, lines

    providers = [item for folder in folders for item in source.find_providers(folder).items()]
    if not folders:
        providers = list(registry.find_all().items())
    findings = [finding for _, folder in providers for finding in find_problems(folder)]
    if as_json:
        _print_json([dataclasses.asdict(finding) for finding in findings])
    else:
        for line in lines(findings):
            click.echo(plain_line(line))
        names = ", ".join(name for name, _ in providers)
        noun = "finding" if len(findings) == 1 else "findings"
        click.echo(f"{len(findings)} {noun} in {names}")
    context.exit(1 if findings else 0)


def _print_json(document: Any) -> None:
    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())


def _load(name: str, profile: str, overlays: Sequence[str]) -> Contract:
    names = [overlay.removeprefix(f"{name}/") for overlay in overlays]
    return compile_contract(registry.place(name).read(), measure=measure, profile=profile, overlays=names)
