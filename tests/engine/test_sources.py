"""A submit that goes on from another job's clip: which jobs it may name, and what it has of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.contract.media_places import MediaPlaces
from mockserver.contract.model import ClipSource, Contract
from mockserver.engine import sources
from mockserver.engine.refusals.refusal import Refusal
from mockserver.engine.sources import clip_id, continued, origin, source_id, source_seconds
from mockserver.jobs.job import Job, Plan, Step
from mockserver.kit import contracts
from mockserver.stores.memory import MemoryStore

PLAN = Plan((Step("queued", "waiting", 1000), Step("success", "succeeded")))
NEEDS_VIDEO = "the id of a finished video of this account that can go on"


@cache
def contract() -> Contract:
    """Of which `first` makes clips, `more` adds 5 s to them, up to 20, and `from` takes up a `take`."""
    whole = contracts.load("gmicloud")
    first = replace(whole.operations["submitRequest"], id="first", media=MediaPlaces({"seconds": "/s"}))
    return replace(
        whole,
        operations={
            "first": first,
            "other": replace(first, id="other"),
            "more": replace(first, id="more", source=ClipSource(("video",), ("first", "more"), 5, 20)),
            "take": replace(first, id="take", role="session", source=ClipSource(("video",), None, 0, 60)),
            "from": replace(first, id="from", source=ClipSource(("video",), ("take",), 0, 60)),
        },
    )


def job(job_id: str, operation: str, video: Any = None, **more: Any) -> Job:
    body = {"video": video} if video is not None else {"s": 10}
    return Job(job_id, "t", "gmicloud", operation, f"model-{job_id}", body, 0, PLAN)._replace(**more)


def going_on(new: Job, *earlier: Job, now: int = 1000, tenant: str = "t") -> Job:
    async def run() -> Job:
        store = MemoryStore()
        for each in earlier:
            await store.add(each)
        operation = contract().operations[new.operation]
        context: Any = SimpleNamespace(contract=contract(), operation=operation, tenant=tenant, now=now)
        return await continued(store, context, new)

    return asyncio.run(run())


def test_it_has_the_model_and_the_length_of_its_source_and_its_own_seconds_more() -> None:
    after = going_on(job("b", "more", "a"), job("a", "first"))
    again = going_on(job("c", "more", "b"), after)

    assert (after.model, after.seconds, dict(after.places)) == ("model-a", 15.0, {})
    assert (again.model, again.seconds) == ("model-a", 20.0)


@pytest.mark.parametrize(
    ("new", "earlier", "more", "expected"),
    [
        (job("b", "more", "none"), job("a", "first"), {}, NEEDS_VIDEO),
        (job("b", "more", "a"), job("a", "first"), {"tenant": "u"}, NEEDS_VIDEO),
        (job("b", "more", "a"), job("a", "other"), {}, NEEDS_VIDEO),
        (job("b", "more", "a"), job("a", "first"), {"now": 999}, NEEDS_VIDEO),
        (job("b", "more", "a"), job("a", "first", request={"s": 15.5}), {}, "a video of at most 15 seconds"),
        (job("b", "from", "a"), job("a", "first"), {}, "the id of a session of this account"),
    ],
)
def test_what_cannot_go_on_is_refused(new: Job, earlier: Job, more: dict[str, Any], expected: str) -> None:
    with pytest.raises(Refusal) as refused:
        going_on(new, earlier, **more)

    assert refused.value.when == "invalid"
    assert expected in refused.value.message
    assert refused.value.field == ("body", "video")


@pytest.mark.parametrize("named", [None, "", 5, ["a"]])
def test_who_names_no_job_goes_on_from_none(named: Any) -> None:
    new = job("b", "more", named)

    assert going_on(new, job("a", "first")) is new
    assert source_id(contract(), new) is None
    assert source_seconds(contract(), new) is None


def test_from_a_session_it_goes_on_from_the_clip_that_this_took_up() -> None:
    session = going_on(job("s", "take", "a"), job("a", "first"))
    after = going_on(job("b", "from", "s"), session)
    linked = going_on(job("c", "from", "s"), job("s", "take", 5))

    assert (source_id(contract(), after), clip_id(contract(), after)) == ("s", "a")
    assert (source_id(contract(), linked), clip_id(contract(), linked)) == ("s", None)
    assert source_seconds(contract(), linked) is None


@pytest.mark.parametrize(("seconds", "source"), [(15.0, 10.0), (5.0, 0.0), (4.0, 0.0)])
def test_the_length_of_the_source_is_what_was_not_added(seconds: float, source: float) -> None:
    assert source_seconds(contract(), job("b", "more", "a", seconds=seconds)) == source
    assert source_seconds(contract(), job("a", "first", seconds=seconds)) is None


def test_its_origin_is_the_first_of_all_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(last: Job, *earlier: Job) -> str:
        store = MemoryStore()
        for each in earlier:
            await store.add(each)
        return (await origin(store, contract(), last)).id

    a, b, c = job("a", "first"), job("b", "more", "a"), job("c", "more", "b")
    assert asyncio.run(run(c, a, b)) == "a"
    assert asyncio.run(run(c, b)) == "b"
    assert asyncio.run(run(c)) == "c"
    assert asyncio.run(run(a)) == "a"
    itself = job("z", "more", "z")
    assert asyncio.run(run(itself, itself)) == "z"
    monkeypatch.setattr(sources, "MOST_STEPS", 1)
    assert asyncio.run(run(c, a, b)) == "b"
