"""Which jobs of a list a request wants: its page, its bounds, its filter and its order."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final

import pytest

from mockserver.contract.model import Paging
from mockserver.engine.listing import _page_of, _read_page
from mockserver.engine.request_context import ListPage
from mockserver.jobs.job import Job, Plan

NUMBERED: Final = Paging("page", "size", 30, None, None, "skip")
CURSOR: Final = Paging(None, "limit", 20, "after", "order", None)
NOTHING: Final = Paging(None, None, 700, None, None, None)


def wanted(paging: Paging, filters: dict[str, str] | None = None, /, **query: Any) -> Any:
    operation = SimpleNamespace(page=paging, filters=filters or {})
    context: Any = SimpleNamespace(operation=operation, parameters={"query": query} if query else {})
    return _read_page(context)


@pytest.mark.parametrize(
    ("query", "size", "offset"),
    [
        ({}, 30, 0),
        ({"page": 1}, 30, 0),
        ({"page": 2}, 30, 30),
        ({"page": "3", "size": "7"}, 7, 14),
        ({"page": 0}, 30, 0),
        ({"page": -1}, 30, 0),
        ({"page": 2, "skip": 5}, 30, 35),
        ({"skip": -1}, 30, 0),
        ({"size": 0, "page": 5}, 0, 0),
        ({"size": -1}, 0, 0),
        ({"size": 500}, 500, 0),
        ({"size": 501}, 500, 0),
        ({"size": 1, "page": 10**9}, 1, 10**9 - 1),
        ({"size": 1, "page": 10**9 + 1}, 1, 10**9 - 1),
        ({"size": 1, "skip": 10**9 + 1}, 1, 10**9),
        ({"limit": 3, "offset": 3, "after": "x", "order": "asc"}, 30, 0),
    ],
)
def test_a_page_has_a_size_and_a_place_within_bounds(query: dict[str, Any], size: int, offset: int) -> None:
    assert wanted(NUMBERED, **query) == (size, offset, None, False, None, False)


def test_without_parameters_a_list_is_one_page_of_the_largest_size() -> None:
    assert wanted(NOTHING, page=2, size=3) == (500, 0, None, False, None, False)


@pytest.mark.parametrize(
    ("query", "after", "oldest_first"),
    [
        ({}, None, False),
        ({"after": ""}, None, False),
        ({"after": "j"}, "j", False),
        ({"order": "asc"}, None, True),
        ({"order": "desc", "after": "j"}, "j", False),
    ],
)
def test_a_cursor_is_an_id_and_the_oldest_may_come_first(
    query: dict[str, Any], after: str | None, oldest_first: bool
) -> None:
    assert wanted(CURSOR, **query) == (20, 0, None, True, after, oldest_first)


def test_the_filter_by_model_is_the_one_that_the_contract_calls_so() -> None:
    filters = {"state": "status", "kind": "model"}

    assert wanted(NUMBERED, filters, state="s", kind="m", model="n").model == "m"
    assert wanted(NUMBERED, filters, state="s", model="n").model is None


@pytest.mark.parametrize("more", [True, False])
def test_a_page_names_its_first_and_last_job_and_what_leads_on(more: bool) -> None:
    jobs = [Job(name, "t", "p", "o", "m", {}, 0, Plan(())) for name in "abc"]

    assert _page_of(jobs, more=more) == ListPage("a", "c", more, "c" if more else None)
    assert _page_of([], more=more) == ListPage(None, None, more, None)
