"""Every kind of change is found, alone, under its code and severity; and so is its undoing."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.kit.diff.change import Severity
from mockserver.kit.diff.codes import CODES
from mockserver.kit.diff.compare import compare
from tests.kit.diff.cases import CASES, Case
from tests.kit.diff.edits import sides

OF_SCHEMAS = {code for code in CODES if code.startswith(("request.", "response."))} - {
    "request.body-required", "request.body-removed", "request.media-type-removed",
    "response.success-removed", "response.media-type-removed",
}  # fmt: skip
"""The codes whose changes a schema decides."""


def name(case: Case) -> str:
    return f"{case.there[0]}-{case.edits[0].at}"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_change_has_its_code_both_ways(case: Case, tmp_path: Path) -> None:
    before, after = sides(tmp_path, case.base, case.edits)

    there, back = compare(before, after), compare(after, before)

    assert {change.code for change in there} == {*case.there}
    assert {change.code for change in back} == {*case.back}
    assert compare(before, before) == compare(after, after) == []
    for change in (*there, *back):
        needs_witness = change.severity is Severity.BREAKING and change.code in OF_SCHEMAS
        assert (change.witness is not None) is needs_witness, change
        assert change.severity is CODES[change.code].severity
        assert change.why == CODES[change.code].why
        assert change.where
        assert change.before != change.after
    taken = sorted(repr((change.after, change.before)) for change in back)
    assert sorted(repr((change.before, change.after)) for change in there) == taken
