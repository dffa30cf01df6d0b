"""A snapshot is read part by part, wherever the blocks of the file end."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.admin import snapshot_file
from mockserver.engine.admin.snapshot_file import SnapshotFile

EMPTY: dict[str, Any] = {"version": 1, "tenant": "ann", "jobs": [], "documents": [], "numbers": {}}
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip
objects = st.dictionaries(st.text(), values, max_size=5)
snapshots = st.fixed_dictionaries({
    "version": st.integers(), "tenant": st.text(), "jobs": st.lists(objects), "documents": st.lists(objects),
    "numbers": st.dictionaries(st.text(), st.integers()),
})  # fmt: skip


def read(text: bytes | str) -> dict[str, Any]:
    """The parts put together again."""
    document: dict[str, Any] = {"jobs": [], "documents": [], "numbers": {}}
    for name, _, value in SnapshotFile(io.BytesIO(text.encode() if isinstance(text, str) else text)).parts():
        if name == "numbers":
            document[name][value[0]] = value[1]
        elif name in ("jobs", "documents"):
            document[name].append(value)
        else:
            document[name] = value
    return document


@given(
    snapshot=snapshots,
    block=st.integers(1, 40),
    indent=st.none() | st.integers(0, 2),
    order=st.permutations(list(EMPTY)),
)
def test_it_reads_what_json_reads_wherever_a_block_ends(
    snapshot: dict[str, Any], block: int, indent: int | None, order: list[str]
) -> None:
    text = json.dumps({name: snapshot[name] for name in order}, indent=indent, ensure_ascii=bool(indent))
    before = snapshot_file.BLOCK
    snapshot_file.BLOCK = block
    try:
        assert read(text) == snapshot
    finally:
        snapshot_file.BLOCK = before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a snapshot is a JSON object"),
        ("[]", "a snapshot is a JSON object"),
        ("{", "a name: "),
        ('{"version": 1}', "tenant is missing"),
        ('{"version": 1, "version": 1}', "version is there twice"),
        ('{"versions": 1}', "'versions' is not known; a snapshot has version, tenant"),
        ('{"jobs": {}}', "jobs: it is not a list"),
        ('{"numbers": []}', "numbers: it is not an object"),
        ('{"jobs": [{"a": 1} {"a": 2}]}', r"jobs\[1\]: a comma or \] is missing"),
        ('{"jobs": [{"a": NaN}]}', r"jobs\[0\]: NaN is no JSON"),
        ('{"jobs": [{"a": 1e999}]}', r"jobs\[0\]: the number 1e999 is too large"),
        ('{"jobs": [' + "9" * 5000 + "]}", r"jobs\[0\]: Exceeds the limit"),
        ('{"jobs": [' + "[" * 100_000, r"jobs\[0\]: it is nested too deeply"),
        (b'{"jobs": ["\xff"]}', "it is not UTF-8"),
        ('{"jobs": ["abc', r"jobs\[0\]: Unterminated string"),
        (json.dumps(EMPTY) + "x", "something follows after the end"),
        (json.dumps(EMPTY)[:-1], "a comma or } is missing"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str | bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(text)


def test_no_more_is_read_than_the_part_that_is_wrong() -> None:
    file = io.BytesIO(b'{"jobs": [{"a" 1}, ' + b" " * 50_000_000)

    with pytest.raises(ValueError, match=r"jobs\[0\]: Expecting ':' delimiter"):
        list(SnapshotFile(file).parts())

    assert file.tell() < 1_000_000


def test_a_part_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_file, "MOST_OF_PART", 100_000)

    with pytest.raises(ValueError, match="a part of it has more than 100000 characters"):
        read('{"jobs": [{"a": "' + "x" * 10_000_000)
