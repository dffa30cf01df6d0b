"""What is taken out of a draft when the check refuses it, and what is said of that."""

from __future__ import annotations

import copy
from typing import Any, Final

import pytest

from mockserver.contract.check import ContractProblem
from mockserver.kit.draft import mend
from mockserver.kit.draft.mend import mended
from mockserver.kit.draft.todo import Draft

FILE: Final = "schemas/clip.json"
CONTENT: Final[dict[str, Any]] = {
    "a": {"b": 1, "c": 2},
    "list": [1, 2, 3],
    "one": {"anyOf": [7]},
    "examples": [{"x": 1}, {"x": 2}],
}


def problem(pointer: str, message: str = "x must be removed", file: str = FILE) -> ContractProblem:
    return ContractProblem("clip", file, pointer, message)


def mend_with(
    monkeypatch: pytest.MonkeyPatch, files: dict[str, Any], *rounds: list[ContractProblem]
) -> tuple[Draft, list[ContractProblem], int]:
    """The draft after the check has found one round of problems after the other; the rounds that it took."""
    left = [*rounds]
    monkeypatch.setattr(mend, "check_source", lambda *_: left.pop(0) if left else [])
    draft, problems = mended(Draft("clip", copy.deepcopy(files), [], [], []))
    return draft, problems, len(rounds) - len(left)


@pytest.mark.parametrize(
    ("pointers", "changed"),
    [
        (["/a/b"], {"a": {"c": 2}}),
        (["/a"], {"a": None}),
        (["/list/0"], {"list": [2, 3]}),
        (["/list/0", "/list/2", "/list/1"], {"list": None}),
        (["/list/0", "/list/2"], {"list": [2]}),
        (["/one/anyOf/0"], {"one": {}}),
        (["/examples/0/x"], {"examples": [{"x": 2}]}),
        (["/examples/1"], {"examples": [{"x": 1}]}),
        (["/examples/0/x", "/examples/0/y"], {"examples": [{"x": 2}]}),
        (["/list/0", "/list/0"], {"list": [2, 3]}),
        (["/list/3"], {}),
        (["/list/x"], {}),
        (["/a/d"], {}),
        (["/a/b/c"], {}),
        ([""], {}),
    ],
)
def test_a_node_goes_and_of_an_example_the_whole(
    monkeypatch: pytest.MonkeyPatch, pointers: list[str], changed: dict[str, Any]
) -> None:
    found = [problem(pointer) for pointer in pointers]
    draft, problems, _ = mend_with(monkeypatch, {FILE: CONTENT}, found, [problem("/a/d")] * (not changed))
    rest = {key: part for key, part in {**CONTENT, **changed}.items() if part is not None}
    assert draft.files == {FILE: rest}
    assert problems == ([] if changed else found)
    lines = {f"{FILE}#{pointer}: taken out: x must be removed" for pointer in pointers}
    assert {todo.line() for todo in draft.todos} <= (lines if changed else set())
    nodes = {tuple(pointer.split("/")[:3]) for pointer in pointers}
    assert len(draft.todos) == (len(nodes) if changed else 0)


@pytest.mark.parametrize(
    ("message", "is_taken", "is_said"),
    [
        ("minimum is not a keyword of it", True, True),
        ("the value is not valid: it is no number", True, True),
        ("the example is not valid: it is no number", True, False),
        ("nobody knows it", False, False),
    ],
)
def test_only_what_does_no_good_goes_and_examples_go_silently(
    monkeypatch: pytest.MonkeyPatch, message: str, is_taken: bool, is_said: bool
) -> None:
    found = [problem("/a/b", message)]
    draft, problems, rounds = mend_with(monkeypatch, {FILE: CONTENT}, found)
    assert ("b" not in draft.files[FILE]["a"], problems == [], len(draft.todos) == 1) == (
        is_taken, is_taken, is_said,
    )  # fmt: skip
    assert rounds == 1


def test_a_problem_of_another_file_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [problem("/a/b", file="overlays/a.json")]
    assert mend_with(monkeypatch, {FILE: CONTENT}, found)[:2] == (
        Draft("clip", {FILE: CONTENT}, [], [], []),
        found,
    )


def test_what_is_new_after_each_round_is_taken_out_six_times(monkeypatch: pytest.MonkeyPatch) -> None:
    content = {str(number): number for number in range(9)}
    rounds = [[problem(f"/{number}")] for number in range(9)]
    draft, problems, count = mend_with(monkeypatch, {FILE: content}, *rounds)
    assert (count, [*draft.files[FILE]], problems) == (6, ["6", "7", "8"], rounds[5])


def test_a_state_that_no_message_can_name_is_added_to_the_words_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    states: dict[str, Any] = {"queued": {}, "done": {}, "failed": {}}
    files: dict[str, Any] = {
        "openapi.json": {"x-job": {"states": states}, "enum": ["queued", "done"]},
        FILE: {
            "status": {"enum": ["queued", "done", None]},
            "more": [{"enum": ["queued", "a", "b"]}],
            "all": {"enum": ["queued", "done", "failed"]},
            "none": {"enum": "queued"},
        },
    }
    message = "no message can name it: failed"
    draft, _, rounds = mend_with(
        monkeypatch, files, [problem("/x-job/states/failed", message, "openapi.json")], []
    )
    changed = {**files[FILE], "status": {"enum": ["queued", "done", None, "failed"]}}
    assert (draft.files, rounds) == ({**files, FILE: changed}, 2)
    assert [todo.line() for todo in draft.todos] == [
        "openapi.json#/x-job/states/failed: the document does not list it;"
        " it was added to the words of the status"
    ]
    again = mend_with(monkeypatch, draft.files, [problem("/x-job/states/failed", message, "openapi.json")])
    assert (again[0].files, again[0].todos, len(again[1])) == (draft.files, [], 1)
