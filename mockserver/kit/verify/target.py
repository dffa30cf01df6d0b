"""A server under test: it sends every request of a run, within the budget, and judges every answer."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from mockserver.contract.carriage import carriage
from mockserver.contract.demanded import demanded
from mockserver.contract.model import Contract, Operation
from mockserver.contract.pointer import ABSENT
from mockserver.control_client import ControlClient, ControlError
from mockserver.errors import KitError
from mockserver.kit.checks.base import conclude, examine
from mockserver.kit.findings.account import Account
from mockserver.kit.findings.finding import Finding
from mockserver.kit.strategies.submit_requests import SubmitRequest
from mockserver.kit.traffic.body_limits import LONG, MAX_FILE, MAX_JSON, BodyBudget, weight
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.curl import KEY_VARIABLE, OTHER_KEY_VARIABLE, ShellKeys
from mockserver.kit.traffic.exchange import NOT_FOLLOWED, Exchange, digest
from mockserver.kit.traffic.history import History
from mockserver.kit.verify import accounting, link_check
from mockserver.kit.verify.address import clock_owner
from mockserver.kit.verify.budget import Budget
from mockserver.kit.verify.distinct_findings import DistinctFindings
from mockserver.kit.verify.link_policy import LinkPolicy
from mockserver.kit.verify.object_places import places_of
from mockserver.kit.verify.rate_limit_waits import RateLimitWaits
from mockserver.kit.verify.submit_outcome import outcome_of
from mockserver.kit.verify.transport import Transport, json_content, sent_headers, sent_url
from mockserver.terms import MAKERS

LONGEST_ANSWER: Final = 90.0
LONGEST_FILE: Final = 300.0
"""Seconds in all for one answer, and for one file."""
SUBMIT_GRACE: Final = 20.0
"""Seconds that a submit gets at least, also when the run's time is over: its answer names what is paid."""
_TRIES: Final = 3
_OWN_KEY: Final = object()
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that never submit."""
_SIGHTING: Final = 2000
"""Bytes that a history takes to remember what one answer says of one job."""
_MIN_KEY_LENGTH: Final = 8
"""Characters; a shorter key could be any word of an answer, and is not redacted."""


@dataclass(slots=True)
class ServerUnderTest:
    """The endpoint at `url`, judged by `contract` and called with `key`; `other_key` is another account's.

    `prefix` is the one of the contract's path prefixes that all paths begin with. `control` is the control
    plane of a server of ours, which can move its clock. `on_call` gets each call and its findings. What
    could not be judged is counted in `not_judged`, by the reason; `account` has every call. `key_variables`
    name the variables of the shell that hold both keys.
    """

    contract: Contract
    url: str
    key: str
    budget: Budget
    prefix: str = ""
    other_key: str | None = None
    control: ControlClient | None = None
    on_call: Callable[[Call, list[Finding]], None] = lambda call, findings: None
    history: History = field(init=False)
    findings: DistinctFindings = field(default_factory=DistinctFindings)
    not_judged: Counter[str] = field(default_factory=Counter)
    key_variables: tuple[str, str] = (KEY_VARIABLE, OTHER_KEY_VARIABLE)
    account: Account = field(default_factory=Account)
    _bodies: BodyBudget = field(default_factory=BodyBudget)
    _earlier_calls: list[Call] = field(default_factory=list)
    _transport: Transport = field(init=False)
    _file_transport: Transport = field(init=False)
    _waits: RateLimitWaits = field(default_factory=RateLimitWaits)

    def __post_init__(self) -> None:
        self.history = self._new_history()
        self._transport = Transport(LONGEST_ANSWER, max_bytes=MAX_JSON)
        self._file_transport = Transport(LONGEST_FILE, max_bytes=MAX_FILE, links=LinkPolicy(self.url))

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()
        self._file_transport.close()

    def start_history(self, key: str) -> None:
        """Conclude the history, and start an empty one with another key."""
        self.conclude()
        self.key = key
        self._earlier_calls += self.history.calls
        self.history = self._new_history()

    def _new_history(self) -> History:
        history = History(self.contract, self.url)
        history.not_judged, history.unlisted = self.not_judged, self.findings.unlisted
        variables = zip((self.other_key, self.key), reversed(self.key_variables), strict=True)
        history.keys = ShellKeys(self.contract, {key: name for key, name in variables if key})
        return history

    def full_history(self) -> History:
        """Every call so far as one history, whatever its key."""
        history = self._new_history()
        for call in (*self._earlier_calls, *self.history.calls):
            history.add(call)
        return history

    def path(self, operation: Operation, path: Mapping[str, str] | None = None) -> str:
        """The path of an operation below the prefix, with its parameters filled in."""
        text = operation.path
        for name, value in (path or {}).items():
            text = text.replace(f"{{{name}}}", quote(value, safe="/" if name in operation.spans else ""))
        return self.prefix + text

    def call(
        self,
        operation: Operation,
        *,
        at: str | None = None,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Any = ABSENT,
        key: Any = _OWN_KEY,
        headers: Mapping[str, str] | None = None,
    ) -> Call:
        """Call an operation. `body` is a JSON value, or bytes to send as they are; `key` None sends no key.

        `at` is the whole path, else it is made of the operation's with the values of `path` in their places.
        Raises BudgetExceeded.
        """
        if key is _OWN_KEY:
            key = self.key
        if at is None:
            at = self.path(operation, {**demanded(self.contract, operation, "path"), **(path or {})})
        carried = carriage(operation, key)
        target = carried.url(at + (f"?{urlencode(query)}" if query else ""))
        content, of_content = json_content(body)
        sent_headers = {**of_content, **carried.headers, **(headers or {})}
        caller = digest(key) if operation.credential else ""  # Who sends no key is nobody in particular.
        return self.send(operation.method, target, sent_headers, content, caller=caller)

    def submit(self, request: SubmitRequest) -> Call:
        """Send a submit as it was made, below the run's prefix. Raises BudgetExceeded."""
        operation = self.contract.operations[request.operation]
        at = self.prefix + request.path.removeprefix(request.prefix)
        return self.call(operation, at=at, query=request.query, body=request.body, headers=request.headers)

    def call_about(self, operation: Operation, object_id: str, **more: Any) -> Call:
        """Call an operation about one job or model, whose id is `object_id`. Raises BudgetExceeded."""
        return self.call(operation, **{**places_of(self.history, operation, object_id), **more})

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
            self.control.call(method, path, body, clock_owner(self.contract, self.key))
        except ControlError as error:
            raise KitError(f"the control plane could not move the server's clock: {error}") from None

    def send(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes, *, caller: str | None
    ) -> Call:
        """Send any request below the endpoint, judge its answer, add it to the history.

        Raises BudgetExceeded.
        """
        self.findings.begin_step()
        url = self.url.rstrip("/") + "/" + target.removeprefix("/")
        call = self._send(method, url, headers, content, caller)
        # A 429 with Retry-After is obeyed, or a slow endpoint would be judged by its rate limit alone. Each
        # try is judged and counted, and a submit is written to the ledger anew.
        for _ in range(_TRIES - 1):
            wait = self._waits.after(call.exchange)
            if wait is None:
                break
            self.budget.wait(wait)
            call = self._send(method, url, headers, content, caller)
        accounting.enter_outcome(self.account, call)
        return call

    def fetch(self, link: str) -> Call:
        """Fetch a file by its link, without the key, unless it leads into our own network.

        Raises BudgetExceeded.
        """
        self.budget.take_request()
        exchange = self._exchange(self._file_transport, "GET", link, {}, b"", "")
        call = self.history.read(exchange)
        if exchange.error.startswith(NOT_FOLLOWED):
            self.not_judged[f"the file behind a link: {exchange.error}"] += 1
            self.findings.add(examine(call, self.history, [link_check.public]))
        accounting.enter_outcome(self.account, call)
        return self._judge(call)

    def add_callback(self, exchange: Exchange) -> Call:
        """Judge a callback that came, and add it to the history."""
        numbered = exchange._replace(number=self.budget.requests)
        return self._judge(self.history.read(numbered))

    def conclude(self) -> list[Finding]:
        """Judge the history as a whole; the findings."""
        findings = conclude(self.history)
        self.findings.add(findings)
        return findings

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes, caller: str | None
    ) -> Call:
        operation = self.history.reader.operation(method.upper(), url)
        submits = self._may_submit(method, operation)
        self.budget.take_request()
        number = self.budget.take_job() if submits else None
        grace = SUBMIT_GRACE if submits else 0.0
        sends_file = operation is not None and operation.role == "content"
        transport = self._file_transport if sends_file else self._transport
        exchange = self._exchange(transport, method, url, headers, content, caller, grace)
        call = self.history.read(exchange)
        if number is not None:
            outcome, job = outcome_of(call)
            self.budget.ledger.settle(number, outcome, job)
        return self._judge(call)

    def _may_submit(self, method: str, operation: Operation | None) -> bool:
        """Whether a request may be taken for a submit: the contract says so, or has no such operation, but a
        server that matches paths or methods more loosely may still take it for one."""
        if operation is None:
            return method.upper() not in _SAFE_METHODS
        return operation.role in MAKERS

    def _judge(self, call: Call) -> Call:
        findings = examine(call, self.history)
        accounting.enter(self.account, call, self.history)
        self.history.add(self._for_history(call))
        self.findings.add(findings)
        for sighting in call.sightings:
            if sighting.job_id and sighting.ended:
                self.budget.ledger.end(sighting.job_id)
        self.on_call(call, findings)
        return call

    def _for_history(self, call: Call) -> Call:
        """The call as the history keeps it: without its bodies where those of the run are too many, or where
        a long one was refused, as that says nothing of a job.
        """
        if len(call.exchange.request_body) > LONG and not call.succeeded and not call.sightings:
            return call.without_bodies("a refusal of a long body")
        if self._bodies.take(weight(call.exchange) + _SIGHTING * len(call.sightings)):
            return call
        if call.operation is not None:
            reason = f"what answers say beside those of later calls: {self._bodies.reason}"
            self.not_judged[reason] += 1
        return call.without_bodies(self._bodies.reason)

    def _exchange(
        self,
        transport: Transport,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes,
        caller: str | None,
        grace: float = 0.0,
    ) -> Exchange:
        at, begun = time.time(), time.perf_counter()
        seconds = max(self.budget.time_left, grace)
        keys = [key for key in (self.key, self.other_key) if key and len(key) >= _MIN_KEY_LENGTH]
        response = transport.send(method, url, headers, content, seconds).without(keys)
        took = time.perf_counter() - begun
        if transport is self._transport:
            self.budget.note_wait(took, answered=response.status > 0)
        return Exchange(
            number=self.budget.requests,
            at=at,
            took=took,
            method=method,
            url=url if transport is self._file_transport else sent_url(url),
            request_headers=sent_headers(headers),
            request_body=content,
            status=response.status,
            response_headers=response.headers,
            response_body=response.body,
            caller=caller,
            error=response.error,
            cut=response.left_out is not None,
            left_out=response.left_out,
        )
