"""The run for a person at a terminal: the findings, what to do about them, the verdict last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mockserver.escapes import plain
from mockserver.kit.findings.finding import Finding, Severity
from mockserver.kit.findings.run import INCOMPLETE, Run
from mockserver.kit.report.formatting import (
    by_check,
    drift_lines,
    public,
    reason,
    share,
    subject,
    total,
    unexercised,
    unjudged,
    verdict,
    where,
    work,
)
from mockserver.numerals import plural

_STYLE: Final[dict[Severity, str]] = {"failure": "bold red", "warning": "bold yellow", "note": "bold cyan"}
_VERDICT_STYLE: Final = {0: "bold green", 1: "bold red", INCOMPLETE: "bold yellow"}
_SHOWN: Final = 5
"""Findings of one check that are shown in full."""
_REASONS: Final = 12
"""Lines about what could not be judged."""
_INDENT: Final = 2


def show(run: Run, console: Console, *, quiet: bool) -> None:
    """Print a run; with `quiet` only its findings, stale entries, and verdict.

    Without a terminal there is no colour, and lines end at 80 columns, except for curl commands.
    """
    run = public(run)
    with console.capture() as captured:
        _print(run, _Printer(console), quiet=quiet)
    text = captured.get()
    if not console.is_terminal:
        text = _trimmed(text)
    console.file.write(text)


def _trimmed(text: str) -> str:
    """The text without the blanks that fill a column."""
    return "".join(f"{line.rstrip()}\n" for line in text.split("\n")[:-1])


def _print(run: Run, printer: _Printer, *, quiet: bool) -> None:
    printer.not_judged(run)
    if not quiet:
        printer.line(f"{subject(run)}; {work(run)}", "bold")
        printer.stages(run)
    printer.findings(run)
    if not quiet:
        printer.drifts(run)
    printer.known(run, quiet=quiet)
    if not quiet:
        printer.coverage(run)
        printer.notes(run.notes)
    printer.line("")
    printer.line(verdict(run), _VERDICT_STYLE[run.exit_code])


class _Printer:
    """Prints the parts of a run to a console."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def line(self, text: str, style: str = "", indent: int = 0) -> None:
        shown: RenderableType = Text(plain(text), style=style)
        if indent:
            shown = Padding(shown, (0, 0, 0, indent), expand=False)
        self._console.print(shown)

    def title(self, text: str, style: str = "bold") -> None:
        self.line("")
        self.line(text, style)

    def rows(self, rows: Sequence[Sequence[str]], indent: int = _INDENT, right: Sequence[int] = ()) -> None:
        """Print rows in columns. Columns whose index is in `right` hold numbers; the last one wraps."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        width = max(map(len, rows), default=0)
        for index in range(width):
            justify: JustifyMethod = "right" if index in right else "left"
            grid.add_column(justify=justify, no_wrap=index < width - 1, overflow="fold")
        for row in rows:
            grid.add_row(*(Text(plain(cell)) for cell in row))
        self._console.print(Padding(grid, (0, 0, 0, indent), expand=False))

    def stages(self, run: Run) -> None:
        if not run.stages:
            return
        self.title("Stages")
        head = ("", "calls", "judged", "jobs", "findings", "")
        rows = [
            (
                stage.name,
                str(stage.calls),
                str(stage.judged),
                str(stage.jobs),
                str(stage.findings),
                stage.left_out or stage.title,
            )
            for stage in run.stages
        ]
        self.rows([head, *rows], right=(1, 2, 3, 4))

    def findings(self, run: Run) -> None:
        for severity, check, findings in by_check(run.findings):
            self.title(f"{severity.upper()} {check}{total(len(findings))}", _STYLE[severity])
            self.line(findings[0].requirement, indent=_INDENT)
            for finding in findings[:_SHOWN]:
                self._finding(finding, run.histories.get(finding.fingerprint, ()))
            if len(findings) > _SHOWN:
                self.line(f"and {len(findings) - _SHOWN} more like this; --json has them all", indent=_INDENT)

    def _finding(self, finding: Finding, steps: Sequence[str]) -> None:
        fields = {
            "where": where(finding),
            "expected": finding.expected,
            "actual": finding.actual,
            "source": finding.source,
            "clause": finding.clause,
        }
        self.line("")
        self.rows([(name, text) for name, text in fields.items() if text])
        if finding.curl:
            self._console.print(Text(" " * _INDENT + plain(finding.curl)), soft_wrap=True)
        if steps:
            self.line("shortest history:", indent=_INDENT)
            self.rows([(f"{number}.", step) for number, step in enumerate(steps, 1)], 2 * _INDENT, (0,))

    def drifts(self, run: Run) -> None:
        if not run.drifts:
            return
        self.title("Drift: what the contract does not know")
        for line in drift_lines(run):
            self.line(line, indent=_INDENT)

    def known(self, run: Run, *, quiet: bool) -> None:
        shown = run.stale if quiet else run.known
        if not shown:
            return
        self.title("Known failures")
        for known in shown:
            style = "bold red" if known in run.stale else ""
            self.line(f"{known.outcome}: {known.fingerprint}", style, _INDENT)
            reason_line = known.reason
            if known.expires:
                reason_line += f" (until {known.expires})"
            self.line(reason_line, indent=2 * _INDENT)
        if not quiet and run.excused:
            self.line(f"{plural(len(run.excused), 'finding')} excused:", indent=_INDENT)
            for finding in run.excused[:_SHOWN]:
                self.line(f"{finding.sentence} ({reason(run, finding)})", indent=2 * _INDENT)

    def coverage(self, run: Run) -> None:
        if not run.coverage:
            return
        self.title("Coverage of the contract")
        self.rows([(part.name, share(part)) for part in run.coverage])
        parts = unexercised(run.coverage)
        if parts:
            self.line("not exercised:", indent=_INDENT)
        for name, some, more in parts:
            if more:
                some.append(f"and {more} more")
            self.rows([(name, ", ".join(some))], 2 * _INDENT)

    def not_judged(self, run: Run) -> None:
        """What a verdict does not rest on stands before all that it rests on."""
        if not run.not_judged:
            return
        self.line(f"{verdict(run)}:", _VERDICT_STYLE[run.exit_code])
        for line in unjudged(run, _REASONS):
            self.line(line, indent=_INDENT)
        self.line("")

    def notes(self, notes: Sequence[str]) -> None:
        if notes:
            self.title("Notes")
        for note in notes:
            self.line(note, indent=_INDENT)
