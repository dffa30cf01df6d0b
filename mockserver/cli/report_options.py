"""What `verify` and `check-trace` share: by which contract, which reports, and how it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from mockserver.errors import SettingsError

if TYPE_CHECKING:
    from mockserver.contract.model import Contract
    from mockserver.kit.findings.run import Run
    from mockserver.kit.traffic.history import History

Command = Callable[..., Any]
_FILE = click.Path(path_type=Path, dir_okay=False)
_JUDGED_BY = (
    click.option("--provider", metavar="NAME", help="Whose contract.  [default: the only one that fits]"),
    click.option(
        "--profile",
        type=click.Choice(["documented", "vendor", "observed"]),
        default="documented",
        show_default=True,
        help="Which reading of the documents.",
    ),
    click.option(
        "--overlay",
        "overlays",
        multiple=True,
        metavar="NAME",
        help="Lay this overlay as well; may be repeated.",
    ),
    click.option(
        "--contracts",
        "folders",
        multiple=True,
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="More contracts; may be repeated.",
    ),
)
_TELLING = (
    click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="FILE",
        type=_FILE,
        help="A report, by its ending; repeatable: .json, .xml (JUnit), .sarif, .html, .md.",
    ),
    click.option("--known", type=_FILE, help="Failures that are known, with reasons and expiry (JSON)."),
    click.option("--write-overlay", "overlay_file", type=_FILE, help="Write what drifted as an overlay."),
    click.option("--json", "as_json", is_flag=True, help="The whole run as JSON on stdout."),
    click.option("--quiet", "-q", is_flag=True, help="No progress, only findings and the verdict."),
)


def judged_by(command: Command) -> Command:
    """The options that name a contract."""
    return _add(command, _JUDGED_BY)


def telling(command: Command) -> Command:
    """The options that say what is to be reported, and where."""
    return _add(command, _TELLING)


def _add(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What is to be told, and where."""

    reports: tuple[Path, ...] = ()
    known: Path | None = None
    overlay_file: Path | None = None
    as_json: bool = False
    quiet: bool = False
    folders: tuple[Path, ...] = field(default=())

    @classmethod
    def of(cls, given: dict[str, Any]) -> Self:
        """The part of a command's options.

        Raises SettingsError for a report of an unknown kind and where the file of known failures makes no
        sense, before anything is asked.
        """
        from mockserver.kit.findings.known import read_known
        from mockserver.kit.report import kind_of

        said = cls(
            tuple(given["reports"]),
            given["known"],
            given["overlay_file"],
            given["as_json"],
            given["quiet"],
            tuple(given["folders"]),
        )
        for path in said.reports:
            kind_of(path)
        if said.known is not None:
            read_known(said.known)
        return said

    @staticmethod
    def contract(given: dict[str, Any]) -> Contract:
        """The contract that a command's options name. Raises SettingsError, ContractError."""
        from mockserver.kit.contracts import folders_of, load

        if given["provider"] is None:
            known = ", ".join(folders_of(given["folders"]))
            raise SettingsError(f"say whose contract it is: --provider NAME; providers: {known}")
        overlays = tuple(name.rpartition("/")[2] for name in given["overlays"])
        return load(given["provider"], profile=given["profile"], overlays=overlays, folders=given["folders"])


def tell(run: Run, said: ReportOptions, history: History) -> None:
    """Sum up, print, write the reports, and end with the exit code that the run deserves."""
    from mockserver.kit.report import render, write
    from mockserver.kit.report.summary import sum_up, write_overlay

    run = sum_up(run, history, said.known, said.folders)
    if said.as_json:
        click.echo(render(run, history.contract, "json", said.folders), nl=False)
    else:
        from mockserver.kit.report.text import show

        show(run, quiet=said.quiet)
    unwritten = []
    for path in said.reports:
        try:
            write(run, history.contract, path, said.folders)
        except SettingsError as error:
            unwritten.append(error)
    if said.overlay_file is not None and not write_overlay(run, history, said.overlay_file, said.folders):
        click.echo(f"mockserver: nothing drifted; {said.overlay_file} is not written", err=True)
    if unwritten:
        raise unwritten[0]
    raise SystemExit(1 if run.failed else 0)
