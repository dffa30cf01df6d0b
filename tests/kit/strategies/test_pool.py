"""Which requests are drawn besides: those with a model and a field that few others have together."""

from __future__ import annotations

import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.kit.strategies.pool import _rare, collect
from mockserver.kit.strategies.submit_requests import SubmitRequest


def _request(model: str, **body: object) -> SubmitRequest:
    return SubmitRequest("submit", "POST", "/requests", {}, {}, body, model)


def test_a_field_that_two_requests_of_a_model_have_is_not_rare() -> None:
    requests = [
        _request("a", prompt="x", size=1),
        _request("a", prompt="y", payload={"seed": None}),
        _request("b", prompt="z", payload={"seed": 0}),
    ]
    rare = [("a", "/size"), ("a", "/payload/seed"), ("b", "/prompt"), ("b", "/size"), ("b", "/payload/seed")]

    assert _rare(requests, ["a", "b"], ["/prompt", "/size", "/payload/seed"]) == rare
    assert _rare([], ["c"], ["/prompt"]) == [("c", "/prompt")]


def test_values_are_drawn_within_a_test_of_hypothesis_too_and_are_the_same() -> None:
    threads: list[threading.Thread] = []

    def noted(value: int) -> int:
        threads.append(threading.current_thread())
        return value

    numbers = st.integers(0, 1000).map(noted)
    outside = collect(numbers, 5)
    assert {*threads} == {threading.current_thread()}  # a new thread takes Hypothesis longer than to draw

    @settings(max_examples=1, database=None)
    @given(st.just(numbers))
    def inside(drawn: st.SearchStrategy[int]) -> None:
        assert collect(drawn, 5) == outside

    inside()
