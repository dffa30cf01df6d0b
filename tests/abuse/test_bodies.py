"""Bodies that are costly to read, to judge, to explain or to echo: nobody else notices."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from tests.abuse.tour import MIB, Tour, submit
from tests.engine.test_lifecycle import SUBMITS

LARGE = 9_000_000


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def repeated(text: str) -> str:
    return text * (LARGE // len(text))


BODIES: dict[str, Callable[[], Any]] = {
    "empty lists": lambda: {"x": [[]] * (LARGE // 3)},
    "numbers": lambda: {"x": [1] * (LARGE // 2)},
    "as many objects as may be": lambda: {"payload": [{}] * 1600, "x": [{"a": 1}] * 800},
    "as many mistakes as may be": lambda: {
        "payload": {"dynamic_masks": [{"mask": "x", "trajectories": [1] * 4900}]},
        "dynamic_masks": [{"mask": "x", "trajectories": [1] * 4900}],
    },
    "as many keys as may be": lambda: {f"key-{number}": number for number in range(4900)},
    "deep": lambda: {"x": nested(200)},
    "a long key": lambda: {repeated("k"): 1},
    "long texts": lambda: {name: repeated("a") for name in ("prompt", "model", "model_name", "x")},
    "texts of two bytes": lambda: {"x": repeated("é")},
    "many texts": lambda: {"x": ["a" * 60_000] * 150},
    "a long link": lambda: {"image": f"http://{repeated('a')} ", "image_url": f"http://a/{repeated('%20')} "},
    "no picture": lambda: {"image": repeated("AAAA"), "payload": {"image": repeated("AAAA")}},
    "a long alias": lambda: {"external_task_id": repeated("a"), "prompt": "a kite"},
    "a long duration": lambda: {"duration": int("9" * 15), "payload": {"duration": "9" * 1000}},
    "markers": lambda: {"prompt": repeated("[mock:nothing-of-this-name] ")[:2400]},
    "unfinished markers": lambda: {"prompt": repeated("[mock:fail ")},
}


def merged(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    payload = more.get("payload")
    if isinstance(payload, dict) and "payload" in base:
        more = {**more, "payload": {**base["payload"], **payload}}
    return {**base, **more}


def post(client: httpx.Client, path: str, content: bytes) -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    return client.post(path, content=content, headers=headers, timeout=60)


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_costly_to_judge(name: str, shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour()
    bodies = [(path, orjson.dumps(merged(base, BODIES[name]()))) for path, base, *_ in SUBMITS.values()]
    with visit.client() as client, visit.attack(memory=250 * MIB, log=0):
        answers = [post(client, path, content) for path, content in bodies]
    assert all(answer.status_code < 500 for answer in answers), [answer.text[:300] for answer in answers]
    assert all(len(answer.content) < 1 * MIB or answer.status_code < 300 for answer in answers)


def test_random_bodies(shared_tour: Callable[..., Tour]) -> None:
    chance = random.Random(7)
    visit = shared_tour("--strict")
    bodies = []
    for _ in range(12):
        path, body, *_ = chance.choice([*SUBMITS.values()])
        for name in chance.sample([*BODIES], 2):
            body = merged(body, BODIES[name]())
        bodies.append((path, orjson.dumps(body)[: 60 * MIB]))
    with visit.client() as client, visit.attack(memory=500 * MIB, log=0):
        answers = [post(client, path, content) for path, content in bodies]
    assert all(answer.status_code < 500 for answer in answers), [answer.text[:300] for answer in answers]


@pytest.mark.parametrize("setting", ["prompt=/(a+)+$/", "prompt=/(a|aa)+$/ times=1"])
def test_an_expression_in_a_marker_is_not_tried(setting: str, shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour()
    with visit.client() as client:
        submit(client, "[mock:fail] the first marker loads what reads them")
        with visit.attack(log=0):
            submit(client, f"[mock:fail {setting}] {'a' * 60}!")


def test_a_key_of_many_markers(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour()
    key = "sk-1" + "--mock:nothing-of-this-name" * 1500
    with visit.client() as known, visit.client(key) as client:
        submit(known, "[mock:fail] the first marker loads what reads them")
        with visit.attack(log=0):
            submit(client, "a kite")


def test_a_path_that_is_not_known(shared_tour: Callable[..., Tour]) -> None:
    visit = shared_tour()
    paths = ["/a" * 15_000, "/v2/generate/video" * 1700, f"/kling/{'v1/videos-' * 3000}"]
    with visit.client() as client, visit.attack(log=0):
        answers = [client.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert all(len(answer.content) < 2000 for answer in answers)
