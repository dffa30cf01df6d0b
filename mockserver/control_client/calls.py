"""Every call of the control plane: what is sent, and what its answer means; how it is sent is a client's.

Each function takes first whom it is about: `{"key": …}`, `{"tenant": …}`, or `{}` for everybody.
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
    UsageAnswer,
    VerdictAnswer,
)
from mockserver.control_client.claims import judge_no_submit, judge_submitted_once

Json = dict[str, Any]
Filter = str | float | bool | None
Who = Mapping[str, str]
T = TypeVar("T")


class Ask(NamedTuple, Generic[T]):
    """One call below /__mock: `read` makes the result of its JSON answer.

    `wait` is how many seconds the answer may take beyond the client's patience.
    """

    read: Callable[[Any], T]
    method: str
    path: str
    body: Any = None
    query: Mapping[str, Any] | None = None
    wait: float = 0.0


def health(_: Who) -> Ask[HealthAnswer]:
    """Version, clock, counts."""
    return Ask(_whole, "GET", "/health")


def clock(who: Who) -> Ask[ClockAnswer]:
    """The clock."""
    return Ask(_whole, "GET", "/clock", query=who)


def set_clock(
    who: Who,
    *,
    mode: Literal["real", "scaled", "frozen"] | None = None,
    rate: float | None = None,
    now: int | str | None = None,
) -> Ask[ClockAnswer]:
    """Change how the clock runs or where it stands: Unix milliseconds or ISO 8601."""
    given = {"mode": mode, "rate": rate, "now": now}
    body = {name: value for name, value in given.items() if value is not None}
    return Ask(_whole, "PUT", "/clock", body, who)


def freeze(who: Who) -> Ask[ClockAnswer]:
    """Stop the clock where it stands."""
    return set_clock(who, mode="frozen")


def run(who: Who, rate: float = 1.0) -> Ask[ClockAnswer]:
    """Let the clock run on from where it stands, `rate` times as fast as the wall's."""
    return set_clock(who, rate=rate)


def advance(who: Who, seconds: float) -> Ask[ClockAnswer]:
    """Move the clock on."""
    return Ask(_whole, "POST", "/clock/advance", {"seconds": seconds}, who)


def jump(who: Who, provider: str | None = None, job: str | None = None) -> Ask[JumpAnswer]:
    """Move the clock to what happens next, of one job or of any; `event` is null where nothing is due."""
    body = {"provider": provider, "job": job} if provider and job else None
    return Ask(_whole, "POST", "/clock/jump", body, who)


def drop_clock(who: Who) -> Ask[ClockAnswer]:
    """Give the clock up: a tenant follows everybody's again, everybody's the wall's."""
    return Ask(_whole, "DELETE", "/clock", query=who)


def jobs(who: Who, /, **filters: str | int | None) -> Ask[list[JobAnswer]]:
    """Jobs, newest first; filters are provider, state, phase, model, limit and offset."""
    return Ask(_member("jobs"), "GET", "/jobs", query={**who, **filters})


def job(_: Who, provider: str, job: str) -> Ask[JobDetailAnswer]:
    """One job with its request, plan and facts."""
    return Ask(_whole, "GET", _job(provider, job))


def explain(_: Who, provider: str, job: str) -> Ask[ExplanationAnswer]:
    """The job's timeline, why, and what is next."""
    return Ask(_whole, "GET", _job(provider, job, "/explain"))


def force(_: Who, provider: str, job: str, state: str, reason: str | None = None) -> Ask[JobAnswer]:
    """Put the job into a state."""
    return Ask(_whole, "POST", _job(provider, job, "/force"), {"state": state, "reason": reason})


def fail(_: Who, provider: str, job: str, reason: str | None = None) -> Ask[JobAnswer]:
    """Let the job fail; the reason is a name of the contract's or a text."""
    return Ask(_whole, "POST", _job(provider, job, "/fail"), {"reason": reason})


def cancel(_: Who, provider: str, job: str) -> Ask[JobAnswer]:
    """Cancel the job."""
    return Ask(_whole, "POST", _job(provider, job, "/cancel"))


def pace(_: Who, provider: str, job: str, pace: str, speed: float = 1.0) -> Ask[JobAnswer]:
    """Let the job go on at another pace: immediate, time, polls:N or manual."""
    return Ask(_whole, "POST", _job(provider, job, "/pace"), {"pace": pace, "speed": speed})


def delete(_: Who, provider: str, job: str) -> Ask[None]:
    """Forget the job."""
    return Ask(_nothing, "DELETE", _job(provider, job))


def rules(_: Who) -> Ask[list[RuleAnswer]]:
    """Every rule in force."""
    return Ask(_whole, "GET", "/rules")


def add_rule(
    who: Who, fault: str, *, when: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None,
    times: int | None = None, rule_id: str | None = None,
) -> Ask[RuleAnswer]:  # fmt: skip
    """Add a rule; with `key` or `tenant` it is about that tenant."""
    body: Json = {"fault": fault, "when": dict(when or {}), "settings": dict(settings or {}), "times": times}
    if rule_id is not None:
        body["id"] = rule_id
    return Ask(_whole, "POST", "/rules", body, who)


