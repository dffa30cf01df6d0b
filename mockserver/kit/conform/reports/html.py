"""The runs as one HTML file that needs nothing else: the matrix, and each case with a picture of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from mockserver.kit.conform.reports.badge import LABEL
from mockserver.kit.conform.reports.sequence_diagram import picture, sign
from mockserver.kit.conform.results.comparison_table import SIGNS, WORDS, broken, grid
from mockserver.kit.conform.results.result import SHADES, ClientRunSummary, Matrix, Result, TimelineStep
from mockserver.kit.report.formatting import day_and_time, plural
from mockserver.kit.report.html import template

_PAGE: Final = Path(__file__).with_name("matrix.html.j2")
_ROWS: Final = 40
"""Exchanges of a case that are written out, the first and the last half: the picture has them all."""


class ShownExchanges(NamedTuple):
    """Exchanges that are written out, and how many are left out between them."""

    first: tuple[TimelineStep, ...]
    missing: int
    last: tuple[TimelineStep, ...]


def render(matrices: Sequence[Matrix]) -> str:
    """The runs as HTML."""
    return template(_PAGE).render(
        grid=grid(matrices),
        label=LABEL,
        shades=SHADES,
        signs=SIGNS,
        words=WORDS,
        broken=broken,
        picture=picture,
        sign=sign,
        told=_told,
        ended=_ended,
        started=day_and_time,
        plural=plural,
    )


def _told(result: Result) -> ShownExchanges:
    steps, half = result.steps, _ROWS // 2
    if len(steps) <= _ROWS:
        return ShownExchanges(steps, 0, ())
    return ShownExchanges(steps[:half], len(steps) - 2 * half, steps[-half:])


def _ended(run: ClientRunSummary, budget: float) -> str:
    """How a run of the client ended."""
    how = {
        "exited": f"exit code {run.exit_code}",
        "killed": "killed by the case",
        "over budget": f"stopped at the case's budget of {budget:g} s",
    }[run.ending]
    return f"{how} after {run.seconds:.1f} s"
