"""An exchange as a row of a list, for JSON."""

from __future__ import annotations

from typing import Any, Final

from mockserver.engine.journal.delivery import shown_status
from mockserver.engine.journal.exchange import JournalEntry

_SIZES: Final = frozenset({"request_size", "response_size"})
_NOT_IN_ROW: Final = frozenset({
    "base", "job_id", "request_headers", "request_body", "request_cut", "response_headers", "response_body",
    "response_cut",
})  # fmt: skip
"""Fields that a row lacks, or has under another name."""


def as_row(entry: JournalEntry, sentence: str, *, sizes: bool = False) -> dict[str, Any]:
    """A row of a list of exchanges, values by name: all but headers and bodies, its `job`, `meaning`, and
    `shown_status`, which is the status as a text, or `lost` or `reset` where no answer arrived.

    `sentence` is what it meant; with `sizes` there are those of the bodies.
    """
    left_out = _NOT_IN_ROW if sizes else _NOT_IN_ROW | _SIZES
    values = {name: value for name, value in entry._asdict().items() if name not in left_out}
    return {**values, "shown_status": shown_status(entry), "job": entry.job_id, "meaning": sentence}
