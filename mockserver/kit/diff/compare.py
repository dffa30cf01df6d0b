"""Compares two contracts."""

from __future__ import annotations

from mockserver.kit.diff import facts, lifecycle, operations
from mockserver.kit.diff.change import Change
from mockserver.kit.diff.change_log import ChangeLog
from mockserver.kit.diff.side import Side


def compare(before: Side, after: Side) -> list[Change]:
    """All changes that a client of `before` meets at a server that implements `after`, the worst first.

    Changes of texts for people come last, with the severity `text`. Equal contracts give no change.
    """
    log = ChangeLog(before, after)
    lifecycle.compare(log)
    operations.compare(log)
    facts.compare(log)
    return log.changes()
