"""Every call of the control plane: its request, and how its answer is read. A client sends it.

Each function takes first the tenant that it is about: `{"key": …}`, `{"tenant": …}`, or `{}` for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, Literal, NamedTuple, TypeVar
from urllib.parse import quote

from mockserver.control_client.answers import (
    CatalogueAnswer,
    ClockAnswer,
    DeliveryAnswer,
    ExplanationAnswer,
    HealthAnswer,
    JobAnswer,
    JobDetailAnswer,
    JournalPageAnswer,
    JumpAnswer,
    LimitsAnswer,
    QuotaAnswer,
    RuleAnswer,
    TenantAnswer,
    UnreadableAnswer,
    UsageAnswer,
    VerdictAnswer,
)

RESTORING = 900.0
"""Seconds that a snapshot of some gigabytes takes to be judged and written."""
Json = dict[str, Any]
Filter = str | float | bool | None
TenantQuery = Mapping[str, str]
T = TypeVar("T")


class ApiCall(NamedTuple, Generic[T]):
    """One call below /__mock: `read` makes its result from the JSON answer.

    `wait` is how many seconds the answer may take beyond the client's patience.
    """

    read: Callable[[Any], T]
    method: str
    path: str
    body: Any = None
    query: Mapping[str, Any] | None = None
    wait: float = 0.0


def health(_: TenantQuery) -> ApiCall[HealthAnswer]:
    """Version, clock, counts."""
    return ApiCall(unchanged, "GET", "/health")


def clock(who: TenantQuery) -> ApiCall[ClockAnswer]:
    """The clock."""
    return ApiCall(unchanged, "GET", "/clock", query=who)


def set_clock(
    who: TenantQuery,
    *,
    mode: Literal["real", "scaled", "frozen"] | None = None,
    rate: float | None = None,
    now: int | str | None = None,
) -> ApiCall[ClockAnswer]:
    """Change how the clock runs or where it stands: Unix milliseconds or ISO 8601."""
    given = {"mode": mode, "rate": rate, "now": now}
    body = {name: value for name, value in given.items() if value is not None}
    return ApiCall(unchanged, "PUT", "/clock", body, who)


def freeze(who: TenantQuery) -> ApiCall[ClockAnswer]:
    """Stop the clock where it stands."""
    return set_clock(who, mode="frozen")


def run(who: TenantQuery, rate: float = 1.0) -> ApiCall[ClockAnswer]:
    """Let the clock run on from where it stands, `rate` times as fast as the wall's."""
    return set_clock(who, rate=rate)


def advance(who: TenantQuery, seconds: float) -> ApiCall[ClockAnswer]:
    """Move the clock on."""
    return ApiCall(unchanged, "POST", "/clock/advance", {"seconds": seconds}, who)


def jump(who: TenantQuery, provider: str | None = None, job: str | None = None) -> ApiCall[JumpAnswer]:
    """Move the clock to what happens next, of one job or of any; `event` is null where nothing is due."""
    body = {"provider": provider, "job": job} if provider and job else None
    return ApiCall(unchanged, "POST", "/clock/jump", body, who)


def drop_clock(who: TenantQuery) -> ApiCall[ClockAnswer]:
    """Drop the clock: a tenant goes by everybody's again, everybody by the wall's."""
    return ApiCall(unchanged, "DELETE", "/clock", query=who)


def jobs(who: TenantQuery, /, **filters: str | int | None) -> ApiCall[list[JobAnswer]]:
    """Jobs, newest first; filters are provider, state, phase, model, limit and offset."""
    return ApiCall(_member("jobs"), "GET", "/jobs", query={**who, **filters})


def job(_: TenantQuery, provider: str, job: str) -> ApiCall[JobDetailAnswer]:
    """One job with its request, plan and facts."""
    return ApiCall(unchanged, "GET", _job(provider, job))


def explain(_: TenantQuery, provider: str, job: str) -> ApiCall[ExplanationAnswer]:
    """The job's timeline, why, and what is next."""
    return ApiCall(unchanged, "GET", _job(provider, job, "/explain"))


def force(
    _: TenantQuery, provider: str, job: str, state: str, reason: str | None = None
) -> ApiCall[JobAnswer]:
    """Put the job into a state."""
    return ApiCall(unchanged, "POST", _job(provider, job, "/force"), {"state": state, "reason": reason})


def fail(_: TenantQuery, provider: str, job: str, reason: str | None = None) -> ApiCall[JobAnswer]:
    """Let the job fail; the reason is a name of the contract's or a text."""
    return ApiCall(unchanged, "POST", _job(provider, job, "/fail"), {"reason": reason})


def cancel(_: TenantQuery, provider: str, job: str) -> ApiCall[JobAnswer]:
    """Cancel the job."""
    return ApiCall(unchanged, "POST", _job(provider, job, "/cancel"))


def pace(_: TenantQuery, provider: str, job: str, pace: str, speed: float = 1.0) -> ApiCall[JobAnswer]:
    """Let the job go on at another pace: immediate, time, polls:N or manual."""
    return ApiCall(unchanged, "POST", _job(provider, job, "/pace"), {"pace": pace, "speed": speed})


def delete(_: TenantQuery, provider: str, job: str) -> ApiCall[None]:
    """Delete the job."""
    return ApiCall(_nothing, "DELETE", _job(provider, job))


def rules(_: TenantQuery) -> ApiCall[list[RuleAnswer]]:
    """Every rule in force."""
    return ApiCall(unchanged, "GET", "/rules")


