"""The run as one HTML file that needs no network, no other file, and no script to be read."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, StrictUndefined, Template

from mockserver.escapes import plain
from mockserver.kit.findings.finding import SEVERITIES
from mockserver.kit.findings.run import INCOMPLETE, Run
from mockserver.kit.report.formatting import (
    by_check,
    counts,
    day_and_time,
    drift_lines,
    judged,
    reason,
    share,
    verdict,
    where,
)
from mockserver.kit.report.locations import SourceLocations
from mockserver.numerals import plural

_WORD: Final = {0: "Passed", 1: "Failed", INCOMPLETE: "Incomplete"}
_PAGE: Final = Path(__file__).with_name("report.html.j2")


@cache
def template(page: Path) -> Template:
    """The template of a page. It escapes all values, and control and invisible characters in them."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: plain(value) if type(value) is str else value,
    )
    return environment.from_string(page.read_text(encoding="utf-8"))


def render(run: Run, places: SourceLocations) -> str:
    """The run as HTML."""
    return template(_PAGE).render(
        run=run,
        groups=by_check(run.findings),
        severities=SEVERITIES,
        places=places,
        counts=counts(run),
        verdict=verdict(run),
        judged=judged(run),
        word=_WORD[run.exit_code],
        started=day_and_time(run.started),
        drift_lines=drift_lines(run),
        where=where,
        share=share,
        plural=plural,
        reason=reason,
    )
