"""A body that several answers share is said once; what stands beside its name is a patch to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.contract.shared_bodies import check_used, with_bodies
from mockserver.contract.source import DOCUMENT, Source, merge_patch

NAMES = st.sampled_from(["a", "b", "c"])
LEAVES = st.none() | st.integers(0, 3) | st.sampled_from(["text", "$", ""])
VALUES = st.recursive(
    LEAVES, lambda inner: st.dictionaries(NAMES, inner, max_size=3) | st.lists(inner, max_size=2)
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=3)


def put(bodies: dict[str, Any], template: Any) -> Any:
    """The template with the bodies in their places."""
    document = {"x-job": {"bodies": bodies}, "paths": {"/": {"body": template}}}
    files, _ = with_bodies(Source("", Path(), {DOCUMENT: document}))
    return files.files[DOCUMENT]["paths"]["/"]["body"]


def makes_anew(first: Any, second: Any) -> bool:
    """Whether the second patch puts an object where the first one put something else, or nothing."""
    if not isinstance(second, dict):
        return False
    if not isinstance(first, dict):
        return True
    return any(makes_anew(first[key], second[key]) for key in first.keys() & second.keys())


def test_each_body_that_nothing_uses_is_named_with_its_place() -> None:
    bodies = {"a": {"b": {"$use": "b"}}, "b": {}, "c": {}, "d": {}}
    document = {"x-job": {"bodies": bodies}, "paths": {"/": {"body": {"$use": "a"}}}}
    files = Source("", Path(), {DOCUMENT: document})
    _, used = with_bodies(files)

    assert used == {"a", "b"}
    assert [(place.pointer, message) for place, message in check_used(files, used)] == [
        ("/x-job/bodies/c", "nothing uses this body"),
        ("/x-job/bodies/d", "nothing uses this body"),
    ]


@given(OBJECTS)
def test_a_body_stands_where_it_is_used(body: dict[str, Any]) -> None:
    assert put({"task": body}, {"data": [{"$use": "task"}]}) == {"data": [body]}
    assert put({"task": body, "list": {"data": {"$use": "task"}}}, {"$use": "list"}) == {"data": body}


@given(OBJECTS, OBJECTS)
def test_what_stands_beside_it_is_a_patch(body: dict[str, Any], patch: dict[str, Any]) -> None:
    assert put({"task": body}, {"$use": "task", **patch}) == merge_patch(body, patch)


@given(OBJECTS, OBJECTS, OBJECTS)
def test_an_overlay_changes_a_place_alike_whether_its_body_is_shared_or_not(
    body: dict[str, Any], first: dict[str, Any], second: dict[str, Any]
) -> None:
    # No one patch says that an object goes and that another one comes.
    assume(not makes_anew(first, second))
    alone = merge_patch(merge_patch(body, first), second)
    shared = merge_patch(merge_patch({"$use": "task"}, first), second)
    assert put({"task": body}, shared) == alone


def test_the_names_that_are_used_are_told_and_the_bodies_leave_with_them() -> None:
    document = {"x-job": {"bodies": {"a": {}, "b": {}}, "answers": [{"body": {"$use": "b"}}]}}
    files, used = with_bodies(Source("", Path(), {DOCUMENT: document}))
    assert used == {"b"}
    assert files.files[DOCUMENT] == {"x-job": {"answers": [{"body": {}}]}}
