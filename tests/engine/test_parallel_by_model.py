"""A limit of jobs at a time holds for each model by itself where the contract says so, else for all."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mockserver.in_process import Running, serve

KLING = "/v1/videos/text2video"
GMI = "/requests"


def submit(server: Running, provider: str, path: str, body: dict[str, Any]) -> httpx.Response:
    headers = {"Authorization": "Bearer ann"}
    return httpx.post(f"{server.base(provider)}{path}", json=body, headers=headers, trust_env=False)


def test_kling_counts_by_account_and_model_and_refuses_in_its_own_words() -> None:
    with serve(profile="vendor") as server, server.control("ann") as control:
        control.set_quota(parallel=1)
        image = {"model_name": "kling-v1-5", "prompt": "a"}
        images = [submit(server, "kkiai", "/v1/images/generations", image).status_code for _ in range(2)]
        bodies = [{"prompt": "a", "model_name": model} for model in ("kling-v1", "kling-v1-6")]
        first = [submit(server, "kkiai", KLING, body).status_code for body in (*bodies, {"prompt": "a"})]
        refused = submit(server, "kkiai", KLING, bodies[1])
        journal = control.call("GET", "/journal", query={"limit": 1})
        control.advance(60)
        again = submit(server, "kkiai", KLING, bodies[1])

    assert images == [200, 429]
    assert first == [200, 200, 429]
    assert refused.status_code == 429
    assert refused.json()["code"] == 1303
    assert refused.json()["message"] == "parallel task over resource pack limit"
    assert "data" not in refused.json()
    assert "1 job is running, 1 allowed at a time" in str(journal)
    assert again.status_code == 200


@pytest.mark.parametrize(("models", "status"), [(("A", "B"), 429), (("A", "A"), 429)])
def test_others_count_all_jobs(models: tuple[str, str], status: int) -> None:
    named = {"A": "Kling-Text2Video-V1.6-Standard", "B": "Kling-Image2Video-V2-Master"}
    with serve() as server, server.control("ann") as control:
        control.set_quota(parallel=1)
        payload = {"image": "https://example.com/a.png", "prompt": "a"}
        answers = [
            submit(server, "gmicloud", GMI, {"model": named[name], "payload": payload}) for name in models
        ]

    assert [answer.status_code for answer in answers] == [200, status]
