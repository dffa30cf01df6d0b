"""Answers seen live, or shown on a vendor's page, keep the contract in profiles vendor and observed."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mockserver.app import Library
from mockserver.settings import Settings

LIBRARY = Library(Settings(store="memory:"))
TASK: Final = {"task_id": "812345678901234567", "created_at": 1774500000000, "updated_at": 1774500060000}
RECORD: Final = {
    "request_id": "7d6f1c52-4f0e-4a53-9f5d-1b4b7a1f8a10",
    "model": "Kling-Image2Video-V2-Master",
    "org_id": "o",
    "payload": {"prompt": "a kite", "image": "https://example.com/a.png"},
    "is_public": False,
    "created_at": 1774500000,
    "updated_at": 1774500060,
    "queued_at": 1774500000,
}
LIVE: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "K12 a task that is processing has an empty task_result": (
        "kkiai",
        "readImage2Video",
        {**TASK, "task_status": "processing", "task_status_msg": "", "task_result": {}, "task_info": {}},
    ),
    "K12 a failed task has one as well, and its reason": (
        "kkiai",
        "readImage2Video",
        {**TASK, "task_status": "failed", "task_status_msg": "risk control", "task_result": {}},
    ),
    "K13 a submit without external id has no task_info": (
        "kkiai",
        "submitImage2Video",
        {**TASK, "task_status": "submitted"},
    ),
    "G1 a dispatched record has media_urls": (
        "gmicloud",
        "readRequest",
        {
            **RECORD,
            "status": "dispatched",
            "outcome": {"media_urls": [{"id": "0", "url": "https://example.com/v.mp4"}]},
        },
    ),
}


@pytest.mark.parametrize("profile", ["vendor", "observed"])
@pytest.mark.parametrize("name", LIVE)
def test_it_keeps_the_contract(name: str, profile: str) -> None:
    provider, operation, body = LIVE[name]
    if provider == "kkiai":
        message = "SUCCEED"
        body = {"code": 0, "message": message, "request_id": "CjikY2gHPbcAAAAABx7x1w", "data": body}
    schema = LIBRARY.contract(provider, profile).operations[operation].answers["default"].schema
    assert schema is not None
    assert [violation.text() for violation in schema.explain(body)] == []
