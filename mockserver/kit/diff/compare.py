"""The whole comparison."""

from __future__ import annotations

from mockserver.kit.diff import facts, lifecycle, operations
from mockserver.kit.diff.book import ChangeLog
from mockserver.kit.diff.change import Change
from mockserver.kit.diff.side import Side


def compare(before: Side, after: Side) -> list[Change]:
    """Every difference that a client of `before` meets at a server that does `after`, the worst first.

    Differences that only people read come last, with the severity `text`. Equal contracts give none.
    """
    book = ChangeLog(before, after)
    lifecycle.compare(book)
    operations.compare(book)
    facts.compare(book)
    return book.changes()
