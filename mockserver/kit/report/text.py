"""The run for a person at a terminal: what was found first, what to do about it, the verdict last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mockserver.kit.findings.finding import Finding, Severity
from mockserver.kit.findings.run import Run
from mockserver.kit.report.formatting import (
    by_check,
    drift_lines,
    missed,
    plain,
    plural,
    public,
    reason,
    share,
    subject,
    verdict,
    where,
    work,
)

_STYLE: Final[dict[Severity, str]] = {"failure": "bold red", "warning": "bold yellow", "note": "bold cyan"}
_SHOWN: Final = 5
"""Findings of one check that are shown in full."""
_INDENT: Final = 2


def show(run: Run, *, quiet: bool = False, console: Console | None = None) -> None:
    """Print a run to stdout; `quiet` leaves all out but findings, stale entries and the verdict.

    Without a terminal there is no colour, and lines are 80 columns but for what is to be copied.
    """
    run = public(run)
    console = console or Console(highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        _tell(run, _Told(console), quiet=quiet)
    text = captured.get()
    console.file.write(text if console.is_terminal else _trimmed(text))


def _trimmed(text: str) -> str:
    """Without the blanks that fill a column."""
    return "".join(f"{line.rstrip()}\n" for line in text.split("\n")[:-1])


def _tell(run: Run, told: _Told, *, quiet: bool) -> None:
    if not quiet:
        told.line(f"{subject(run)}; {work(run)}", "bold")
        told.stages(run)
    told.findings(run)
    if not quiet:
        told.drifts(run)
    told.known(run, quiet=quiet)
    if not quiet:
        told.coverage(run)
        told.notes(run.notes)
    told.line("")
    told.line(verdict(run), "bold red" if run.failed else "bold green")


class _Told:
    """Parts of a run on a console."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def line(self, text: str, style: str = "", indent: int = 0) -> None:
        shown = Text(plain(text), style=style)
        self._console.print(Padding(shown, (0, 0, 0, indent), expand=False) if indent else shown)

    def title(self, text: str, style: str = "bold") -> None:
        self.line("")
        self.line(text, style)

    def rows(self, rows: Sequence[Sequence[str]], indent: int = _INDENT, right: Sequence[int] = ()) -> None:
        """Columns; those named in `right` hold numbers. The last one wraps."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        width = max(map(len, rows), default=0)
        for index in range(width):
            last = index == width - 1
            grid.add_column(justify="right" if index in right else "left", no_wrap=not last, overflow="fold")
        for row in rows:
            grid.add_row(*(Text(plain(cell)) for cell in row))
        self._console.print(Padding(grid, (0, 0, 0, indent), expand=False))

    def stages(self, run: Run) -> None:
        if not run.stages:
            return
        self.title("Stages")
        head = ("", "calls", "jobs", "findings", "")
        rows = [
            (one.name, str(one.calls), str(one.jobs), str(one.findings), one.left_out or one.title)
            for one in run.stages
        ]
        self.rows([head, *rows], right=(1, 2, 3))

    def findings(self, run: Run) -> None:
        for severity, check, found in by_check(run.findings):
            many = f" ({len(found)})" if len(found) > 1 else ""
            self.title(f"{severity.upper()} {check}{many}", _STYLE[severity])
            self.line(found[0].requirement, indent=_INDENT)
            for one in found[:_SHOWN]:
                self._finding(one, run.histories.get(one.fingerprint, ()))
            if len(found) > _SHOWN:
                self.line(f"and {len(found) - _SHOWN} more like this; --json has them all", indent=_INDENT)

    def _finding(self, finding: Finding, steps: Sequence[str]) -> None:
        said = {
            "where": where(finding),
            "expected": finding.expected,
            "actual": finding.actual,
            "source": finding.source,
            "clause": finding.clause,
        }
        self.line("")
        self.rows([(name, text) for name, text in said.items() if text])
        if finding.curl:
            self._console.print(Text(" " * _INDENT + plain(finding.curl)), soft_wrap=True)
        if steps:
            self.line("shortest history:", indent=_INDENT)
            self.rows([(f"{number}.", step) for number, step in enumerate(steps, 1)], 2 * _INDENT, (0,))

    def drifts(self, run: Run) -> None:
        if not run.drifts:
            return
        self.title("Drift: what the contract does not know")
        for one in drift_lines(run):
            self.line(one, indent=_INDENT)

    def known(self, run: Run, *, quiet: bool) -> None:
        shown = run.stale if quiet else run.known
        if not shown:
            return
        self.title("Known failures")
        for one in shown:
            style = "" if one.outcome == "failed as known" else "bold red"
            self.line(f"{one.outcome}: {one.fingerprint}", style, _INDENT)
            expiry = f" (until {one.expires})" if one.expires else ""
            self.line(f"{one.reason}{expiry}", indent=2 * _INDENT)
        if not quiet and run.excused:
            self.line(f"{plural(len(run.excused), 'finding')} excused:", indent=_INDENT)
            for finding in run.excused[:_SHOWN]:
                self.line(f"{finding.sentence} ({reason(run, finding)})", indent=2 * _INDENT)

    def coverage(self, run: Run) -> None:
        if not run.coverage:
            return
        self.title("Coverage of the contract")
        self.rows([(one.name, share(one)) for one in run.coverage])
        unseen = missed(run.coverage)
        if unseen:
            self.line("not exercised:", indent=_INDENT)
        for name, some, more in unseen:
            others = f", and {more} more" if more else ""
            self.rows([(name, ", ".join(some) + others)], 2 * _INDENT)

    def notes(self, notes: Sequence[str]) -> None:
        if notes:
            self.title("Notes")
        for note in notes:
            self.line(note, indent=_INDENT)
