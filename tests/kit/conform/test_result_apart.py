"""Whether a client that reads state and result apart, as fal's do, is told from one that polls on."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit.conform.evidence import Evidence, read_exchanges
from mockserver.kit.conform.judges.base import judges
from mockserver.kit.contracts import load
from tests.kit.conform.environments import FINE, JOB, TASK, entry

ONE = f"/fal-ai/kling-video/requests/{JOB}"
LINKS = dict.fromkeys(("response_url", "status_url", "cancel_url"), f"http://127.0.0.1:1{ONE}")


def status(at: float, state: str) -> dict[str, Any]:
    """A read of the state."""
    answer = {"status": state, "request_id": JOB, **LINKS, "logs": [], "metrics": {}}
    return entry(at, "read", "GET", f"{ONE}/status", answer, status=200 if state == "COMPLETED" else 202)


def result(at: float, code: int = 200) -> dict[str, Any]:
    """A read of the result, which has the link."""
    answer = {"video": {"url": f"http://127.0.0.1:1/media/fal/{JOB}/video.mp4"}}
    return entry(at, "read", "GET", ONE, answer if code == 200 else {"detail": "Broken"}, status=code)


def fetch(at: float) -> dict[str, Any]:
    """A fetch of the clip by a link that has expired."""
    return entry(at, "media", "GET", f"/media/fal/{JOB}/video.mp4", None, status=403, headers=[])


END = (status(0.1, "IN_PROGRESS"), status(0.2, "COMPLETED"))


@pytest.mark.parametrize(
    ("name", "after", "wrong"),
    [
        ("quiet-after-end", [result(0.21)], 0),
        ("quiet-after-end", [result(0.21, 502), result(0.3)], 0),
        ("quiet-after-end", [status(0.3, "COMPLETED"), result(0.31)], 1),
        ("quiet-after-end", [result(0.21), fetch(0.3), status(0.4, "COMPLETED"), result(0.41)], 0),
        (
            "quiet-after-end",
            [result(0.21), fetch(0.3), status(0.4, "COMPLETED"), status(0.5, "COMPLETED")],
            1,
        ),
        ("polls-spaced", [result(0.21)], 0),
        ("polls-spaced", [status(0.21, "COMPLETED")], 1),
    ],
)
def test_a_result_that_is_read_apart_is_no_further_poll(
    name: str, after: list[dict[str, Any]], wrong: int
) -> None:
    contract = load("fal")
    noted: list[Any] = [{**one, "number": number} for number, one in enumerate((*END, *after), 1)]
    jobs: Any = ({"id": JOB, "phase": "succeeded", "reason": None},)
    shown = Evidence(TASK, contract, read_exchanges(contract, noted), runs=(FINE,), jobs=jobs)
    assert len(judges()[name].judge(shown, {})) == wrong