def add_rule(
    who: TenantQuery,
    fault: str,
    *,
    when: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    times: int | None = None,
    rule_id: str | None = None,
) -> ApiCall[RuleAnswer]:
    """Add a rule; with `key` or `tenant` it is about that tenant."""
    body: Json = {"fault": fault, "when": dict(when or {}), "settings": dict(settings or {}), "times": times}
    if rule_id is not None:
        body["id"] = rule_id
    return ApiCall(unchanged, "POST", "/rules", body, who)


def drop_rule(_: TenantQuery, rule_id: str | None = None) -> ApiCall[int]:
    """Remove one rule, or all; returns how many."""
    path = "/rules" if rule_id is None else f"/rules/{quote(rule_id, safe='')}"
    return ApiCall(_number("dropped"), "DELETE", path)


def faults(_: TenantQuery) -> ApiCall[CatalogueAnswer]:
    """Every fault and predicate there is."""
    return ApiCall(unchanged, "GET", "/faults")


def quota(who: TenantQuery) -> ApiCall[LimitsAnswer | None]:
    """The quota in force, None for no limit."""
    return ApiCall(_member("quota"), "GET", "/quotas", query=who)


def set_quota(who: TenantQuery, /, **limits: float | None) -> ApiCall[QuotaAnswer]:
    """Limit requests in a window (seconds), parallel jobs, credits."""
    return ApiCall(unchanged, "PUT", "/quotas", limits, who)


def drop_quota(who: TenantQuery) -> ApiCall[None]:
    """Lift the limit."""
    return ApiCall(_nothing, "DELETE", "/quotas", query=who)


def usage(who: TenantQuery) -> ApiCall[list[UsageAnswer]]:
    """Calls, jobs and cost by tenant and provider."""
    return ApiCall(unchanged, "GET", "/usage", query=who)


def tenants(_: TenantQuery) -> ApiCall[list[TenantAnswer]]:
    """Every tenant."""
    return ApiCall(unchanged, "GET", "/tenants")


def reset(who: TenantQuery) -> ApiCall[int]:
    """Delete the tenant's jobs, files, clock and quota, or everybody's and the rules; gives how many jobs."""
    return ApiCall(_number("jobs"), "POST", "/tenants/reset", query=who)


def unreadable(who: TenantQuery) -> ApiCall[list[UnreadableAnswer]]:
    """What the store has that the server cannot read."""
    return ApiCall(unchanged, "GET", "/unreadable", query=who)


def drop_unreadable(who: TenantQuery, kind: str | None = None, name: str | None = None) -> ApiCall[int]:
    """Delete what cannot be read, of a kind and a name or all; returns how many."""
    return ApiCall(_number("dropped"), "DELETE", "/unreadable", query={**who, "kind": kind, "name": name})


def snapshot(who: TenantQuery) -> ApiCall[Json]:
    """Everything of the tenant as one document."""
    return ApiCall(unchanged, "GET", "/tenants/snapshot", query=who)


def restore(who: TenantQuery, snapshot: Mapping[str, Any]) -> ApiCall[int]:
    """Replace everything of the tenant by a snapshot; returns how many jobs it has then."""
    return ApiCall(_number("jobs"), "PUT", "/tenants/snapshot", dict(snapshot), who, RESTORING)


def journal(who: TenantQuery, /, **filters: Filter) -> ApiCall[JournalPageAnswer]:
    """Exchanges that match; with `wait` (seconds) and `count`, as soon as there are so many."""
    wait = float(filters.get("wait") or 0)
    return ApiCall(unchanged, "GET", "/journal", query={**who, **filters}, wait=wait)


def claim(who: TenantQuery, /, **claim: Filter) -> ApiCall[VerdictAnswer]:
    """Whether `count`, `none` or `submitted_once` holds of the exchanges that match."""
    return ApiCall(unchanged, "GET", "/journal/assert", query={**who, **claim})


def explain_journal(who: TenantQuery, /, **filters: Filter) -> ApiCall[list[str]]:
    """What reached the server, as lines of text: exchanges and what explains them, their jobs, idle rules."""
    return ApiCall(_member("text"), "GET", "/journal/explain", query={**who, **filters})


def clear_journal(who: TenantQuery) -> ApiCall[int]:
    """Delete exchanges; returns how many."""
    return ApiCall(_number("cleared"), "DELETE", "/journal", query=who)


def har(who: TenantQuery, /, **filters: Filter) -> ApiCall[Json]:
    """The journal as an HTTP archive (HAR 1.2)."""
    return ApiCall(unchanged, "GET", "/journal.har", query={**who, **filters})


def callbacks(who: TenantQuery, /, **filters: Filter) -> ApiCall[list[DeliveryAnswer]]:
    """Every attempt to deliver a callback; filters are provider, job, state, status, delivered, settle."""
    return ApiCall(_member("callbacks"), "GET", "/callbacks", query={**who, **filters})


def replay(_: TenantQuery, delivery: str) -> ApiCall[DeliveryAnswer]:
    """Send a callback again."""
    return ApiCall(unchanged, "POST", f"/callbacks/{quote(delivery, safe='')}/replay")


def _job(provider: str, job: str, verb: str = "") -> str:
    return f"/jobs/{quote(provider, safe='')}/{quote(job, safe='')}{verb}"


def unchanged(answer: Any) -> Any:
    """The JSON answer itself, as the result of a call."""
    return answer


def _member(name: str) -> Callable[[Any], Any]:
    return lambda answer: answer[name]


def _number(name: str) -> Callable[[Any], int]:
    return lambda answer: int(answer[name])


def _nothing(_: Any) -> None:
    return None
