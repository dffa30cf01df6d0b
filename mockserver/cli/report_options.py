"""What `verify` and `check-trace` share: the options for contract and reports, and how a run is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from mockserver.cli import completion
from mockserver.cli.contract_options import source_options
from mockserver.errors import SettingsError

if TYPE_CHECKING:
    from mockserver.contract.model import Contract
    from mockserver.kit.findings.run import Run
    from mockserver.kit.traffic.history import History

Command = Callable[..., Any]
_FILE = click.Path(path_type=Path, dir_okay=False)
_CONTRACT_OPTIONS = (
    click.option(
        "--provider",
        metavar="NAME",
        help="Use this provider's contract.  [default: the only one that fits]",
        shell_complete=completion.providers,
    ),
    click.option(
        "--profile",
        type=click.Choice(["documented", "vendor", "observed"]),
        default="documented",
        show_default=True,
        help="Which description of the API to follow.",
    ),
    click.option(
        "--overlay",
        "overlays",
        multiple=True,
        metavar="NAME",
        help="Apply this overlay; may be repeated.",
    ),
)
_REPORT_OPTIONS = (
    click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="FILE",
        type=_FILE,
        help="Write a report, by its ending; may be repeated: .json, .xml (JUnit), .sarif, .html, .md.",
    ),
    click.option("--known", type=_FILE, help="File of known failures with reasons and expiry dates (JSON)."),
    click.option(
        "--write-overlay",
        "overlay_file",
        type=_FILE,
        help="Write what drifted from the contract to this file, as an overlay.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print the whole run as JSON."),
    click.option("--quiet", "-q", is_flag=True, help="Print no progress, only findings and the verdict."),
)


def contract_options(command: Command) -> Command:
    """Add the options that name a contract, and those that say where contracts come from."""
    return _add(source_options(command), _CONTRACT_OPTIONS)


def report_options(command: Command) -> Command:
    """Add the options that say what to report, and where."""
    return _add(command, _REPORT_OPTIONS)


def time_limit_option(default: float) -> Callable[[Command], Command]:
    """The option that says how many seconds the whole run may take."""
    return click.option(
        "--time-limit",
        type=click.FloatRange(0, min_open=True),
        default=default,
        show_default=True,
        metavar="SECONDS",
        help="Seconds for the whole run; what is left then is not judged.",
    )


def _add(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What to report, and where."""

    reports: tuple[Path, ...] = ()
    known: Path | None = None
    overlay_file: Path | None = None
    as_json: bool = False
    quiet: bool = False

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Read them out of a command's options.

        Raises SettingsError, before any request is sent, if a report's ending is unknown or the file of
        known failures is invalid.
        """
        from mockserver.kit.findings.known import read_known
        from mockserver.kit.report import kind_of

        options = cls(
            tuple(values["reports"]),
            values["known"],
            values["overlay_file"],
            values["as_json"],
            values["quiet"],
        )
        for path in options.reports:
            kind_of(path)
        if options.known is not None:
            read_known(options.known)
        return options

    @staticmethod
    def contract(values: dict[str, Any]) -> Contract:
        """The contract that a command's options name. Raises SettingsError or ContractError."""
        from mockserver.kit.contracts import load, placements

        if values["provider"] is None:
            providers = ", ".join(placements())
            raise SettingsError(f"name the provider with --provider NAME; providers: {providers}")
        overlays = tuple(name.rpartition("/")[2] for name in values["overlays"])
        return load(values["provider"], profile=values["profile"], overlays=overlays)


@contextmanager
def write_reports(writers: Iterable[Callable[[], object]]) -> Iterator[None]:
    """Call each, which writes a file, then run the block, which prints and cannot keep them from it.

    One that cannot be written hinders neither the others nor the block. Raises the first SettingsError
    after it.
    """
    unwritten = []
    for write in writers:
        try:
            write()
        except SettingsError as error:
            unwritten.append(error)
    yield
    if unwritten:
        raise unwritten[0]


def report_run(run: Run, options: ReportOptions, history: History) -> None:
    """Summarize a run, write its reports and overlay, print it, and exit with the run's exit code."""
    from mockserver.kit.report import write
    from mockserver.kit.report.summary import summarize, write_overlay

    run, overlay_file = summarize(run, history, options.known), options.overlay_file
    undrifted = []

    def overlay() -> None:
        if overlay_file and not write_overlay(run, history, overlay_file):
            undrifted.append(f"mockserver: nothing drifted, so {overlay_file} was not written")

    reports = [partial(write, run, history.contract, path) for path in options.reports]
    with write_reports([*reports, overlay]):
        _print_run(run, options, history)
        for line in undrifted:
            click.echo(line, err=True)
    raise SystemExit(run.exit_code)


def _print_run(run: Run, options: ReportOptions, history: History) -> None:
    from mockserver.kit.report import render

    if options.as_json:
        click.echo(render(run, history.contract, "json"), nl=False)
    else:
        from mockserver.cli.console import console
        from mockserver.kit.report.text import show

        show(run, console(wide=False), quiet=options.quiet)
