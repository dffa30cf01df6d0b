"""Every kind of change is found, alone, under its code and severity; and so is its undoing."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.kit.diff.change import Change, Severity
from mockserver.kit.diff.codes import CODES
from mockserver.kit.diff.compare import compare
from tests.kit.diff.cases import CASES, Case
from tests.kit.diff.edits import Edit, sides

OF_SCHEMAS = {code for code in CODES if code.startswith(("request.", "response."))} - {
    "request.body-required", "request.body-removed", "request.media-type-removed",
    "response.success-removed", "response.media-type-removed",
}  # fmt: skip
"""The codes whose changes a schema decides."""
AT_A_WHOLE = {"request.effect-lost", "request.effect-gained", "way.changed"} | {
    code for code in CODES if code.startswith("answer.header-")
}
"""The codes of changes that stand at the whole of which a part changed."""
AT_EACH_USER = {"security.changed", "answer.status-changed", "response.error-added", "response.error-removed"}
"""The codes of changes that stand at the operations that use what changed."""


def name(case: Case) -> str:
    return f"{case.there[0]}-{case.edits[0].at}"


def is_at(change: Change, edit: Edit) -> bool:
    """Whether a change stands where the edit was made, or at its neighbour where that is gone."""
    around = edit.at.rpartition("/")[0]
    if change.code in AT_A_WHOLE:
        return change.file == edit.file and edit.at.startswith(change.pointer)
    return change.file == edit.file and change.pointer.startswith(around)


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
        assert change.code in AT_EACH_USER or any(is_at(change, edit) for edit in case.edits), change
        assert change.before != change.after
    if case.there != ("operation.renamed",):
        assert sorted(change.where for change in there) == sorted(change.where for change in back)
    taken = sorted(repr((change.after, change.before)) for change in back)
    assert sorted(repr((change.before, change.after)) for change in there) == taken
