"""The runs as one HTML file that needs no other: the matrix, and each case with a sequence diagram."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from mockserver.kit.conform.reports.badge import LABEL
from mockserver.kit.conform.reports.sequence_diagram import draw, sign
from mockserver.kit.conform.results.comparison_table import SIGNS, VERDICT_TEXTS, new_breaches, tabulate
from mockserver.kit.conform.results.result import VERDICTS, ClientRunSummary, Matrix, Result, TimelineStep
from mockserver.kit.report.formatting import day_and_time
from mockserver.kit.report.html import template
from mockserver.numerals import plural

_PAGE: Final = Path(__file__).with_name("matrix.html.j2")
_ROWS: Final = 40
"""The most exchanges of a case in its table; the diagram shows more."""


class ShownExchanges(NamedTuple):
    """The exchanges in the table of a case, and how many are left out between them."""

    first: tuple[TimelineStep, ...]
    missing: int
    last: tuple[TimelineStep, ...]


def render(matrices: Sequence[Matrix]) -> str:
    """The runs as HTML."""
    return template(_PAGE).render(
        table=tabulate(matrices),
        label=LABEL,
        verdicts=VERDICTS,
        signs=SIGNS,
        verdict_texts=VERDICT_TEXTS,
        new_breaches=new_breaches,
        draw=draw,
        sign=sign,
        exchanges_of=_exchanges,
        ending_of=_ending,
        day_and_time=day_and_time,
        plural=plural,
    )


def _exchanges(result: Result) -> ShownExchanges:
    steps, half = result.steps, _ROWS // 2
    if len(steps) <= _ROWS:
        return ShownExchanges(steps, 0, ())
    return ShownExchanges(steps[:half], len(steps) - 2 * half, steps[-half:])


def _ending(run: ClientRunSummary, budget: float) -> str:
    """How a run of the client ended."""
    ending = {
        "exited": f"exit code {run.exit_code}",
        "killed": "killed by the case",
        "over budget": f"stopped at the case's budget of {budget:g} s",
    }[run.ending]
    note = f" ({run.note})" if run.note else ""
    return f"{ending} after {run.seconds:.1f} s{note}"
