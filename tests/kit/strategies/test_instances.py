"""Values drawn for a schema: what it allows can come, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import find
from hypothesis import strategies as st

from mockserver.kit.strategies.instances import Choices, InstanceGenerator

LIST: dict[str, Any] = {"type": "array", "items": {"type": "boolean"}, "maxItems": 2}


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize(
    ("schema", "least", "most"),
    [(LIST, 0, 2), ({**LIST, "minItems": 1}, 1, 2), ({**LIST, "contains": {"const": True}}, 1, 2)],
)
def test_a_list_is_as_short_and_as_long_as_its_schema_allows(
    schema: dict[str, Any], least: int, most: int, short: bool
) -> None:
    @st.composite
    def lists(draw: Any) -> Any:
        return InstanceGenerator({}, draw, Choices({}, short=short)).value([schema])

    lengths = lists().map(len)
    assert find(lengths, lambda length: length == least) == least
    if not short:
        assert find(lengths, lambda length: length == most) == most
