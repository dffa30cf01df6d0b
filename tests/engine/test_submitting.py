"""Under which id and in which way a new job is stored."""

from __future__ import annotations

import asyncio
import random
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest

from mockserver.engine import submitting
from mockserver.errors import DuplicateJob
from mockserver.jobs.job import Job, Plan, Step
from mockserver.stores.base import LARGE

JOB = Job("", "ann", "p", "submit", "m", {"a": 1}, 0, Plan((Step("done", "succeeded"),)))


class Jobs:
    """A store in which the ids of the first jobs are taken."""

    def __init__(self, taken: int = 0) -> None:
        self.taken = taken
        self.tries: list[str] = []
        self.large: list[bytes] = []
        self.numbers = 0

    async def add(self, job: Job) -> None:
        """Store it, unless its id is taken."""
        self.tries.append(job.id)
        if len(self.tries) <= self.taken:
            raise DuplicateJob(job.id)

    async def add_large(self, job: Job, request: bytes) -> None:
        """The same, and note the request."""
        self.large.append(request)
        await self.add(job)

    async def increment(self, tenant: str) -> int:
        """The next number of the tenant."""
        assert tenant == "ann"
        self.numbers += 1
        return self.numbers


def add(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch, body: bytes = b"", forms: Any = None, seed: Any = None
) -> list[str]:
    """The ids of the job as it was shown, each before it was stored."""
    shown: list[str] = []
    monkeypatch.setattr(submitting, "show", lambda _, job: shown.append(job.id))
    monkeypatch.setattr(submitting, "prepare", lambda _: None)
    operation = SimpleNamespace(body=None if forms is None else SimpleNamespace(forms=forms))
    contract = SimpleNamespace(id_kind="uuid4", id_length=0, id_prefix="")
    context: Any = SimpleNamespace(
        contract=contract, operation=operation, tenant="ann", request=SimpleNamespace(body=body)
    )
    settings = SimpleNamespace(seed=seed)
    action_context: Any = SimpleNamespace(store=jobs, settings=settings, random=random.Random(1))
    asyncio.run(submitting._add(action_context, context, JOB))
    return shown


@pytest.mark.parametrize("taken", [0, 1, 7])
def test_a_job_gets_an_id_that_is_free(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = Jobs(taken)
    shown = add(jobs, monkeypatch)

    assert jobs.tries == shown
    assert len({*shown}) == taken + 1


def test_where_eight_ids_are_taken_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = Jobs(8)
    with pytest.raises(DuplicateJob):
        add(jobs, monkeypatch)
    assert len(jobs.tries) == 8


def test_with_a_seed_a_tenants_jobs_have_the_same_ids_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, other = Jobs(), Jobs(), Jobs()
    for jobs in (first, second):
        assert add(jobs, monkeypatch, seed=7) != add(jobs, monkeypatch, seed=7)
    add(other, monkeypatch, seed=8)

    assert first.tries == second.tries
    assert other.tries[0] != first.tries[0]
    assert first.numbers == 2


@pytest.mark.parametrize(
    ("size", "forms", "written"),
    [
        (1_048_576, None, None),
        (1_048_577, None, "body"),
        (1_048_577, (), "body"),
        (1_048_577, ("multipart/form-data",), "request"),
    ],
)
def test_a_large_request_is_written_as_it_came_or_as_json(
    size: int, forms: Any, written: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs, body = Jobs(), bytes(size)
    add(jobs, monkeypatch, body, forms)

    assert jobs.large == {"body": [body], "request": [orjson.dumps(JOB.request)]}.get(written or "", [])
    assert LARGE == 1_048_576
    assert len(jobs.tries) == 1


def test_a_name_that_another_job_has_is_let_pass_with_a_warning() -> None:
    class Named:
        async def find(self, tenant: str, provider: str, alias: str, *, operations: Any) -> Job | None:
            assert (tenant, provider, operations) == ("ann", "p", ("submit",))
            return JOB._replace(id="j7") if alias == "mine" else None

    warnings = []
    for alias in ("mine", "other"):
        context: Any = SimpleNamespace(
            tenant="ann", contract=SimpleNamespace(provider="p"), operation=SimpleNamespace(id="submit"),
            warnings=(),
        )  # fmt: skip
        asyncio.run(submitting._warn_of_twin(cast(Any, SimpleNamespace(store=Named())), context, alias))
        warnings.append(context.warnings)

    assert warnings == [("'mine' names job j7 already; a lookup by it finds the newer one",), ()]
