"""Which texts of a recorded answer may be the id of a job, by their length, form and depth."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit.draft.recording import _texts


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("job-1", False),
        ("job-12", True),
        ("queued", False),
        ("1" * 128, True),
        ("1" * 129, False),
    ],
)
def test_an_id_is_neither_short_nor_long_and_has_a_digit(text: str, is_one: bool) -> None:
    assert list(_texts({"id": text})) == [text] * is_one


@pytest.mark.parametrize(("depth", "is_near"), [(0, True), (6, True), (7, False)])
def test_an_id_does_not_stand_deep(depth: int, is_near: bool) -> None:
    node: Any = "job-123"
    for level in range(depth):
        node = [node] if level % 2 else {"data": node}
    assert list(_texts(node)) == ["job-123"] * is_near


def test_what_is_no_text_is_no_id() -> None:
    assert list(_texts({"a": 1234567, "b": None, "c": ["text-12", True], "d": {}})) == ["text-12"]
