"""Paths into JSON: followed, through every item of lists, and written."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.pointer import follow_each

DOCUMENT = {
    "jobs": [{"id": 1, "clips": [{"url": "a"}, {"url": "b"}]}, {"id": 2, "clips": []}, {"clips": 3}],
    "n": None,
}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (("jobs", "*", "id"), [1, 2]),
        (("jobs", "*", "clips", "*", "url"), ["a", "b"]),
        (("jobs", "*"), DOCUMENT["jobs"]),
        (("jobs", "0", "id"), [1]),
        (("n",), [None]),
        (("n", "*"), []),
        (("nothing",), []),
        (("nothing", "*", "id"), []),
        ((), [DOCUMENT]),
    ],
)
def test_a_star_is_every_item_of_a_list(path: tuple[str, ...], values: list[Any]) -> None:
    assert follow_each(DOCUMENT, path) == values