def drop_rule(_: Who, rule_id: str | None = None) -> Ask[int]:
    """Remove one rule, or all; how many that was."""
    path = "/rules" if rule_id is None else f"/rules/{quote(rule_id, safe='')}"
    return Ask(_number("dropped"), "DELETE", path)


def faults(_: Who) -> Ask[CatalogueAnswer]:
    """Every fault and predicate there is."""
    return Ask(_whole, "GET", "/faults")


def quota(who: Who) -> Ask[LimitsAnswer | None]:
    """The quota in force, None for no limit."""
    return Ask(_member("quota"), "GET", "/quotas", query=who)


def set_quota(who: Who, /, **limits: float | None) -> Ask[QuotaAnswer]:
    """Limit requests in a window (seconds), parallel jobs, credits."""
    return Ask(_whole, "PUT", "/quotas", limits, who)


def drop_quota(who: Who) -> Ask[None]:
    """Lift the limit."""
    return Ask(_nothing, "DELETE", "/quotas", query=who)


def usage(who: Who) -> Ask[list[UsageAnswer]]:
    """Calls, jobs and cost by tenant and provider."""
    return Ask(_whole, "GET", "/usage", query=who)


def tenants(_: Who) -> Ask[list[TenantAnswer]]:
    """Every tenant."""
    return Ask(_whole, "GET", "/tenants")


def reset(who: Who) -> Ask[int]:
    """Forget the tenant's jobs, clock and quota, or everybody's and the rules; how many jobs that was."""
    return Ask(_number("jobs"), "POST", "/tenants/reset", query=who)


def snapshot(who: Who) -> Ask[Json]:
    """Everything of the tenant as one document."""
    return Ask(_whole, "GET", "/tenants/snapshot", query=who)


def restore(who: Who, snapshot: Mapping[str, Any]) -> Ask[int]:
    """Put a snapshot in place of everything of the tenant; how many jobs it has then."""
    return Ask(_number("jobs"), "PUT", "/tenants/snapshot", dict(snapshot), who)


def journal(who: Who, /, **filters: Filter) -> Ask[JournalPageAnswer]:
    """Exchanges that match; with `wait` (seconds) and `count`, as soon as there are so many."""
    wait = float(filters.get("wait") or 0)
    return Ask(_whole, "GET", "/journal", query={**who, **filters}, wait=wait)


def claim(who: Who, /, **claim: Filter) -> Ask[VerdictAnswer]:
    """Whether `count`, `none` or `submitted_once` holds of the exchanges that match: ok, count, said."""
    return Ask(_whole, "GET", "/journal/assert", query={**who, **claim})


def assert_submitted_once(who: Who, /, **filters: Filter) -> Ask[None]:
    """Raise AssertionError unless just one submit made a job; the error lists what was asked.

    Filters are those of the journal, such as provider.
    """
    return _everything(judge_submitted_once, who, filters)


def assert_no_submit(who: Who, /, **filters: Filter) -> Ask[None]:
    """Raise AssertionError if any submit arrived, refused ones included; the error lists what was asked."""
    return _everything(judge_no_submit, who, filters)


def clear_journal(who: Who) -> Ask[int]:
    """Forget exchanges; how many that was."""
    return Ask(_number("cleared"), "DELETE", "/journal", query=who)


def har(who: Who, /, **filters: Filter) -> Ask[Json]:
    """The journal as an HTTP archive (HAR 1.2)."""
    return Ask(_whole, "GET", "/journal.har", query={**who, **filters})


def callbacks(who: Who, /, **filters: Filter) -> Ask[list[DeliveryAnswer]]:
    """Every try of a callback; filters are provider, job, state, status, delivered, settle."""
    return Ask(_member("callbacks"), "GET", "/callbacks", query={**who, **filters})


def replay(_: Who, delivery: str) -> Ask[DeliveryAnswer]:
    """Send a callback again."""
    return Ask(_whole, "POST", f"/callbacks/{quote(delivery, safe='')}/replay")


def _job(provider: str, job: str, verb: str = "") -> str:
    return f"/jobs/{quote(provider, safe='')}/{quote(job, safe='')}{verb}"


def _everything(
    judge: Callable[[JournalPageAnswer], None], who: Who, filters: Mapping[str, Filter]
) -> Ask[None]:
    """All exchanges, not only those that count: a claim that fails shows what happened."""
    return Ask(judge, "GET", "/journal", query={"limit": 100_000, "bodies": False, **who, **filters})


def _whole(answer: Any) -> Any:
    return answer


def _member(name: str) -> Callable[[Any], Any]:
    return lambda answer: answer[name]


def _number(name: str) -> Callable[[Any], int]:
    return lambda answer: int(answer[name])


def _nothing(_: Any) -> None:
    return None
