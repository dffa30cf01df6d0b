"""What is taken and changes nothing is told to whoever sent it."""

from __future__ import annotations

from copy import deepcopy

import httpx
import pytest

from mockserver.contract.loader import compile_contract
from mockserver.contract.source import builtin_root, read_source
from mockserver.errors import ContractError
from mockserver.media.picture import measure
from mockserver.settings import Settings
from tests.serving import running_app

BODY = {
    "model_name": "kling-v2-master",
    "image": "https://example.com/a.png",
    "mode": "pro",
    "duration": "5",
    "cfg_scale": 0.5,
}
WARNING = "cfg_scale has no effect with a kling-v2.x model"


@pytest.mark.parametrize("profile", ["vendor", "observed"])
def test_a_request_with_it_is_taken_with_a_warning_and_others_without(profile: str) -> None:
    with running_app(Settings(profile=profile)) as server, server.client() as client:
        url = f"{server.url}/v1/videos/image2video"
        answers: list[httpx.Response] = [
            client.post(url, json=body) for body in (BODY, {**BODY, "model_name": "kling-v3", "prompt": "a"})
        ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.headers.get("mockserver-warning") for answer in answers] == [WARNING, None]


def test_a_list_of_another_form_is_refused_at_its_place() -> None:
    files = deepcopy(read_source(builtin_root() / "kkiai"))
    files.files["schemas/image2video.json"]["x-without-effect"] = [{"if": {}, "say": "nothing"}]

    with pytest.raises(ContractError) as raised:
        compile_contract(files, measure=measure)

    assert raised.value.file == "schemas/image2video.json"
    assert raised.value.pointer.startswith("/x-without-effect/0")
