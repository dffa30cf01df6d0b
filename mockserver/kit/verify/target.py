"""A server under test: every request of a run leaves by here, within the budget, and is judged here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import ABSENT
from mockserver.control_client import ControlClient, ControlError
from mockserver.errors import KitError
from mockserver.kit.checks.base import conclude, examine
from mockserver.kit.findings.finding import Finding
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.exchange import HIDDEN, Exchange, digest, retry_after
from mockserver.kit.traffic.history import History
from mockserver.kit.verify.budget import Budget
from mockserver.kit.verify.ledger import Outcome
from mockserver.kit.verify.transport import Transport, TransportResponse
from mockserver.terms import ENDED, Headers

LONGEST_ANSWER: Final = 90.0
LONGEST_FILE: Final = 300.0
"""Seconds in all for one answer, and for one file."""
LONGEST_WAIT: Final = 120.0
"""Seconds that a server may bid to wait before the same is asked again."""
MOST_WAITING: Final = 600.0
"""Seconds of such waits in a run."""
_TRIES: Final = 3
_OWN: Final = object()
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods by which nobody submits."""
_SHORTEST: Final = 8
"""Shorter keys could be any word of an answer."""


@dataclass(slots=True)
class ServerUnderTest:
    """The endpoint at `url`, whose contract is given, asked with `key`; `other_key` is another account's.

    `prefix` is the one of the contract's path prefixes that is asked under.

    `control` is the control plane of a server of ours, by which time can be moved.
    """

    contract: Contract
    url: str
    key: str
    budget: Budget
    prefix: str = ""
    other_key: str | None = None
    control: ControlClient | None = None
    heard: Callable[[Call, list[Finding]], None] = lambda call, found: None
    history: History = field(init=False)
    findings: list[Finding] = field(default_factory=list)
    _past: list[Call] = field(default_factory=list)
    _client: Transport = field(init=False)
    _files: Transport = field(init=False)
    _waited: float = 0.0

    def __post_init__(self) -> None:
        self.history = History(self.contract, self.url)
        self._client = Transport(LONGEST_ANSWER)
        self._files = Transport(LONGEST_FILE, follow=True)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()
        self._files.close()

    def anew(self, key: str) -> None:
        """Go on as somebody who has no history yet; the old one is over."""
        self.conclude()
        self.key = key
        self._past += self.history.calls
        self.history = History(self.contract, self.url)

    def whole(self) -> History:
        """Every call so far as one history, whoever it was made as."""
        whole = History(self.contract, self.url)
        for call in (*self._past, *self.history.calls):
            whole.add(call)
        return whole

    def path(self, operation: Operation, path: Mapping[str, str] | None = None) -> str:
        """The path of an operation under the prefix, its places filled."""
        text = operation.path
        for name, value in (path or {}).items():
            text = text.replace(f"{{{name}}}", quote(value, safe=""))
        return self.prefix + text

    def ask(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Any = ABSENT,
        key: Any = _OWN,
        headers: Mapping[str, str] | None = None,
    ) -> Call:
        """Ask an operation. `body` is JSON, or bytes as they are to be sent; `key` None sends none.

        Raises Spent where the budget does not allow it.
        """
        target = self.path(operation, path) + (f"?{urlencode(query)}" if query else "")
        content, sent = _content(body)
        key = self.key if key is _OWN else key
        told = {**sent, **self.credential(operation, key), **(headers or {})}
        return self.send(operation.method, target, told, content, caller=digest(key))

    def about(self, operation: Operation, named: str, **more: Any) -> Call:
        """Ask an operation about the job or model of that name. Raises Spent."""
        assert operation.key is not None
        place, name = operation.key
        return self.ask(operation, **{place: {name: named}}, **more)

    def freeze(self) -> None:
        """Stop the key's clock, where the target has a control plane."""
        self._clock("PUT", "/clock", {"mode": "frozen"})

    def advance(self, seconds: float) -> None:
        """Move the key's clock on, where the target has a control plane."""
        self._clock("POST", "/clock/advance", {"seconds": seconds})

    def _clock(self, method: str, path: str, body: dict[str, Any]) -> None:
        if self.control is None:
            return
        try:
            self.control.call(method, path, body, {"key": self.key})
        except ControlError as error:
            raise KitError(f"the control plane, to move the server's clock: {error}") from None

    def send(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes, *, caller: str | None
    ) -> Call:
        """Send any request below the endpoint, judge its answer, add it to the history. Raises Spent."""
        url = self.url.rstrip("/") + "/" + target.removeprefix("/")
        for attempt in range(_TRIES):
            call = self._send(method, url, headers, content, caller)
            wait = retry_after(call.exchange, time.time()) if call.exchange.status == 429 else None
            if wait is None or not self._may_wait(wait) or attempt == _TRIES - 1:
                return call
            self._waited += wait
            self.budget.sleep(wait)
        return call

    def _may_wait(self, seconds: float) -> bool:
        return seconds <= LONGEST_WAIT and self._waited + seconds <= MOST_WAITING

    def fetch(self, link: str) -> Call:
        """Fetch a file by its link, without the key. Raises Spent."""
        self.budget.request()
        return self._judge(self._exchange(self._files, "GET", link, {}, b"", ""))

    def hear(self, exchange: Exchange) -> Call:
        """Judge a callback that came, add it to the history."""
        return self._judge(exchange._replace(number=self.budget.requests))

    def conclude(self) -> list[Finding]:
        """What the checks find in the whole history."""
        found = conclude(self.history)
        self.findings += found
        return found

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes, caller: str | None
    ) -> Call:
        submits = self._may_submit(method, url)
        self.budget.request()
        number = self.budget.job() if submits else None
        call = self.history.read(self._exchange(self._client, method, url, headers, content, caller))
        if number is not None:
            outcome, job = _outcome(call)
            self.budget.ledger.settle(number, outcome, job)
        return self._judge(call.exchange)

    def _may_submit(self, method: str, url: str) -> bool:
        """Whether a request could be one: by the contract, or because the contract does not know it and a
        server that reads paths or methods more kindly may take it for one."""
        call = self.history.read(Exchange(0, 0, 0, method.upper(), url, (), b"", 0, (), b""))
        return call.role == "submit" or (call.operation is None and method.upper() not in _SAFE)

    def _judge(self, exchange: Exchange) -> Call:
        call = self.history.read(exchange)
        found = examine(call, self.history)
        self.history.add(call)
        self.findings += found
        for one in call.sightings:
            if one.job and one.phase in ENDED:
                self.budget.ledger.end(one.job)
        self.heard(call, found)
        return call

    def _exchange(
        self,
        courier: Transport,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes,
        caller: str | None,
    ) -> Exchange:
        at, begun = time.time(), time.perf_counter()
        brought = self._veiled(courier.carry(method, url, headers, content))
        took = time.perf_counter() - begun
        if courier is self._client:
            self.budget.heard(took, answered=brought.status > 0)
        return Exchange(
            number=self.budget.requests,
            at=at,
            took=took,
            method=method,
            url=url,
            request_headers=tuple(headers.items()),
            request_body=content,
            status=brought.status,
            response_headers=brought.headers,
            response_body=brought.body,
            caller=caller,
            error=brought.error,
            cut=brought.cut,
        )

    def _veiled(self, brought: TransportResponse) -> TransportResponse:
        """An answer without the keys, which servers like to repeat."""
        headers, body, error = brought.headers, brought.body, brought.error
        for key in filter(None, (self.key, self.other_key)):
            if len(key) >= _SHORTEST:
                headers = _without(headers, key)
                body, error = body.replace(key.encode(), HIDDEN.encode()), error.replace(key, HIDDEN)
        return brought._replace(headers=headers, body=body, error=error)

    def credential(self, operation: Operation, key: str | None) -> dict[str, str]:
        """The header that carries a key to an operation."""
        if operation.credential is None or key is None:
            return {}
        name = operation.credential.header.decode()
        scheme = operation.credential.scheme
        return {name: f"{scheme.capitalize()} {key}" if scheme else key}


def _without(headers: Headers, key: str) -> Headers:
    return tuple((name, value.replace(key, HIDDEN)) for name, value in headers)


def _content(body: Any) -> tuple[bytes, dict[str, str]]:
    if body is ABSENT:
        return b"", {}
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return content, {"content-type": "application/json"}


def _outcome(call: Call) -> tuple[Outcome, str | None]:
    """What became of a submit. Only a client error is sure not to be paid for; whatever else names no job
    may have been."""
    job = next((one.job for one in call.sightings if one.job), None)
    if job is not None:
        return "accepted", job
    status = call.exchange.status
    return ("refused" if status in range(400, 500) and status not in (408, 409) else "unknown"), None
