"""The console of every table and progress line; rich comes with it, so import it where it is used."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.status import Status
from rich.text import Text

from mockserver.cli.streams import raw
from mockserver.escapes import plain

WIDTH: Final = 200
"""Columns of output that is not a terminal: a file, a pipe."""


class PlainConsole(Console):
    """A console that sends codes of its own to the terminal, and everything else through `plain`."""

    def render_str(self, text: str, **more: Any) -> Text:
        """As of rich; the text is made plain before it is measured and wrapped."""
        return super().render_str(plain(text), **more)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As of rich; what is neither a control code nor plain is made plain."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=plain(segment.text))

    def status(self, status: RenderableType, *, spinner: str = "dots", **more: Any) -> Status:
        """As of rich; in an encoding that has no dots the spinner is a line."""
        return super().status(status, spinner=spinner if self.encoding.startswith("utf") else "line", **more)


def console(*, err: bool = False, wide: bool = True, quiet: bool = False) -> PlainConsole:
    """Standard output, or error with `err`, as wide as the terminal; nothing is read as markup.

    A file or pipe has WIDTH columns, or without `wide` as many as text has: 80, or the variable COLUMNS.
    """
    stream = raw(sys.stderr if err else sys.stdout)
    return PlainConsole(
        file=stream,
        stderr=err,
        width=WIDTH if wide and not stream.isatty() else None,
        quiet=quiet,
        highlight=False,
        markup=False,
        emoji=False,
    )
