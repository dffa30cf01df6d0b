"""What a snapshot's parts must be, member by member, and whose they are then."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from mockserver.engine.admin.snapshots import read_parts
from mockserver.jobs.codec import dump_whole_job
from mockserver.jobs.job import Job, Plan, Step
from mockserver.jobs.reading import MOST, TEXT
from mockserver.stores.base import SnapshotPart, StoredDocument, StoredNumber

EMPTY: dict[str, Any] = {"version": 1, "tenant": "ann", "jobs": [], "documents": [], "numbers": {}}
QUOTA = {"tenant": "ann", "kind": "quota", "name": "-", "document": {"requests": 3}}
JOB = Job("j", "ann", "elsewhere", "submit", "film", {}, 5, Plan((Step("done", "succeeded"),)))
ROW: dict[str, Any] = json.loads(bytes(dump_whole_job(JOB)))


def read(**members: Any) -> list[SnapshotPart]:
    text = json.dumps({**EMPTY, **members}, ensure_ascii=False)
    return [*read_parts({}, "bob", io.BytesIO(text.encode("utf-8", "surrogatepass")))]


def test_all_parts_belong_to_whom_they_are_restored_for() -> None:
    numbers = {"": 0, "n" * 1000: MOST}
    assert read(jobs=[ROW], documents=[QUOTA], numbers=numbers) == [
        JOB._replace(tenant="bob"),
        StoredDocument("bob", "quota", "-", {"requests": 3}),
        *(StoredNumber(name, last) for name, last in numbers.items()),
    ]


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        *(
            ({"version": version}, "^version: this server reads version 1$")
            for version in (0, 2, -1, 1.0, "1", True)
        ),
        ({"tenant": 7}, "^tenant: the tenant that it is of: 7 is not a text"),
        ({"jobs": [ROW, 7]}, r"^jobs\[1\]: it is no job, or has no facts$"),
        ({"jobs": [{**ROW, "facts": 7}]}, r"^jobs\[0\]: "),
        ({"jobs": [{name: value for name, value in ROW.items() if name != "facts"}]}, "has no facts"),
        ({"jobs": [{**ROW, "more": 1}]}, r"^jobs\[0\]: it: 'more' is not known"),
        ({"documents": [7]}, r"^documents\[0\]: it: 7 is not an object"),
        ({"documents": [{**QUOTA, "more": 1}]}, r"^documents\[0\]: it: 'more' is not known"),
        (
            {"documents": [{**QUOTA, "kind": "dream"}]},
            r"^documents\[0\]: dream '-': this server knows no documents",
        ),
        ({"documents": [{**QUOTA, "document": {"requests": -1}}]}, r"^documents\[0\]: quota '-': requests: "),
        ({"documents": [{**QUOTA, "name": "n" * (TEXT + 1)}]}, r"^documents\[0\]: name: "),
        ({"documents": [QUOTA, QUOTA]}, r"^documents\[1\]: its name is there twice$"),
        ({"numbers": {"n" * 1001: 1}}, r"^numbers.*: its name: a text of 1001 characters"),
        *(({"numbers": {"n": last}}, r"^numbers.*: it: ") for last in (-1, MOST + 1, 1.5, "1", None)),
    ],
)
def test_what_is_no_part_is_told_with_its_place(members: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read(**members)
