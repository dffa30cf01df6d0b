"""What is written into a store can be read again, and what cannot be kept is refused in words."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mockserver.errors import StoreError
from mockserver.jobs.job import Fact
from mockserver.stores.rows import job_row, operation_values, read_object, write_document
from tests.stores.test_stores import make_job


@pytest.mark.parametrize("facts", [(), (Fact("polled", 5),)])
def test_a_row_has_the_columns_of_its_job_and_whether_there_are_facts(facts: tuple[Fact, ...]) -> None:
    job = make_job(alias="mine")._replace(facts=facts, seconds=2.0)
    row, record = job_row(job)
    around, same = job_row(job, orjson.dumps(job.request))

    assert row[:7] == ("p", "one", "ann", "submit", "m", "mine", 1000)
    assert (len(orjson.loads(row[7])), row[8], row[9]) == (len(facts), 2.0, bool(facts))
    assert around == row
    assert orjson.loads(same) == orjson.loads(record)


def test_what_is_no_json_is_not_kept() -> None:
    with pytest.raises(StoreError, match="job 'one' cannot be kept"):
        job_row(make_job()._replace(request={"a": {1}}))
    with pytest.raises(StoreError, match="kind 'name' cannot be kept"):
        write_document("t", "kind", "name", {"a": {1}})


@pytest.mark.parametrize("names", [("\ud800", "k", "n"), ("t", "\ud800", "n"), ("t", "k", "\ud800")])
def test_names_are_unicode_text(names: tuple[str, str, str]) -> None:
    with pytest.raises(StoreError, match="cannot be kept"):
        write_document(*names, {})


def test_an_object_is_read_as_it_was_written() -> None:
    assert read_object(write_document("t", "k", "n", {"a": [1, "é"]})) == {"a": [1, "é"]}


@pytest.mark.parametrize("text", ["[]", "1", "null", '"a"'])
def test_nothing_but_an_object_is_read(text: str) -> None:
    with pytest.raises(ValueError, match="JSON, but no object"):
        read_object(text)


@pytest.mark.parametrize(
    ("operations", "values"), [(None, (None, None)), ([], ("[]", "[]")), (("a", "b"), ('["a","b"]',) * 2)]
)
def test_no_operations_are_none_and_no_choice_is_any(operations: Any, values: tuple[Any, Any]) -> None:
    assert operation_values(operations) == values
