"""A fixed walk through a miniature by HTTP, recorded as exchanges and judged."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx

from mockserver.kit.checks.base import run_checks
from mockserver.kit.checks.job_ids import unassigned_id
from mockserver.kit.findings.finding import Finding
from mockserver.kit.traffic.exchange import Exchange
from mockserver.kit.traffic.history import History
from mockserver.terms import Headers
from tests.kit.miniatures.base import KEYS, SPENT, GoodServer
from tests.kit.miniatures.wire import Door, Reply, Request
from tests.serving import PATIENCE

_LINK: Final = re.compile(r'"(http://127\.0\.0\.1:\d+/media/[^"]+)"')
A, B = KEYS[0], KEYS[1]
CALLERS: Final = {A: "a", B: "b", SPENT: "spent"}


class Recorder:
    """Asks a miniature, writes down what came of it, and lets a millisecond pass for each."""

    def __init__(self, mini: GoodServer, http: httpx.Client) -> None:
        self.mini = mini
        self.exchanges: list[Exchange] = []
        self._http = http

    def ask(
        self, method: str, path: str, *, key: str | None = A, scheme: str = "Bearer", **content: Any
    ) -> httpx.Response | None:
        """One request below the provider's base, or to a whole URL; None where no answer came."""
        url = path if path.startswith("http") else f"{self.mini.url}{self.mini.base}{path}"
        headers = {} if key is None else {"Authorization": f"{scheme} {key}"}
        request = self._http.build_request(
            method, url, headers={**headers, **content.pop("headers", {})}, **content
        )
        caller = "" if key is None else CALLERS.get(key, "other")
        try:
            answer = self._http.send(request)
        except httpx.HTTPError as error:
            self.note(request, None, caller, str(error))
            return None
        self.note(request, answer, caller)
        return answer

    def note(
        self, request: httpx.Request, answer: httpx.Response | None, caller: str, error: str = ""
    ) -> None:
        """Write one exchange down."""
        self._keep(
            request.method, str(request.url), tuple(request.headers.items()), request.read(),
            answer.status_code if answer else 0,
            tuple(answer.headers.items()) if answer else (), answer.content if answer else b"",
            caller=caller, error=error,
        )  # fmt: skip

    def heard(self, request: Request) -> Reply:
        """Take a callback: the receiver's answer."""
        headers = tuple(request.headers.items())
        self._keep(request.method, self.mini.receiver, headers, request.body, 200, (), b"", callback=True)
        return Reply(200, b"")

    def _keep(
        self, method: str, url: str, asked: Headers, sent: bytes, status: int, told: Headers, got: bytes,
        *, caller: str | None = None, error: str = "", callback: bool = False,
    ) -> None:  # fmt: skip
        at = self.mini.now / 1000
        self.exchanges.append(
            Exchange(
                len(self.exchanges) + 1, at, 0.0005, method, url, asked, sent, status, told, got,
                caller=caller, error=error, callback=callback,
            )
        )  # fmt: skip
        if not callback:
            self.mini.now += 1


def run(miniature: type[GoodServer]) -> list[Finding]:
    """Walk through a miniature and judge what was seen, by its own contract."""
    exchanges = recorded(miniature)
    history = History(miniature().contract)
    history.callbacks_complete = True
    return run_checks(history, [history.read(exchange) for exchange in exchanges])


def recorded(miniature: type[GoodServer]) -> tuple[Exchange, ...]:
    """All exchanges of a walk through a miniature, in their order."""
    with walking(miniature) as recorder:
        mini = recorder.mini
        jobs = _submit(recorder)
        _cancel(recorder, jobs[1:3])
        for pause in (0, 3000, 3000, 3000):
            mini.advance(pause)
            _look(recorder, jobs)
        _cancel(recorder, jobs[:2])
        _narrow(recorder)
        _fetch(recorder)
        _err(recorder)
        _unlock(recorder, jobs)
        _second(recorder, jobs)
        _look(recorder, jobs)
        return tuple(recorder.exchanges)


@contextmanager
def walking(miniature: type[GoodServer]) -> Iterator[Recorder]:
    """A miniature that runs, a receiver for its callbacks, and who asks it."""
    with miniature() as mini, httpx.Client(trust_env=False, verify=False, timeout=PATIENCE) as http:
        recorder = Recorder(mini, http)
        receiver = Door(recorder.heard)
        mini.receiver = f"{receiver.url}/told"
        try:
            yield recorder
        finally:
            receiver.close()


