"""null in a body over HTTP: what is taken, what is refused in which words, and which profiles are named."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mockserver.in_process import Running, serve

BODY: dict[str, Any] = {
    "model_name": "kling-v1-6", "image": "https://example.com/first.png", "image_tail": None, "mode": "std",
    "duration": "5",
}  # fmt: skip


def submit(server: Running, **change: Any) -> httpx.Response:
    url = f"{server.base('kkiai')}/v1/videos/image2video"
    return httpx.post(url, json=BODY | change, headers={"Authorization": "Bearer k"}, trust_env=False)


@pytest.mark.parametrize("profile", ["vendor", "observed"])
def test_an_optional_field_that_is_null_is_not_sent(profile: str) -> None:
    with serve(profile=profile) as server:
        assert submit(server).status_code == 200


def test_the_pages_take_none_and_the_profiles_that_do_are_named() -> None:
    with serve() as server:
        answer = submit(server)
    assert answer.status_code == 400
    assert "Profile vendor or observed takes it" in answer.json()["message"]


def test_a_required_picture_that_is_null_is_refused_in_the_words_that_were_seen() -> None:
    with serve(profile="observed") as server:
        answer = submit(server, image=None)
    assert answer.status_code == 400
    assert "image can not be null" in answer.json()["message"]


def test_a_profile_that_refuses_null_is_not_named_to_take_it() -> None:
    with serve(profile="observed") as server:
        answer = submit(server, mode="pro", duration="7")
    assert answer.status_code == 400
    assert "documented" not in answer.json()["message"]
