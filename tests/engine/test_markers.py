"""Markers in prompts and keys, through the whole server: the client needs no change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.engine.test_lifecycle import GMI
from tests.serving import Running


def _body(prompt: str) -> dict[str, Any]:
    return {"model": "Kling-Text2Video-V1.6-Standard", "payload": {"prompt": prompt}}


def test_a_marker_about_a_poll_leaves_the_submit_alone(running: Callable[..., Running]) -> None:
    with running().client() as client:
        answer = client.post(GMI, json=_body("a kite [mock:gateway-page poll=1]"))
        assert answer.status_code == 200
        job = f"{GMI}/{answer.json()['request_id']}"
        assert [client.get(job).status_code for _ in range(3)] == [502, 200, 200]


def test_a_marker_of_an_answer_meets_the_submit_once(running: Callable[..., Running]) -> None:
    with running().client() as client:
        told = [client.post(GMI, json=_body("a kite [mock:too-many]")).status_code for _ in range(2)]
    assert told == [429, 200]


def test_a_marker_in_a_key_needs_no_prompt(running: Callable[..., Running]) -> None:
    with running().client("sk-1--mock:unpaid") as client:
        assert client.post(GMI, json=_body("a kite")).status_code == 402
    server = running()
    with server.client("sk-2") as client:
        assert client.post(GMI, json=_body("a kite")).status_code == 200


def test_a_marker_that_makes_no_sense_is_a_warning(running: Callable[..., Running]) -> None:
    with running().client() as client:
        answer = client.post(GMI, json=_body("a kite [mock:no-such-fault]"))
    assert answer.status_code == 200
    assert "no-such-fault" in answer.headers["mockserver-warning"]


def test_after_a_reset_a_seeded_id_tells_of_the_new_job(running: Callable[..., Running]) -> None:
    server = running(seed=3, token="t")
    headers = {"Authorization": "Bearer t"}
    with server.client() as client:
        seen = []
        for prompt in ("the first", "the second"):
            job_id = client.post(GMI, json=_body(prompt)).json()["request_id"]
            seen.append((job_id, client.get(f"{GMI}/{job_id}").json()["payload"]["prompt"]))
            assert client.post("/__mock/tenants/reset", headers=headers).status_code == 200
    assert seen[0][0] == seen[1][0]
    assert [prompt for _, prompt in seen] == ["the first", "the second"]
