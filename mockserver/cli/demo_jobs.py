"""The demo's five jobs: what each provider is sent, and where its responses hold id, state and clip."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from mockserver.media.sample import sample_picture

PROMPT = "A paper boat drifts down a rainy street, camera low and slow"


@dataclass(frozen=True, slots=True)
class DemoJob:
    """One job, its `request` in words, and how to read id, state and clip out of the provider's responses."""

    provider: str
    model: str
    path: str
    body: Mapping[str, Any]
    request: str
    read_path: Callable[[str], str]
    read_id: Callable[[Any], str]
    read_state: Callable[[Any], str]
    read_video: Callable[[Any], str]
    success: str
    ended: frozenset[str]


@cache
def _picture() -> str:
    return base64.b64encode(sample_picture(1280, 720)).decode()


def _gmi(model: str, prefix: str, request: str, **payload: Any) -> DemoJob:
    path = f"{prefix}/requests"
    return DemoJob(
        provider="gmicloud",
        model=model,
        path=path,
        body={"model": model, "payload": {"prompt": PROMPT, **payload}},
        request=request,
        read_path=lambda job_id: f"{path}/{job_id}",
        read_id=lambda body: str(body["request_id"]),
        read_state=lambda body: str(body["status"]),
        read_video=lambda body: str(body["outcome"]["video_url"]),
        success="success",
        ended=frozenset({"success", "failed", "cancelled"}),
    )


def _aimlapi() -> DemoJob:
    model, path = "kling-video/v1.6/pro/image-to-video", "/v2/generate/video/kling/generation"
    return DemoJob(
        provider="aimlapi",
        model=model,
        path=path,
        body={
            "model": model,
            "prompt": PROMPT,
            "image_url": f"data:image/png;base64,{_picture()}",
            "duration": 5,
        },
        request="5 s from a 1280x720 picture",
        read_path=lambda job_id: f"{path}?generation_id={quote(job_id, safe='')}",
        read_id=lambda body: str(body["id"]),
        read_state=lambda body: str(body["status"]),
        read_video=lambda body: str(body["video"]["url"]),
        success="completed",
        ended=frozenset({"completed", "error"}),
    )


def _kkiai() -> DemoJob:
    path = "/kling/v1/videos/image2video"
    body = {
        "model_name": "kling-v2-6",
        "mode": "pro",
        "duration": "5",
        "image": _picture(),
        "prompt": PROMPT,
        "sound": "on",
    }
    return DemoJob(
        provider="kkiai",
        model="kling-v2-6",
        path=path,
        body=body,
        request="5 s, pro, with sound, from a 1280x720 picture",
        read_path=lambda job_id: f"{path}/{job_id}",
        read_id=lambda body: str(body["data"]["task_id"]),
        read_state=lambda body: str(body["data"]["task_status"]),
        read_video=lambda body: str(body["data"]["task_result"]["videos"][0]["url"]),
        success="succeed",
        ended=frozenset({"succeed", "failed"}),
    )


_PICTURED = "from a 1280x720 picture"
JOBS = (
    _gmi(
        "Kling-Image2Video-V1.6-Pro", "/api/v1/apikey", f"10 s {_PICTURED}", image=_picture(), duration="10"
    ),
    _gmi(
        "Kling-Image2Video-V2-Master",
        "/api/v1/ie/requestqueue/apikey",
        f"5 s {_PICTURED}",
        image=_picture(),
    ),
    _gmi("Kling-Text2Video-V1.6-Standard", "/api/v1/apikey", "5 s, 9:16, from text", aspect_ratio="9:16"),
    _aimlapi(),
    _kkiai(),
)
