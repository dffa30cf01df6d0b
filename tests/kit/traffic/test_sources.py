"""Submits that go on from a finished clip: what must be accepted of them, how long, and how one is drawn."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit.checks.base import run_checks
from mockserver.kit.traffic import requested_clip
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from mockserver.kit.verify.finished_source import unfinished_source, with_source
from tests.kit.checks.histories import KLING, TASK, contract, exchange, kling, look

EXTEND = KLING.replace("image2video", "video-extend")
LONGER = "850000000000000002"
PARENT = {"id": TASK, "url": "https://files.example/a.mp4", "duration": "5"}


def _answer(task_id: str, state: str, seconds: str = "") -> dict[str, Any]:
    task: dict[str, Any] = {"task_id": task_id, "task_status": state, "created_at": 1, "updated_at": 1}
    if seconds:
        video = {"id": task_id, "url": "https://files.example/b.mp4", "duration": seconds}
        task |= {"task_info": {"parent_video": PARENT}, "task_result": {"videos": [video]}}
    return {"code": 0, "message": "SUCCEED", "request_id": "r", "data": task}


def _extend(at: float, video: str, **more: Any) -> Exchange:
    return exchange("POST", EXTEND, at, _answer(LONGER, "submitted"), {"video_id": video}, **more)


def _refused(at: float, video: str, **more: Any) -> Exchange:
    answer = {"code": 1201, "message": "no", "request_id": "r"}
    return exchange("POST", EXTEND, at, answer, {"video_id": video}, status=400, **more)


def _found(*exchanges: Exchange) -> list[str]:
    history = History(contract("kkiai", "vendor"))
    wanted = ("status.accepts", "media.told-duration")
    calls = map(history.read, exchanges)
    return [finding.check for finding in run_checks(history, calls) if finding.check in wanted]


def test_a_finished_clip_of_the_caller_must_go_on() -> None:
    assert _found(kling(), look("succeed", 1), _refused(2, TASK)) == ["status.accepts"]


@pytest.mark.parametrize(
    "earlier",
    [(), (kling(),), (kling(), look("processing", 1)), (kling(), look("failed", 1))],
    ids=["unknown", "new", "running", "failed"],
)
def test_what_has_not_succeeded_need_not_go_on(earlier: tuple[Exchange, ...]) -> None:
    assert _found(*earlier, _refused(2, TASK)) == []


def test_the_clip_of_another_caller_need_not_go_on() -> None:
    assert _found(kling(), look("succeed", 1), _refused(2, TASK, caller="b")) == []


@pytest.mark.parametrize(("seconds", "found"), [("10", []), ("5", ["media.told-duration"])])
def test_a_clip_that_goes_on_is_longer_by_what_is_added(seconds: str, found: list[str]) -> None:
    read = exchange("GET", f"{EXTEND}/{LONGER}", 3, _answer(LONGER, "succeed", seconds))
    assert _found(kling(), look("succeed", 1), _extend(2, TASK), read) == found


def test_the_length_of_a_clip_that_goes_on_from_itself_is_not_known() -> None:
    history = History(contract("kkiai", "vendor"))
    read = exchange("GET", f"{EXTEND}/{LONGER}", 3, _answer(LONGER, "succeed", "10"))
    history.extend([_extend(2, LONGER), read])
    submit = history.jobs[LONGER].submit
    assert submit is not None
    assert requested_clip.seconds(submit, history) is None
    assert requested_clip.seconds(submit) is None


def test_a_drawn_body_gets_the_id_of_a_job_that_can_go_on() -> None:
    history = History(contract("kkiai", "vendor"))
    operation, body = history.contract.operations["submitVideoExtend"], {"video_id": "drawn", "prompt": "a"}
    assert with_source(operation, body, history) == body
    assert unfinished_source(history.contract, operation.id, history) is None

    history.extend([kling()])
    assert with_source(operation, body, history) == body
    assert unfinished_source(history.contract, operation.id, history) == TASK

    history.extend([look("succeed", 1)])
    assert with_source(operation, body, history) == {"video_id": TASK, "prompt": "a"}
    assert unfinished_source(history.contract, operation.id, history) is None
    other = history.contract.operations["submitImage2Video"]
    assert with_source(other, body, history) == body
