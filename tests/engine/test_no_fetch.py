"""A picture's URL is never fetched: not when it is submitted, nor when the clip is made."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.serving import Running

BODIES: dict[str, tuple[str, dict[str, Any], str]] = {
    "gmicloud": (
        "/api/v1/apikey/requests",
        {"model": "Kling-Image2Video-V2-Master", "payload": {"image": "URL", "prompt": "a kite"}},
        "request_id",
    ),
    "aimlapi": (
        "/v2/generate/video/kling/generation",
        {
            "model": "kling-video/v1.6/pro/image-to-video",
            "image_url": "URL",
            "tail_image_url": "URL",
            "prompt": "a kite",
        },
        "id",
    ),
    "kkiai": (
        "/kling/v1/videos/image2video",
        {
            "model_name": "kling-v1",
            "mode": "std",
            "duration": "5",
            "image": "URL",
            "image_tail": "URL",
            "static_mask": "URL",
            "prompt": "a kite",
        },
        "task_id",
    ),
}


@pytest.mark.parametrize("provider", BODIES)
def test_no_picture_is_fetched(provider: str, running: Callable[..., Running]) -> None:
    path, body, name = BODIES[provider]
    server = running()
    with socket.create_server(("127.0.0.1", 0)) as listener, server.client() as client:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/picture.png"
        answer = client.post(path, json=filled(body, url))
        assert answer.is_success, answer.text
        assert "mockserver-warning" not in answer.headers
        job_id = answer.json().get(name) or answer.json()["data"][name]
        server.clock.advance(100)
        for file in ("video.mp4", "thumbnail.jpg"):
            got = client.get(f"/media/{provider}/{job_id}/{file}")
            assert (got.status_code, len(got.content) > 1000) == (200, True)
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def filled(body: Any, url: str) -> Any:
    """The body with the listener's URL for each picture."""
    if isinstance(body, dict):
        return {key: filled(value, url) for key, value in body.items()}
    return url if body == "URL" else body
