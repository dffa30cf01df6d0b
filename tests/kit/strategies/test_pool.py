"""Which requests are drawn besides: those with a model and a field that few others have together."""

from __future__ import annotations

from mockserver.kit.strategies.pool import _rare
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
