"""What JSON of a body is read, and what is nested too deep to keep."""

from __future__ import annotations

import pytest

from mockserver.engine.refusals.refusal import Refusal
from mockserver.engine.request_body import _DEEPEST, read_json


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
