"""Real traffic of our own server, recorded by its journal, and ways to falsify it."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final
from urllib.parse import quote

from mockserver.contract.pointer import follow, parts
from mockserver.control_client import ControlClient
from mockserver.kit.contracts import load
from mockserver.kit.findings.finding import Finding
from mockserver.kit.findings.run import Run
from mockserver.kit.trace.judge import check_trace
from mockserver.kit.trace.open import parse
from mockserver.kit.traffic.exchange import Exchange
from tests.engine.test_lifecycle import STATE_AT, SUBMITS
from tests.serving import KEY, Running

PROVIDERS: Final = ("gmicloud", "aimlapi", "kkiai")
TOKEN: Final = "the-token"
FILES_AT: Final = {
    "gmicloud": "/outcome/video_url",
    "aimlapi": "/video/url",
    "kkiai": "/data/task_result/videos/0/url",
}
LISTS: Final = {
    "gmicloud": "/api/v1/ie/requestqueue/apikey/requests",
    "kkiai": "/kling/v1/videos/image2video",
}
Har = dict[str, Any]


def use(running: Running, provider: str, key: str = KEY) -> str:
    """Submit, poll to the end, list, fetch the clip, ask with no key and for nothing; the job's id."""
    path, body, at, read = SUBMITS[provider]
    with running.client(key) as client, running.client(None) as nobody:
        job = str(follow(client.post(path, json=body).raise_for_status().json(), parts(at)))
        link = read.replace("{id}", quote(job, safe=""))
        for _ in range(5):
            answer = client.get(link).raise_for_status().json()
            running.clock.advance(2.5)
        if provider in LISTS:
            client.get(LISTS[provider]).raise_for_status()
        client.get(str(follow(answer, parts(FILES_AT[provider])))).raise_for_status()
        client.post(path, json={})
        nobody.get(link)
    return job


def archive(running: Running) -> Har:
    """What the journal holds, as an HTTP archive."""
    with ControlClient(running.url, TOKEN) as control:
        har: Har = control.call("GET", "/journal.har")
    return har


def page(running: Running) -> Har:
    """What the journal holds, as its own JSON."""
    with ControlClient(running.url, TOKEN) as control:
        document: Har = control.call("GET", "/journal", query={"limit": 1000})
    return document


def exchanges(har: Har) -> list[Exchange]:
    """An archive, read."""
    return parse(json.dumps(har).encode(), "test.har")


def judged(har: Har, provider: str, profile: str = "documented") -> Run:
    """An archive, judged."""
    return check_trace(exchanges(har), load(provider, profile=profile), target="test.har")[0]


def findings(har: Har, provider: str) -> tuple[Finding, ...]:
    """What is found in an archive."""
    return judged(har, provider).findings


def change(har: Har, what: Callable[[Any], Any], *, where: Callable[[Har], bool]) -> Har:
    """A copy in which `what` has been done to the answers' JSON bodies of the entries `where` is true."""
    copy = deepcopy(har)
    for entry in copy["log"]["entries"]:
        content = entry["response"]["content"]
        if where(entry) and content.get("text", "").startswith("{"):
            content["text"] = json.dumps(what(json.loads(content["text"])))
            content["size"] = len(content["text"].encode())
    return copy


def put(at: str, value: Any) -> Callable[[Any], Any]:
    """Puts a value at a pointer, where its object is there."""

    def edit(body: Any) -> Any:
        *path, name = parts(at)
        around = follow(body, tuple(path))
        if isinstance(around, dict):
            around[name] = value(around.get(name)) if callable(value) else value
        return body

    return edit


def drop(at: str) -> Callable[[Any], Any]:
    """Takes out what stands at a pointer."""

    def edit(body: Any) -> Any:
        *path, name = parts(at)
        around = follow(body, tuple(path))
        if isinstance(around, dict):
            around.pop(name, None)
        return body

    return edit


def is_read(provider: str) -> Callable[[Har], bool]:
    """Whether an entry is a poll that was answered."""
    beginning = SUBMITS[provider][3].partition("{id}")[0]

    def where(entry: Har) -> bool:
        request = entry["request"]
        return (
            request["method"] == "GET"
            and beginning in request["url"]
            and 200 <= entry["response"]["status"] < 300
        )

    return where


def state_at(provider: str) -> str:
    """Where a poll's answer has the state."""
    return STATE_AT[provider]
