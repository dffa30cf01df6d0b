"""How the stage with a whole job begins: with a submit, or with what an uncertain answer left behind."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.kit.verify.stages import job as stage
from mockserver.kit.verify.stages.job import JobStage


@pytest.mark.parametrize(
    ("made", "uncertain", "job", "lacks"),
    [
        ("job-1", 0, "job-1", []),
        ("job-1", 1, "job-1", []),
        (None, 1, "job-2", []),
        (None, 0, None, ["no submit made a job; 503"]),
    ],
)
def test_a_job_whose_submit_had_no_answer_is_looked_for(
    made: str | None, uncertain: int, job: str | None, lacks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "job_in", lambda _: made)
    monkeypatch.setattr(stage, "_recover", lambda _: "job-2")
    monkeypatch.setattr(stage, "answer_of", lambda _: "503")
    reasons: list[str] = []
    budget = SimpleNamespace(ledger=SimpleNamespace(uncertain=uncertain))
    target = SimpleNamespace(budget=budget, submit=lambda _: None)
    context: Any = SimpleNamespace(target=target, lacks=reasons.append)
    request: Any = None

    assert JobStage()._submit(context, request) == job
    assert reasons == lacks
