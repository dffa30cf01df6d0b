"""Places in JSON files: the value that a pointer names stands where it is said to stand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.pointer import parts
from mockserver.contract.source import builtin_root
from mockserver.kit.report.lines import FilePosition, locate

TEXT = """{
  "a": {"b": 1,
    "c~d/e": [true,
      {"f": "\\u007b\\"x\\": 1"}]
  },
  "": null
}"""
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("", FilePosition(1, 1, 0)),
        ("/a", FilePosition(2, 3, 1)),
        ("/a/b", FilePosition(2, 9, 2)),
        ("/a/c~0d~1e", FilePosition(3, 5, 2)),
        ("/a/c~0d~1e/0", FilePosition(3, 15, 3)),
        ("/a/c~0d~1e/1", FilePosition(4, 7, 3)),
        ("/a/c~0d~1e/1/f", FilePosition(4, 8, 4)),
        ("/", FilePosition(6, 3, 1)),
        ("/a/none/more", FilePosition(2, 3, 1)),
        ("/a/b/deeper", FilePosition(2, 9, 2)),
        ("/a/c~0d~1e/7", FilePosition(3, 5, 2)),
        ("/a/c~0d~1e/-", FilePosition(3, 5, 2)),
    ],
)
def test_a_pointer_leads_to_its_line_or_to_the_innermost_value_around_it(
    at: str, expected: FilePosition
) -> None:
    assert locate(TEXT, parts(at)) == expected


def _everything(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    inner: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = [(str(index), one) for index, one in enumerate(value)]
    return [(path, value), *(found for key, one in inner for found in _everything(one, (*path, key)))]


@given(VALUES, st.sampled_from((None, 0, 2)), st.booleans())
def test_every_value_of_any_document_is_found(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    lines = text.split("\n")
    for path, expected in _everything(value):
        found = locate(text, path)
        assert found.depth == len(path)
        rest = "\n".join([lines[found.line - 1][found.column - 1 :], *lines[found.line :]])
        shown, end = json.JSONDecoder().raw_decode(rest)
        if path and rest[end:].lstrip().startswith(":") and shown == path[-1]:
            rest = rest[end:].lstrip()[1:].lstrip()
            shown, _ = json.JSONDecoder().raw_decode(rest)
        assert shown == expected


def test_a_name_that_stands_twice_is_found_where_it_counts() -> None:
    assert locate('{"a": 1,\n"a": 2}', ("a",)) == FilePosition(2, 1, 1)


@pytest.mark.parametrize("path", sorted(builtin_root().rglob("*.json")), ids=lambda path: path.stem)
def test_every_place_of_our_contracts_is_found(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    every = [at for at, _ in _everything(json.loads(text))]
    missed = [at for at in every[:: max(1, len(every) // 60)] if locate(text, at).depth != len(at)]
    assert missed == []
