"""What JSON of a body is read, and what is nested too deep to keep."""

from __future__ import annotations

import pytest

from mockserver.engine.body_threads import IN_THE_LOOP
from mockserver.engine.refusals.refusal import Refusal
from mockserver.engine.request_body import _DEEPEST, _MOST_VALUES, read_json


@pytest.mark.parametrize(
    ("content", "value"), [(b"7", 7), (b"[]", []), (b"{}", {}), (b'[{"a":[]}]', [{"a": []}])]
)
def test_any_json_is_read(content: bytes, value: object) -> None:
    assert read_json(content) == value


@pytest.mark.parametrize(("opens", "closes"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_lists_and_objects_count_alike_for_the_depth(opens: bytes, closes: bytes) -> None:
    most = _DEEPEST // len(closes)

    read_json(opens * most + b"1" + closes * most)
    with pytest.raises(Refusal, match="nested deeper"):
        read_json(opens * (most + 1) + b"1" + closes * (most + 1))


@pytest.mark.parametrize("padding", [0, IN_THE_LOOP], ids=["small", "large"])
def test_a_body_may_have_so_many_values_and_no_more_whatever_its_size(padding: int) -> None:
    def body(commas: int) -> bytes:
        return b"[" + b"1," * commas + b"1" + b" " * padding + b"]"

    assert len(read_json(body(_MOST_VALUES - 1))) == _MOST_VALUES
    with pytest.raises(Refusal, match=f"more than {_MOST_VALUES} commas"):
        read_json(body(_MOST_VALUES))
