"""The score as a badge: an SVG of two fields, for the head of a README."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from mockserver.kit.conform.results.comparison_table import tabulate
from mockserver.kit.conform.results.result import Matrix
from mockserver.kit.conform.results.score import CAP, Score

LABEL: Final = "conformance"
_CHARACTER: Final = 6.6
"""The width in pixels of a character of Verdana at 11 pixels, roughly; `textLength` fits the text to it."""
_MARGIN: Final = 6
_GREEN: Final = "#2e7d32"
_AMBER: Final = "#8a5a00"
_RED: Final = "#b3141c"
_GREY: Final = "#59636e"


def text(matrices: Sequence[Matrix]) -> str:
    """`conformance 97 % · 0 MUST failed`."""
    return f"{LABEL} {tabulate(matrices).score.line}"


def render(matrices: Sequence[Matrix]) -> str:
    """The badge as SVG."""
    score = tabulate(matrices).score
    left, right = _width(LABEL), _width(score.line)
    title = escape(f"{LABEL}: {score.line}")
    fields = _field(LABEL, 0, left) + _field(score.line, left, right)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{title}"><title>{title}</title>'
        f'<clipPath id="r"><rect width="{left + right}" height="20" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#3a4149"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour(score)}"/></g>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">{fields}</g></svg>\n'
    )


def colour(score: Score) -> str:
    """Red while a MUST is broken, amber below 90, green above, grey if nothing was judged."""
    if score.number is None:
        return _GREY
    if score.must_failed:
        return _RED
    return _GREEN if score.number > CAP else _AMBER


def _width(text: str) -> int:
    return round(len(text) * _CHARACTER) + 2 * _MARGIN


def _field(text: str, start: int, width: int) -> str:
    inner = width - 2 * _MARGIN
    return f'<text x="{start + _MARGIN}" y="14" textLength="{inner}">{escape(text)}</text>'
