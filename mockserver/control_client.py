"""A small client of the control plane, for tests and for `mockserver ctl`.

    with ControlClient("http://127.0.0.1:8787", token, key="my-test-key") as mock:
        mock.freeze()
        mock.add_rule("too-many", when={"role": "submit"}, times=1)
        ...
        mock.jump()

Answers are JSON as /__mock/openapi.json describes it. An error is a ControlError.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self
from urllib.parse import quote

import httpx

Json = dict[str, Any]
PATIENCE = 30.0


class ControlError(Exception):
    """The control plane refused, or cannot be reached (`status` 0): its text is one line."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}" if status else detail)
        self.status = status
        self.detail = detail


class ControlClient:
    """The control plane at `url`: the server's address, with or without /__mock at its end.

    With `key` or `tenant`, what concerns a tenant concerns that one; without, everybody.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        key: str | None = None,
        tenant: str | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """`patience` is in seconds."""
        self._base = url.rstrip("/").removesuffix("/__mock") + "/__mock"
        self._who = {name: value for name, value in (("key", key), ("tenant", tenant)) if value}
        self._http = httpx.Client(headers={"x-mock-token": token}, timeout=patience, trust_env=False)

    def __enter__(self) -> Self:
        """The client itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self.close()

    @property
    def names_somebody(self) -> bool:
        """Whether it is about one tenant."""
        return bool(self._who)

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        patience: float | None = None,
    ) -> Any:
        """Any call below /__mock, its JSON answer; None where it has no body. Raises ControlError.

        `patience` is in seconds, if not the client's own.
        """
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        try:
            answer = self._http.request(
                method,
                self._base + path,
                json=body,
                params=asked or None,
                timeout=self._http.timeout if patience is None else patience,
            )
        except httpx.HTTPError as error:
            raise ControlError(0, f"no control plane at {self._base}: {error}") from None
        if answer.is_error:
            raise ControlError(answer.status_code, _detail(answer))
        if not answer.content:
            return None
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text

    def health(self) -> Json:
        """Version, clock, counts."""
        return dict(self.call("GET", "/health"))

    def clock(self) -> Json:
        """The clock."""
        return dict(self.call("GET", "/clock", query=self._who))

    def set_clock(
        self,
        *,
        mode: Literal["real", "scaled", "frozen"] | None = None,
        rate: float | None = None,
        now: int | str | None = None,
    ) -> Json:
        """Change how the clock runs or where it stands: Unix milliseconds or ISO 8601."""
        given = {"mode": mode, "rate": rate, "now": now}
        body = {name: value for name, value in given.items() if value is not None}
        return dict(self.call("PUT", "/clock", body, self._who))

    def freeze(self) -> Json:
        """Stop the clock where it stands."""
        return self.set_clock(mode="frozen")

    def run(self, rate: float = 1.0) -> Json:
        """Let the clock run on from where it stands, `rate` times as fast as the wall's."""
        return self.set_clock(rate=rate)

    def advance(self, seconds: float) -> Json:
        """Move the clock on."""
        return dict(self.call("POST", "/clock/advance", {"seconds": seconds}, self._who))

    def jump(self, provider: str | None = None, job: str | None = None) -> Json:
        """Move the clock to what happens next, of one job or of any; `event` is null where nothing is due."""
        body = {"provider": provider, "job": job} if provider and job else None
        return dict(self.call("POST", "/clock/jump", body, self._who))

    def drop_clock(self) -> Json:
        """Give the clock up: a tenant follows everybody's again, everybody's the wall's."""
        return dict(self.call("DELETE", "/clock", query=self._who))

    def jobs(self, **filters: str | int | None) -> list[Json]:
        """Jobs, newest first; filters are provider, state, phase, model, limit and offset."""
        return list(self.call("GET", "/jobs", query={**self._who, **filters})["jobs"])

    def job(self, provider: str, job: str) -> Json:
        """One job with its request, plan and facts."""
        return dict(self.call("GET", _job(provider, job)))

    def explain(self, provider: str, job: str) -> Json:
        """The job's timeline, why, and what is next."""
        return dict(self.call("GET", _job(provider, job, "/explain")))

    def force(self, provider: str, job: str, state: str, reason: str | None = None) -> Json:
        """Put the job into a state."""
        return dict(self.call("POST", _job(provider, job, "/force"), {"state": state, "reason": reason}))

    def fail(self, provider: str, job: str, reason: str | None = None) -> Json:
        """Let the job fail; the reason is a name of the contract's or a text."""
        return dict(self.call("POST", _job(provider, job, "/fail"), {"reason": reason}))

    def cancel(self, provider: str, job: str) -> Json:
        """Cancel the job."""
        return dict(self.call("POST", _job(provider, job, "/cancel")))

    def pace(self, provider: str, job: str, pace: str, speed: float = 1.0) -> Json:
        """Let the job go on at another pace: immediate, time, polls:N or manual."""
        return dict(self.call("POST", _job(provider, job, "/pace"), {"pace": pace, "speed": speed}))

    def delete(self, provider: str, job: str) -> None:
        """Forget the job."""
        self.call("DELETE", _job(provider, job))

    def rules(self) -> list[Json]:
        """Every rule in force."""
        return list(self.call("GET", "/rules"))

    def add_rule(
        self, fault: str, *, when: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None,
        times: int | None = None, rule_id: str | None = None,
    ) -> Json:  # fmt: skip
        """Add a rule; with `key` or `tenant` it is about that tenant."""
        body: Json = {
            "fault": fault,
            "when": dict(when or {}),
            "settings": dict(settings or {}),
            "times": times,
        }
        if rule_id is not None:
            body["id"] = rule_id
        return dict(self.call("POST", "/rules", body, self._who))

    def drop_rule(self, rule_id: str | None = None) -> int:
        """Remove one rule, or all; how many that was."""
        path = "/rules" if rule_id is None else f"/rules/{quote(rule_id, safe='')}"
        return int(self.call("DELETE", path)["dropped"])

    def faults(self) -> Json:
        """Every fault and predicate there is."""
        return dict(self.call("GET", "/faults"))

    def quota(self) -> Json | None:
        """The quota in force, None for no limit."""
        found: Json | None = self.call("GET", "/quotas", query=self._who)["quota"]
        return found

    def set_quota(self, **limits: float | None) -> Json:
        """Limit requests in a window (seconds), parallel jobs, credits."""
        return dict(self.call("PUT", "/quotas", limits, self._who))

    def drop_quota(self) -> None:
        """Lift the limit."""
        self.call("DELETE", "/quotas", query=self._who)

    def usage(self) -> list[Json]:
        """Calls, jobs and cost by tenant and provider."""
        return list(self.call("GET", "/usage", query=self._who))

    def tenants(self) -> list[Json]:
        """Every tenant."""
        return list(self.call("GET", "/tenants"))

    def reset(self) -> int:
        """Forget the tenant's jobs, clock and quota, or everybody's and the rules; how many jobs that was."""
        return int(self.call("POST", "/tenants/reset", query=self._who)["jobs"])

    def snapshot(self) -> Json:
        """Everything of the tenant as one document."""
        return dict(self.call("GET", "/tenants/snapshot", query=self._who))

    def restore(self, snapshot: Mapping[str, Any]) -> int:
        """Put a snapshot in place of everything of the tenant; how many jobs it has then."""
        return int(self.call("PUT", "/tenants/snapshot", dict(snapshot), self._who)["jobs"])

    def journal(self, **filters: str | float | bool | None) -> Json:
        """Exchanges that match; with `wait` (seconds) and `count`, as soon as there are so many."""
        wait = filters.get("wait")
        patience = self._http.timeout.read or 0
        query = {**self._who, **filters}
        return dict(self.call("GET", "/journal", query=query, patience=patience + float(wait or 0)))

    def claim(self, **claim: str | float | bool | None) -> Json:
        """Whether `count`, `none` or `submitted_once` holds of the exchanges that match: ok, count, said."""
        return dict(self.call("GET", "/journal/assert", query={**self._who, **claim}))

    def clear_journal(self) -> int:
        """Forget exchanges; how many that was."""
        return int(self.call("DELETE", "/journal", query=self._who)["cleared"])

    def har(self, **filters: str | float | bool | None) -> Json:
        """The journal as an HTTP archive (HAR 1.2)."""
        return dict(self.call("GET", "/journal.har", query={**self._who, **filters}))

    def callbacks(self, **filters: str | float | bool | None) -> list[Json]:
        """Every try of a callback; filters are provider, job, state, status, delivered, settle."""
        return list(self.call("GET", "/callbacks", query={**self._who, **filters})["callbacks"])

    def replay(self, delivery: str) -> Json:
        """Send a callback again."""
        return dict(self.call("POST", f"/callbacks/{quote(delivery, safe='')}/replay"))


def _job(provider: str, job: str, verb: str = "") -> str:
    return f"/jobs/{quote(provider, safe='')}/{quote(job, safe='')}{verb}"


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:300]
