"""The control plane's answers, as its client hands them on: plain dictionaries with these keys.

A test holds each of them equal to the server's own model. Moments are Unix milliseconds.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict


class HealthAnswer(TypedDict):
    """The server's state: `now` is everybody's clock, `dropped` exchanges fell out of the journal.

    `unreadable` is how many records of the store were skipped.
    """

    status: str
    version: str
    now: int
    providers: list[str]
    exchanges: int
    dropped: int
    unreadable: int


class ClockAnswer(TypedDict):
    """What a clock shows, and how many milliseconds it is `ahead` of the wall clock.

    `tenant` None is everybody's clock; `own` says that the tenant has a clock of its own.
    """

    tenant: str | None
    own: bool
    mode: Literal["real", "scaled", "frozen"]
    rate: float
    now: int
    at: str
    ahead: int


class ClockEventAnswer(TypedDict):
    """What a clock jumped to: a job entered `state`, or, where `job` is None, a callback is due."""

    at: int
    tenant: str
    provider: str | None
    job: str | None
    state: str | None


class JumpAnswer(TypedDict):
    """By how many seconds the clock moved, and to what; `event` None: nothing is due, it did not move."""

    seconds: float
    event: ClockEventAnswer | None
    clock: ClockAnswer


class JobAnswer(TypedDict):
    """A job and the state it is in since `since`."""

    provider: str
    id: str
    tenant: str
    alias: str | None
    model: str
    state: str
    phase: Literal["waiting", "running", "succeeded", "failed", "cancelled"]
    since: int
    reason: str | None
    created_at: int
    faults: list[str]


class JobDetailAnswer(JobAnswer):
    """A job with the request that submitted it, its plan and its facts."""

    operation: str
    request: dict[str, Any]
    plan: dict[str, Any]
    facts: list[dict[str, Any]]


class TimelineAnswer(TypedDict):
    """One event of a job's life. `what` is state, pace, fault or callback; `cause` says why."""

    at: int
    what: str
    cause: str
    state: str | None
    phase: str | None
    reason: str | None


class NextEventAnswer(TypedDict):
    """What happens next, as a sentence; where known, the state and its moment or the polls until then."""

    said: str
    state: str | None
    at: int | None
    polls: int | None


class PlannedAnswer(TypedDict):
    """A state that the job enters by itself, and when."""

    at: int
    state: str
    phase: Literal["waiting", "running", "succeeded", "failed", "cancelled"]


class ExplanationAnswer(TypedDict):
    """Why a job is in its state, and what is `planned` after it; `text` has the same as lines."""

    job: JobAnswer
    now: int
    timeline: list[TimelineAnswer]
    next: NextEventAnswer
    planned: list[PlannedAnswer]
    text: list[str]


class RuleAnswer(TypedDict):
    """Which requests (`when`) meet which `fault`, and how often; `times` None is without end."""

    id: str
    fault: str
    when: dict[str, Any]
    settings: dict[str, Any]
    times: int | None


class FaultAnswer(TypedDict):
    """A fault: where it acts, what it does, and the JSON Schema of its settings."""

    name: str
    seam: Literal["plan", "wire", "media", "callback"]
    about: str
    settings: dict[str, Any]


class PredicateAnswer(TypedDict):
    """A predicate of a rule's `when`."""

    name: str
    about: str


class CatalogueAnswer(TypedDict):
    """All that a rule can be made of."""

    faults: list[FaultAnswer]
    predicates: list[PredicateAnswer]


class LimitsAnswer(TypedDict):
    """Requests in a window of seconds, unfinished jobs at a time, credits in all; None is no limit."""

    requests: int | None
    window: float
    parallel: int | None
    credits: float | None


class QuotaAnswer(TypedDict):
    """The quota in force for a tenant, or (`tenant` None) for everybody."""

    tenant: str | None
    quota: LimitsAnswer | None


class UsageAnswer(TypedDict):
    """What a tenant had of a provider: calls by role, jobs by state, their cost in the price table's unit."""

    tenant: str
    provider: str
    calls: dict[str, int]
    jobs: dict[str, int]
    cost: float
    unit: str | None


class TenantAnswer(TypedDict):
    """A tenant (the hash of its key), its jobs by provider, and its clock."""

    tenant: str
    jobs: dict[str, int]
    now: int


class UnreadableAnswer(TypedDict):
    """A document, or a job (kind `job`, name PROVIDER/ID), that the server skipped, and why.

    `tenant` "" is everybody.
    """

    kind: str
    tenant: str
    name: str
    reason: str


class MessageAnswer(TypedDict):
    """A request or response: headers as pairs, and the body as `text`, or `base64` where it is no text.

    `size` is the body's in bytes, -1 where it is not known; `cut` says that not all of it is here.
    """

    headers: list[list[str]]
    size: int
    cut: bool
    text: str | None
    base64: str | None


class JournalEntryAnswer(TypedDict):
    """An exchange in the journal; `took` is in milliseconds. None: the server knows no such thing of it.

    `delivery` is what a fault did to the answer on its way, None where the client got it as it is;
    `shown_status` is the status as a text, or `lost` or `reset` where no answer arrived.
    """

    number: int
    at: int
    took: int
    provider: str | None
    operation: str | None
    role: str | None
    tenant: str | None
    job: str | None
    model: str | None
    method: str
    path: str
    query: str
    status: int
    shown_status: str
    request: MessageAnswer
    response: MessageAnswer
    violations: list[str]
    warnings: list[str]
    faults: list[str]
    state: str | None
    refusal: str | None
    delivery: str | None
    meaning: str


class JournalPageAnswer(TypedDict):
    """Exchanges, oldest first. `ok`: as many match as were asked for; `found`: how many match in all.

    `last` is the newest number of the whole journal, `dropped` how many exchanges fell out of it.
    """

    ok: bool
    found: int
    last: int
    dropped: int
    exchanges: list[JournalEntryAnswer]


class VerdictAnswer(TypedDict):
    """Whether a claim holds, a sentence about it, and the exchanges that it is about, without bodies."""

    ok: bool
    count: int
    said: str
    dropped: int
    exchanges: list[JournalEntryAnswer]


class DeliveryAnswer(TypedDict):
    """One try of a callback.

    `number` is the state's place after the first; `status` None: nothing came back; `settled`: no further
    try follows; `replays` is the try that this one repeats.
    """

    id: str
    tenant: str
    provider: str
    job: str
    number: int
    state: str
    attempt: int
    due: int
    at: int
    url: str
    status: int | None
    error: str | None
    settled: bool
    signature: str | None
    faults: list[str]
    replays: str | None
    body: Any
