"""What cannot be read is noted and named, once each and not without end."""

from __future__ import annotations

import logging

import pytest

from mockserver.stores.unreadable import JOB, MOST, Unreadable, UnreadableRecords


def test_what_is_noted_is_named_until_it_is_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    records = UnreadableRecords()
    records.note(JOB, "ann", "p/one", "it is\nbroken")
    records.note(JOB, "ann", "p/one", "it is\nbroken")
    records.note("rule", "", "r1", "x" * 5000)

    assert len(records) == 2
    assert records.of("ann") == [Unreadable(JOB, "ann", "p/one", "it is\nbroken")]
    assert [record.name for record in records.of("")] == ["r1"]
    assert len(records.of(None)) == 2
    first, second = (record.getMessage() for record in caplog.records)
    assert first == r"skipped 'job' 'p/one' of tenant 'ann': it is\nbroken"
    assert second.startswith("skipped 'rule' 'r1' of everybody: xxx")
    assert len(second) < 1000

    assert records.of("")[0].reason == "x" * 300
    records.forget(JOB, "ann", "p/one")
    assert records.of("ann") == []
    records.note(JOB, "ann", "p/one", "again")
    assert len(caplog.records) == 3


def test_only_jobs_of_the_tenant_and_the_provider_count_as_theirs() -> None:
    records = UnreadableRecords()
    assert not records.has_jobs_of("ann", "p")
    records.note(JOB, "ann", "p/one", "x")
    records.note("rule", "bob", "p/one", "x")

    asked = [("ann", "p"), ("ann", "q"), ("bob", "p"), ("ann", "p/o")]
    assert [records.has_jobs_of(*names) for names in asked] == [True, False, False, False]


def test_beyond_a_number_no_more_are_named_and_that_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    records = UnreadableRecords()
    with caplog.at_level(logging.ERROR):
        for number in range(MOST):
            records.note(JOB, "ann", f"p/{number}", "x")
    assert not caplog.records
    for number in range(MOST, MOST + 3):
        records.note(JOB, "ann", f"p/{number}", "x")
        assert len(caplog.records) == 1
    records.note(JOB, "ann", "p/0", "something else")

    assert len(records) == MOST
    more, changed = (record.getMessage() for record in caplog.records)
    assert more == f"more than {MOST} records of the store cannot be read; no more are named"
    assert changed == "skipped 'job' 'p/0' of tenant 'ann': something else"


def test_the_same_reason_in_another_text_is_not_logged_again(caplog: pytest.LogCaptureFixture) -> None:
    records = UnreadableRecords()
    for letters in ("broken", "broken", "Broken"):
        records.note(JOB, "ann", "p/one", "".join(letters))

    assert [record.getMessage()[-6:] for record in caplog.records] == ["broken", "Broken"]
