"""Records that pass between the rooms of the server: what is not given is empty, and claims nothing."""

from __future__ import annotations

import pytest

from mockserver.engine.journal.exchange import JournalEntry
from mockserver.engine.journal.meaning import meaning
from mockserver.engine.request_context import ListPage
from mockserver.faults.seams import PlanDraft, Replacement, RequestFacts

ENTRY = JournalEntry(
    **{name: None for name in JournalEntry._fields if name not in JournalEntry._field_defaults}  # type: ignore[arg-type]
)


@pytest.mark.parametrize("record", [JournalEntry, ListPage, PlanDraft, Replacement, RequestFacts])
def test_what_a_record_is_not_given_is_empty(record: type) -> None:
    defaults = record._field_defaults  # type: ignore[attr-defined]
    assert {name: value for name, value in defaults.items() if value} == {}


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (1499, "1 kB"),
        (999_499, "999 kB"),
        (1_000_000, "1.0 MB"),
        (1_260_000, "1.3 MB"),
    ],
)
def test_a_file_that_is_sent_has_its_size_in_words(size: int, text: str) -> None:
    entry = ENTRY._replace(
        role="content", status=200, job_id="j1", response_size=size, method="GET", path="/f", query=""
    )

    assert meaning(entry, {}) == f"{text} of job j1"
