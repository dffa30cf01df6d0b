"""A server under test: every request of a run leaves by here, within the budget, and is judged here."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import httpx
import orjson

from mockserver.contract.lifecycle import ENDED
from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import ABSENT
from mockserver.control_client import ControlClient
from mockserver.kit.call import Call
from mockserver.kit.checks.base import conclude, examine
from mockserver.kit.exchange import Exchange, digest
from mockserver.kit.finding import Finding
from mockserver.kit.history import History
from mockserver.kit.verify.budget import Budget
from mockserver.kit.verify.ledger import Outcome

TIMEOUT: Final = 60.0
MOST_BYTES: Final = 256 * 1024 * 1024
LONGEST_WAIT: Final = 120.0
_TRIES: Final = 3
_OWN: Final = object()


@dataclass(slots=True)
class Target:
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
    _client: httpx.Client = field(init=False)
    _files: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.history = History(self.contract, self.url)
        shared: dict[str, Any] = {
            "timeout": TIMEOUT,
            "trust_env": False,
            "verify": _trusted(),
        }
        self._client = httpx.Client(**shared)
        self._files = httpx.Client(**shared, follow_redirects=True)

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
        if self.control is not None:
            self.control.call(method, path, body, {"key": self.key})

    def send(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes, *, caller: str | None
    ) -> Call:
        """Send any request below the endpoint, judge its answer, add it to the history. Raises Spent."""
        url = self._join(target)
        for attempt in range(_TRIES):
            call = self._send(method, url, headers, content, caller)
            wait = _retry_after(call.exchange)
            if call.exchange.status != 429 or wait is None or wait > LONGEST_WAIT or attempt == _TRIES - 1:
                return call
            self.budget.sleep(wait)
        return call

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
        # The operation is asked of the reader, so that whatever reaches a submit is counted as one.
        draft = Exchange(0, 0, 0, method, url, tuple(headers.items()), content, 0, (), b"")
        submits = self.history.read(draft).role == "submit"
        self.budget.request()
        number = self.budget.job() if submits else None
        call = self.history.read(self._exchange(self._client, method, url, headers, content, caller))
        if number is not None:
            outcome, job = _outcome(call)
            self.budget.ledger.settle(number, outcome, job)
        return self._judge(call.exchange)

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
        client: httpx.Client,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes,
        caller: str | None,
    ) -> Exchange:
        at, begun = time.time(), time.perf_counter()
        status, body, error, cut = 0, b"", "", False
        told: tuple[tuple[str, str], ...] = ()
        try:
            with client.stream(method, url, headers=dict(headers), content=content or None) as answer:
                status, told = answer.status_code, tuple(answer.headers.items())
                body, cut = _bounded(answer)
        except httpx.HTTPError as failure:
            error = f"{type(failure).__name__}: {failure}"
        return Exchange(
            number=self.budget.requests,
            at=at,
            took=time.perf_counter() - begun,
            method=method,
            url=url,
            request_headers=tuple(headers.items()),
            request_body=content,
            status=status if not error else 0,
            response_headers=told,
            response_body=body,
            caller=caller,
            error=error,
            cut=cut,
        )

    def credential(self, operation: Operation, key: str | None) -> dict[str, str]:
        """The header that carries a key to an operation."""
        if operation.credential is None or key is None:
            return {}
        name = operation.credential.header.decode()
        scheme = operation.credential.scheme
        return {name: f"{scheme.capitalize()} {key}" if scheme else key}

    def _join(self, target: str) -> str:
        return self.url.rstrip("/") + target if "//" not in target else target


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities to trust: read once, because that takes longer than a whole run of a near endpoint."""
    return httpx.create_ssl_context()


def _content(body: Any) -> tuple[bytes, dict[str, str]]:
    if body is ABSENT:
        return b"", {}
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return content, {"content-type": "application/json"}


def _bounded(answer: httpx.Response) -> tuple[bytes, bool]:
    parts, size = [], 0
    for part in answer.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            return b"".join(parts)[:MOST_BYTES], True
    return b"".join(parts), False


def _outcome(call: Call) -> tuple[Outcome, str | None]:
    """What became of a submit. Only a client error is sure not to be paid for; whatever else names no job
    may have been."""
    job = next((one.job for one in call.sightings if one.job), None)
    if job is not None:
        return "accepted", job
    status = call.exchange.status
    return ("refused" if status in range(400, 500) and status not in (408, 409) else "unknown"), None


def _retry_after(exchange: Exchange) -> float | None:
    said = exchange.told("retry-after")
    if said is None:
        return None
    if said.strip().isdigit():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine by name."""
    host = (urlsplit(url).hostname or "").lower()
    return host in ("localhost", "::1") or host.startswith("127.") or host.endswith(".localhost")


def split_base(url: str, contract: Contract) -> tuple[str, str]:
    """A base URL as a client has it, or a server's bare address: what stands before the prefix, and that."""
    bare = url.rstrip("/")
    for prefix in sorted(contract.prefixes, key=len, reverse=True):
        if prefix and bare.endswith(prefix):
            return bare.removesuffix(prefix), prefix
    return bare, contract.prefixes[0]
