"""What is kept of exchanges whose bodies are too large to keep."""

from __future__ import annotations

from typing import Final

import pytest

from mockserver.kit.traffic.body_limits import HEAD, MAX_VALUES, is_readable, values, with_head
from mockserver.kit.traffic.exchange import Exchange

SHORT: Final = Exchange(1, 0.0, 0.0, "POST", "http://a.example/b", (), b"{}", 200, (), b"")


@pytest.mark.parametrize(
    ("size", "was_cut", "is_cut"), [(HEAD, False, False), (HEAD + 1, False, True), (HEAD, True, True)]
)
def test_a_request_is_cut_where_more_than_its_head_was_sent(size: int, was_cut: bool, is_cut: bool) -> None:
    headed = with_head(SHORT._replace(request_body=b"a" * size, request_cut=was_cut), "too large")

    assert (len(headed.request_body), headed.request_cut) == (HEAD, is_cut)
    assert headed.cut
    assert headed.left_out is not None
    assert headed.left_out.reason == "too large"


@pytest.mark.parametrize(
    ("body", "least"),
    [(b"1", 1), (b"[]", 1), (b"[1,2,3]", 4), (b'{"a":[{},{}],"b":[[]]}', 7), (b'["[,{"]', 2)],
)
def test_values_are_counted_without_being_read(body: bytes, least: int) -> None:
    assert values(body) >= least


def test_a_body_of_very_many_values_is_not_read() -> None:
    assert is_readable(b"[" + b"1," * (MAX_VALUES - 3) + b"1]")
    assert not is_readable(b"[" + b"1," * MAX_VALUES + b"1]")
