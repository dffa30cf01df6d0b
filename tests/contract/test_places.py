"""Where a value stands in a request, as a contract writes it."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.places import beside_body, in_body, noted, split_place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (None, None),
        ("path.ID", ("path", "ID")),
        ("query.Page.Size", ("query", "Page.Size")),
        ("header.X-Request-ID", ("header", "x-request-id")),
    ],
)
def test_a_place_is_split_at_its_first_dot_and_headers_have_no_case(text: str | None, place: Any) -> None:
    assert split_place(text) == place


@pytest.mark.parametrize(
    ("node", "path", "beside"),
    [
        (None, None, []),
        ([], None, []),
        ("/a/b~1c", ("a", "b/c"), []),
        ("query.a", None, [("query", "a")]),
        (["/a", "path.b", "header.C"], None, [("path", "b"), ("header", "c")]),
    ],
)
def test_what_starts_with_a_slash_stands_in_the_body_and_all_else_beside_it(
    node: Any, path: Any, beside: Any
) -> None:
    assert in_body(node) == path
    assert beside_body(node) == beside


def test_a_job_keeps_what_its_submit_had_beside_the_body() -> None:
    parameters = [
        {"in": "path", "name": "owner"},
        {"in": "query", "name": "q"},
        {"in": "path", "name": "model"},
    ]
    job = {"role": "submit", "model": ["path.model", "/m"], "alias": "header.X", "callback": "/url"}

    assert noted(parameters, job) == (("path", "model"), ("header", "x"), ("path", "owner"))
    assert noted(parameters, {**job, "role": "read"}) == ()
    assert noted([], {"role": "submit"}) == ()
