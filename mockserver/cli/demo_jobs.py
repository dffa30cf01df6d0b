"""The demo's jobs: what each provider is sent, and where its responses hold id, state and clip.

Five are for the documented models; any other provider gets one, which its contract tells.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import quote

from mockserver.contract import registry
from mockserver.contract.carriage import carriage
from mockserver.contract.demanded import demanded, example_values
from mockserver.contract.first_submit import example_body
from mockserver.contract.loader import compile_contract
from mockserver.contract.model import Contract
from mockserver.contract.source import builtin_root
from mockserver.media.picture import measure
from mockserver.media.sample import sample_picture

KEY = "demo-key"
PROMPT = "A paper boat drifts down a rainy street, camera low and slow"


@dataclass(frozen=True, slots=True)
class DemoJob:
    """One job, its `request` in words, and how to read id, state and clip out of the provider's responses.

    `result_path` is for the answer that shows the clip's link, where another than the state's does.
    `content_path` is for the clip itself, where it is behind the key and no link leads to it; `guarded` says
    that the link asks for the key.
    """

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
    headers: Mapping[str, str] = field(default_factory=lambda: {"Authorization": f"Bearer {KEY}"})
    result_path: Callable[[str], str] | None = None
    content_path: Callable[[str], str] | None = None
    guarded: bool = False


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


def jobs_of(provider: str) -> list[DemoJob]:
    """The provider's jobs: those above, below its prefix if it has one, else the one that its contract tells.

    Raises SettingsError or ContractError where there is no such provider, or where its contract is broken.
    """
    placement = registry.place(provider)
    name, prefix = provider.partition("@")[0], placement.prefix
    if placement.folder.parent == builtin_root() and any(job.provider == name for job in JOBS):
        return [_moved(job, provider, prefix) for job in JOBS if job.provider == name]
    return [_learned(compile_contract(placement.read(), measure=measure))]


def _moved(job: DemoJob, provider: str, prefix: str) -> DemoJob:
    return replace(
        job,
        provider=provider,
        path=prefix + job.path,
        read_path=lambda job_id: prefix + job.read_path(job_id),
    )


def _learned(contract: Contract) -> DemoJob:
    """The first example of the contract, and what a client learns of its answers."""
    from mockserver.kit.learned_api import learn
    from mockserver.kit.learned_client import end_of
    from mockserver.kit.reference_client import _text as text_at

    api, base = learn(dict(contract.document)), contract.prefixes[0]
    submit = next(operation for operation in contract.operations.values() if operation.role == "submit")
    body = example_body(contract, submit)
    values = example_values(contract, submit)
    in_path = "/".join(values[name] for _, name in submit.model_places if name in values)
    named = text_at(body, (api.places.get("model", ""),)) or in_path or submit.default_model or ""
    ends = [state for state in contract.states.values() if not state.next]
    success = next(state.word for state in ends if state.phase == "succeeded")
    failure = next((state.word for state in ends if state.phase == "failed"), success)
    ended = {"done": success, "failed": failure}
    carried = carriage(submit, KEY)

    def located(path: str) -> Callable[[str], str]:
        return lambda job_id: carried.url(base + _filled(path, values, job_id, whole=api.named))

    def read_state(answer: Any) -> str:
        if api.states:
            return text_at(answer, api.states)
        return ended.get(end_of(api, "", answer), "")

    return DemoJob(
        provider=contract.provider,
        model=named,
        path=carried.url(base + _filled(api.submit, values)),
        body=body,
        request="the first example of its contract",
        read_path=located(api.read),
        read_id=lambda answer: text_at(answer, api.ids),
        read_state=read_state,
        read_video=lambda answer: text_at(answer, api.links, "http"),
        success=success,
        ended=frozenset(state.word for state in ends),
        headers={**demanded(contract, submit, "header"), **carried.headers},
        result_path=located(api.result) if api.result else None,
        content_path=located(api.content) if api.content else None,
        guarded=api.guarded,
    )


def _filled(path: str, values: Mapping[str, str], job_id: str = "", *, whole: bool = False) -> str:
    """The path with a value at each of its places; a job's id that is a path itself is put in whole."""
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", quote(value))
    return path.replace("{}", quote(job_id, safe="/" if whole else ""))
