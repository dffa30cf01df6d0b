"""The answer about another caller's job: where none can be made, the server's words are told, cut."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from mockserver.errors import KitError
from mockserver.kit.conform.running import another_job
from mockserver.kit.conform.running.another_job import PLACEHOLDER, answer_about_another, with_answer
from mockserver.kit.contracts import load


@pytest.mark.parametrize("size", [0, 1, 199, 200, 201, 5000])
def test_what_a_server_says_that_makes_no_job_is_told_up_to_200_characters(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse = httpx.MockTransport(lambda request: httpx.Response(400, text="x" * size))
    server: Any = SimpleNamespace(url="http://mock", control="http://mock", token="")
    monkeypatch.setattr(httpx, "Client", partial(httpx.Client, transport=refuse))
    no_jobs = nullcontext(SimpleNamespace(jobs=list))
    monkeypatch.setattr(another_job, "ControlClient", lambda *_, **__: no_jobs)
    contract = load("gmicloud")

    with pytest.raises(KitError) as refused:
        answer_about_another(server, contract, next(iter(contract.models)))

    before, _, text = str(refused.value).partition(" 400 ")
    assert before == "no job of another caller could be made: HTTP"
    assert text == "x" * min(size, 200)


def test_the_answer_comes_where_the_placeholder_stands_alone() -> None:
    settings = {"body": PLACEHOLDER, "status": 200, "other": f"no {PLACEHOLDER}"}

    assert with_answer(settings, "{}") == {**settings, "body": "{}"}
