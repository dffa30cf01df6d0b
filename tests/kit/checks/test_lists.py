"""What the checks say of lists of jobs."""

from __future__ import annotations

import pytest

from mockserver.kit.checks.base import run_checks
from mockserver.kit.traffic.history import History
from tests.kit.checks.histories import GMI, MODEL, contract, exchange, record, submit


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
