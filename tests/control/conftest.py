"""A server whose control plane is steered by a client, and jobs to steer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from mockserver.contract.pointer import follow
from mockserver.control_client import ControlClient
from mockserver.settings import Settings
from tests.engine.test_lifecycle import STATE_AT, SUBMITS
from tests.serving import KEY, Running, running_app

TOKEN = "the-token"


@dataclass(slots=True)
class Bench:
    """A running server, its control plane, and jobs submitted over its socket."""

    running: Running
    mock: ControlClient
    open_client: Callable[..., ControlClient]

    def submit(self, provider: str = "gmicloud", *, key: str = KEY, prompt: str = "a kite") -> str:
        """The id of a new job."""
        path, body, at, _ = SUBMITS[provider]
        with self.running.client(key) as client:
            answer = client.post(path, json=_with(body, prompt)).raise_for_status().json()
        return str(_follow(answer, at))

    def state(self, job: str, provider: str = "gmicloud", *, key: str = KEY) -> str:
        """The word that the provider's own read gives."""
        path = SUBMITS[provider][3].replace("{id}", quote(job, safe=""))
        with self.running.client(key) as client:
            return str(_follow(client.get(path).raise_for_status().json(), STATE_AT[provider]))


def _with(body: Any, prompt: str) -> Any:
    if isinstance(body, dict):
        return {name: _with(value, prompt) for name, value in body.items()}
    return prompt if body == "a kite" else body


def _follow(body: Any, pointer: str) -> Any:
    return follow(body, tuple(pointer.split("/")[1:]))


@pytest.fixture
def start() -> Iterator[Callable[..., Bench]]:
    """`start(pace=...)` serves those Settings with the token TOKEN on a clock that stands still."""
    with ExitStack() as stack:

        def begin(**settings: Any) -> Bench:
            running = stack.enter_context(running_app(Settings(**{"token": TOKEN, **settings})))

            def open_client(**who: Any) -> ControlClient:
                return stack.enter_context(ControlClient(running.url, TOKEN, **who))

            return Bench(running, open_client(), open_client)

        yield begin


@pytest.fixture
def bench(start: Callable[..., Bench]) -> Bench:
    """A server with the settings as they are."""
    return start()
