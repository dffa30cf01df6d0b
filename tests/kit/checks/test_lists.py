"""What the checks say of lists of jobs."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit.checks.base import run_checks
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from tests.kit.checks.histories import (
    GMI,
    JOB,
    KLING,
    MODEL,
    START,
    TASK,
    THUMBNAIL,
    contract,
    exchange,
    kling,
    look,
    read,
    record,
    submit,
    task,
)


@pytest.mark.parametrize(
    ("shown", "found"),
    [(0, ["lists.appears"]), (99, ["lists.appears"]), (100, []), (101, ["lists.page"])],
)
def test_a_job_may_be_missing_from_a_full_page_alone(shown: int, found: list[str]) -> None:
    history = History(contract("gmicloud"))
    others = [
        record("queued", request_id=f"5678{number:04}-0000-0000-0000-000000000001") for number in range(shown)
    ]
    answer = {"requests": others, "total": shown}
    calls = [history.read(sent) for sent in (submit(), exchange("GET", f"{GMI}/requests", 1, answer))]

    said = {finding.check for finding in run_checks(history, calls)}

    assert sorted(check for check in said if check.startswith("lists.")) == found


@pytest.mark.parametrize(("later", "found"), [(0.0, []), (0.5, ["lists.order"])])
def test_of_jobs_of_the_same_moment_either_may_come_first(later: float, found: list[str]) -> None:
    history = History(contract("gmicloud", "vendor"))
    names = [f"5678000{number}-0000-0000-0000-000000000001" for number in (1, 2)]
    records = [record("queued", request_id=name) for name in names]
    sent = [
        exchange("POST", f"{GMI}/requests", at, shown, {"model": MODEL, "payload": {}}, number=number, took=0)
        for number, (at, shown) in enumerate(zip((0.0, later), records, strict=True), start=1)
    ]
    listed = exchange("GET", f"{GMI}/requests", 1, {"requests": records, "total": 2}, number=3)
    calls = [history.read(each) for each in (*sent, listed)]

    said = {finding.check for finding in run_checks(history, calls)}

    assert sorted(check for check in said if check.startswith("lists.")) == found


OTHER = JOB.replace("1234", "5678")
THIRD = JOB.replace("1234", "9999")


def _listed(
    *records: dict[str, Any], at: float = 5, query: str = "", total: Any = None, **more: Any
) -> Exchange:
    """GMI Cloud is asked for the list of jobs."""
    answer = {"requests": list(records), "total": len(records) if total is None else total}
    return exchange("GET", f"{GMI}/requests{query}", at, answer, **more)


def _page(*ids: str, at: float = 5, query: str = "", **more: Any) -> Exchange:
    """Kling is asked for a page of tasks."""
    answer = {
        "code": 0, "message": "SUCCEED", "request_id": "r",
        "data": [task("submitted", task_id=name) for name in ids],
    }  # fmt: skip
    return exchange("GET", f"{KLING}{query}", at, answer, **more)


def _said(
    *exchanges: Exchange, provider: str = "gmicloud", profile: str = "documented"
) -> list[tuple[str, str]]:
    """What the checks of lists find: the check, and what the answer has."""
    history = History(contract(provider, profile))
    calls = [history.read(one) for one in exchanges]
    told = [(one.check.removeprefix("lists."), one.actual) for one in run_checks(history, calls)
            if one.check.startswith("lists.")]  # fmt: skip
    return sorted(told)


OF_M = exchange("POST", f"{GMI}/requests", 0, record("queued"), {"model": "m"})
MOVED_LINK = {"video_url": "https://files.example/b.mp4", "thumbnail_image_url": THUMBNAIL}


@pytest.mark.parametrize(
    ("before", "shown", "found"),
    [
        (read("processing", 1), record("processing"), []),
        (read("processing", 1), record("success"), []),
        (read("processing", 1), record("queued"), ["queued"]),
        (read("success", 1), record("success", outcome=MOVED_LINK), ['"https://files.example/b.mp4"']),
        (read("failed", 1), record("failed", outcome={"error": "why"}), ['"why"']),
        (read("processing", 1), record("failed", outcome={"error": "why"}), []),
        (read("queued", 1), record("queued", model="m"), ['"m"']),
        (read("queued", 1), record("queued", created_at=START + 1), [f"{START + 1}"]),
        (read("queued", 1), record("queued", updated_at=START + 1), []),
        (read("queued", 1), record("queued", payload={"prompt": "b"}), ['{"prompt":"b"}']),
        (read("queued", 4.95), record("queued", model="m"), []),
        (read("queued", 4.9), record("queued", model="m"), ['"m"']),
    ],
)
def test_a_list_agrees_with_the_answers_before_it(
    before: Exchange, shown: dict[str, Any], found: list[str]
) -> None:
    assert _said(before, _listed(shown)) == [("agrees", actual) for actual in found]


def test_a_list_is_held_to_the_latest_answer_that_it_contradicts_and_to_no_other_list() -> None:
    told = [submit(), read("queued", 1, model="m"), read("queued", 2)]
    assert _said(*told, _listed(record("queued"))) == [("agrees", f'"{MODEL}"')]
    assert _said(_listed(record("queued", model="m"), at=1), _listed(record("queued"))) == []


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        (_listed(), True),
        (_listed(record("queued", request_id=OTHER)), True),
        (_listed(query=f"?model_id={MODEL}"), True),
        (_listed(query="?model_id=another"), False),
        (_listed(query="?state=queued"), False),
        (_listed(query=f"?model_id={MODEL}&state=queued"), False),
        (_listed(caller="b"), False),
        (_listed(caller=""), False),
        (_listed(at=0.05), False),
        (_listed(at=0.1), True),
        (_listed(status=500), False),
        (_listed(record("queued")), False),
    ],
)
def test_a_job_appears_in_the_lists_that_are_about_it(listed: Exchange, found: bool) -> None:
    assert [check for check, _ in _said(submit(), listed)] == ["appears"] * found


def test_how_many_others_a_list_shows_is_told() -> None:
    told = _said(submit(), _listed(record("queued", request_id=OTHER), record("queued", request_id=THIRD)))
    assert told == [("appears", f"job {JOB} is not among 2")]


@pytest.mark.parametrize(
    ("query", "ids", "found"),
    [
        ("", (), True),
        ("?pageNum=1", (), True),
        ("?pageNum=2", (), False),
        ("?pageSize=1", ("850000000000000002",), False),
        ("?pageSize=2", ("850000000000000002",), True),
        ("?pageNum=x", (), True),
    ],
)
def test_a_job_appears_on_the_first_page_unless_that_is_full(
    query: str, ids: tuple[str, ...], found: bool
) -> None:
    said = _said(kling(), _page(*ids, query=query), provider="kkiai")
    assert ("appears", f"job {TASK} is not among {len(ids)}") in said if found else said == []


@pytest.mark.parametrize(
    ("shown", "before", "found"),
    [
        (record("queued", model="m"), [], [("filter", "m")]),
        (record("queued"), [], []),
        (record("queued", model=None), [], []),
        (record("queued", model=None), [OF_M], [("filter", "m")]),
    ],
)  # fmt: skip
def test_a_list_of_one_model_has_no_job_of_another(
    shown: dict[str, Any], before: list[Exchange], found: list[tuple[str, str]]
) -> None:
    said = _said(*before, _listed(shown, query=f"?model_id={MODEL}"))
    assert [one for one in said if one[0] == "filter"] == found


ONE, TWO, THREE, FOUR = (f"85000000000000000{number}" for number in (1, 2, 3, 4))
TWICE = f"{TWO} as on the page behind 0 jobs"


@pytest.mark.parametrize(
    ("second", "between", "found"),
    [
        (_page(TWO, THREE, query="?pageNum=2&pageSize=2"), (), [TWICE]),
        (_page(TWO, ONE, query="?pageNum=2&pageSize=2"), (), [f"{ONE}, {TWO} as on the page behind 0 jobs"]),
        (_page(THREE, FOUR, query="?pageNum=2&pageSize=2"), (), []),
        (_page(TWO, ONE, query="?pageNum=1&pageSize=2"), (), []),
        (_page(TWO, query="?pageNum=2&pageSize=3"), (), []),
        (_page(TWO, query="?pageNum=2&pageSize=2", caller="b"), (), []),
        (_page(TWO, query="?pageNum=2&pageSize=2"), (kling(3),), []),
        (_page(TWO, query="?pageNum=2&pageSize=2"), (look("submitted", 3),), [TWICE]),
    ],
)  # fmt: skip
def test_no_job_stands_on_two_pages_unless_something_was_submitted_in_between(
    second: Exchange, between: tuple[Exchange, ...], found: list[str]
) -> None:
    first = _page(ONE, TWO, at=1, query="?pageNum=1&pageSize=2")
    said = _said(first, *between, second, provider="kkiai")
    assert [actual for check, actual in said if check == "page"] == found


def test_a_page_is_compared_with_the_page_before_it_and_with_no_earlier_one() -> None:
    pages = [
        _page(ONE, at=1, query="?pageNum=1&pageSize=1"),
        _page(TWO, at=2, query="?pageNum=2&pageSize=1"),
        _page(ONE, at=3, query="?pageNum=3&pageSize=1"),
    ]
    assert _said(*pages, provider="kkiai") == []


def test_a_page_has_as_many_jobs_as_were_asked_for() -> None:
    asked = "?pageNum=1&pageSize=2"
    assert _said(_page(ONE, TWO, query=asked), provider="kkiai") == []
    assert _said(_page(ONE, TWO, THREE, query=asked), provider="kkiai") == [("page", "3 jobs")]


def test_no_job_stands_twice_in_a_list() -> None:
    again = record("queued")
    said = _said(_listed(again, again, record("queued", request_id=OTHER)))
    assert said == [("once", f"job {JOB} 2 times")]


@pytest.mark.parametrize(
    ("total", "shown", "found"),
    [
        (2, 2, []), (1, 2, ["1"]), (3, 2, ["3"]), (0, 0, []), (1, 0, ["1"]),
        (100, 100, []), (150, 100, []), (99, 100, ["99"]), ("2", 1, []), (None, 3, []),
    ],
)  # fmt: skip
def test_a_total_is_exact_where_all_are_shown_and_else_no_less(
    total: Any, shown: int, found: list[str]
) -> None:
    records = [record("queued", request_id=f"5678{at:04}-0000-0000-0000-000000000001") for at in range(shown)]
    assert _said(_listed(*records, total=total)) == [("total", actual) for actual in found]


@pytest.mark.parametrize(
    ("moments", "found"),
    [((5, 4, 3), []), ((5, 5), []), ((4, 5), [f"job {OTHER} below the older {JOB}"]), ((4,), []),
     ((5, 3, 4), [f"job {THIRD} below the older {OTHER}"])],
)  # fmt: skip
def test_the_newest_comes_first_where_that_is_documented(moments: tuple[int, ...], found: list[str]) -> None:
    records = [
        record("queued", request_id=name, created_at=START + moment)
        for name, moment in zip((JOB, OTHER, THIRD), moments, strict=False)
    ]
    assert _said(_listed(*records), profile="vendor") == [("order", actual) for actual in found]