def _submit(recorder: Recorder) -> list[str]:
    """Every good submit; the ids of the jobs as the server knows them."""
    mini = recorder.mini
    for body in mini.submits():
        recorder.ask("POST", mini.submit_path, json=body)
        mini.advance(0)
    return mini.made()


def _cancel(recorder: Recorder, jobs: list[str]) -> None:
    """Cancel jobs, where the contract lets one."""
    mini = recorder.mini
    for operation in mini.contract.operations.values():
        for job in jobs if operation.role == "cancel" else ():
            recorder.ask(operation.method, mini.read_path(job))


def _look(recorder: Recorder, jobs: list[str]) -> None:
    """Read every job, list them, and read one again."""
    mini = recorder.mini
    for job in jobs:
        recorder.ask("GET", mini.read_path(job))
    if mini.list_path:
        recorder.ask("GET", mini.list_path)
    for job in jobs[:1]:
        recorder.ask("GET", mini.read_path(job))


def _narrow(recorder: Recorder) -> None:
    """List with each filter and by pages, where the contract has them."""
    mini = recorder.mini
    for operation in mini.contract.operations.values():
        if operation.role != "list" or mini.list_path is None:
            continue
        for name in operation.filters:
            for model in [*list(mini.contract.models)[:2], "no-such-model"]:
                recorder.ask("GET", mini.list_path, params={name: model})
        if operation.page.number and operation.page.size:
            for number in (1, 2, 3):
                query = {operation.page.number: number, operation.page.size: 2}
                recorder.ask("GET", mini.list_path, params=query)


def _fetch(recorder: Recorder) -> None:
    """Fetch every file that an answer names, head first, and a part of it."""
    seen = b"\n".join(exchange.response_body for exchange in recorder.exchanges)
    links = dict.fromkeys(_LINK.findall(seen.decode("utf-8", "replace")))
    for link in links:
        recorder.ask("HEAD", link, key=None)
        recorder.ask("GET", link, key=None)
        recorder.ask("GET", link, key=None, headers={"Range": "bytes=10-29"})


def _err(recorder: Recorder) -> None:
    """Requests that are wrong in themselves."""
    mini = recorder.mini
    good = json.dumps(mini.submits()[-1]).encode()
    for body in mini.refused():
        recorder.ask("POST", mini.submit_path, json=body)
    kind = {"Content-Type": "application/json"}
    recorder.ask("POST", mini.submit_path, content=b'{"model": ', headers=kind)
    recorder.ask("POST", mini.submit_path, content=good, headers={"Content-Type": "text/plain"})
    recorder.ask("DELETE", mini.submit_path)
    recorder.ask("GET", mini.read_path(unassigned_id(mini.contract)))
    recorder.ask("POST", mini.submit_path, key=SPENT, json=mini.submits()[0])
    if mini.models_path:
        recorder.ask("GET", mini.models_path)
        for model in (next(iter(mini.contract.models)), "no-such-model"):
            recorder.ask("GET", f"{mini.models_path}/{model}")


def _unlock(recorder: Recorder, jobs: list[str]) -> None:
    """No key, another scheme, a wrong key."""
    mini = recorder.mini
    paths = [mini.read_path(jobs[0]), mini.list_path, mini.models_path] if jobs else []
    for who in ({"key": None}, {"scheme": "Basic"}, {"key": "key-of-nobody"}):
        recorder.ask("POST", mini.submit_path, json=mini.submits()[0], **who)
        for path in paths:
            if path:
                recorder.ask("GET", path, **who)


def _second(recorder: Recorder, jobs: list[str]) -> None:
    """Another caller, who has one job of its own."""
    mini = recorder.mini
    body = mini.submits()[1]
    recorder.ask("POST", mini.submit_path, key=B, json=body)
    own = [job for job in mini.made() if job not in jobs][-1:]
    for job in [*jobs[:2], *own]:
        recorder.ask("GET", mini.read_path(job), key=B)
    if mini.list_path:
        recorder.ask("GET", mini.list_path, key=B)
