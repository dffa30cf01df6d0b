"""What rules are told of a request, and which faults act on it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, Final, cast

import pytest

from mockserver.contract.media_places import MediaPlaces
from mockserver.engine.faulting.select import FaultSelector, read_prompt_markers
from mockserver.engine.live_settings import LiveSettings
from mockserver.engine.request_context import RequestContext
from mockserver.faults.rule import Rule
from mockserver.faults.seams import RequestFacts
from mockserver.jobs.job import Job, Plan, Step
from mockserver.stores.memory import MemoryStore

NOW: Final = 10_000
CONTRACT: Any = SimpleNamespace(provider="p", media_of=lambda _: MediaPlaces({"prompt": "/text"}))
JOB: Final = Job("j", "ann", "p", "submit", "m1", {"text": "a kite"}, 7500, Plan((Step("a", "succeeded"),)))


def rule(name: str, **more: Any) -> Rule:
    return Rule.model_validate({"id": name, "fault": "fail", **more})


def context(role: str = "read", job: Job | None = JOB, *, body: Any = None, **more: Any) -> RequestContext:
    operation = SimpleNamespace(
        id="op", role=role, media=MediaPlaces({"prompt": "/said"}), model_places=more.pop("places", ()),
        model_at=("model",),
    )  # fmt: skip
    made = {
        "contract": CONTRACT, "operation": operation, "tenant": "ann", "body": body, "now": NOW, "job": job,
        "marker_rules": (), "faults": (), "warnings": (), "submitted_model": "placed",
    }  # fmt: skip
    return cast(RequestContext, SimpleNamespace(**{**made, **more}))


def selector(*rules: Rule, seed: int | None = 1) -> FaultSelector:
    store = MemoryStore()
    live = LiveSettings(store, lambda: NOW)

    async def add() -> None:
        for each in rules:
            await live.add_rule(each)

    asyncio.run(add())
    return FaultSelector(live, store, seed)


def facts(selecting: FaultSelector, request: RequestContext) -> RequestFacts:
    return asyncio.run(selecting.select(request)).facts


def test_a_request_about_a_job_has_its_facts_and_those_of_the_job() -> None:
    selecting = selector()
    first, second = (facts(selecting, context(body={"said": "no", "model": "x"})) for _ in range(2))

    assert first == ("p", "op", "read", "ann", "m1", "a kite", "j", 1, first.chance, 1, 2.5, NOW)
    assert (second.number, second.reads) == (2, 2)
    assert facts(selecting, context(tenant="bob")).number == 1
    assert facts(selecting, context("cancel"))._replace(chance=0) == (
        "p", "op", "cancel", "ann", "m1", "a kite", "j", 1, 0, 0, 2.5, NOW,
    )  # fmt: skip
    assert facts(selecting, context(job=JOB._replace(created_at=NOW + 5000))).age == 0


@pytest.mark.parametrize(("places", "model"), [((), "x"), (("path",), "placed")])
def test_a_request_about_no_job_has_its_own_prompt_and_model(places: Any, model: str) -> None:
    made = facts(selector(), context("submit", None, body={"said": "a kite", "model": "x"}, places=places))

    assert made._replace(chance=0) == ("p", "op", "submit", "ann", model, "a kite", "", 1, 0, 0, 0.0, NOW)
    assert facts(selector(), context("submit", None, body={"said": 5})).prompt == ""


def test_those_faults_act_whose_rules_hold_as_often_as_they_may() -> None:
    selecting = selector(rule("always"), rule("twice", times=2), rule("others", when={"provider": "q"}))
    causes = []
    for _ in range(3):
        request = context("submit", None, body={}, marker_rules=(rule("marked"),))
        fired = asyncio.run(selecting.select(request)).fired
        assert request.faults == tuple(each.cause for each in fired)
        assert {each.fault.name for each in fired} == {"fail"}
        causes.append(request.faults)

    assert causes == [("always", "twice", "marked"), ("always", "twice", "marked"), ("always", "marked")]


@pytest.mark.parametrize(
    ("rules", "marked", "job", "may"),
    [
        ((), (), None, False),
        ((), (), JOB, False),
        ((rule("r"),), (), None, True),
        ((), (rule("r"),), None, True),
        ((), (), JOB._replace(plan=JOB.plan._replace(faults=("r",))), True),
    ],
)
def test_where_nothing_can_act_nothing_is_tried(rules: Any, marked: Any, job: Job | None, may: bool) -> None:
    selecting = selector(*rules)

    assert selecting.may_act(context(job=job, marker_rules=marked)) is may
    if job is not None:
        faults = asyncio.run(selecting.select_media(CONTRACT, job, "video.mp4", NOW))
        assert [*faults] == []
        # A fetch that no fault can meet is not even counted.
        assert asyncio.run(selecting._store.increment("ann", "seen/p/media")) == (2 if may else 1)


def test_a_fetch_of_a_file_has_the_facts_of_its_job() -> None:
    selecting = selector()
    made = [asyncio.run(selecting._media_facts(CONTRACT, JOB, "video.mp4", NOW)) for _ in range(2)]
    early = asyncio.run(selecting._media_facts(CONTRACT, JOB, "video.mp4", 0))

    assert [each._replace(chance=0) for each in made] == [
        ("p", "video.mp4", "media", "ann", "m1", "a kite", "j", number, 0, 0, 2.5, NOW) for number in (1, 2)
    ]
    assert (early.number, early.age) == (3, 0)


def test_a_file_meets_the_faults_of_rules_and_of_its_jobs_markers() -> None:
    selecting = selector(rule("gone", fault="stalled"))
    job = JOB._replace(request={"text": "a kite [mock:stalled]"})
    plain, marked = (
        asyncio.run(selecting.select_media(CONTRACT, each, "video.mp4", NOW)) for each in (JOB, job)
    )

    assert [fired.cause for fired in plain] == ["gone"]
    assert len(marked) == 2


@pytest.mark.parametrize(
    ("job", "body", "rules", "complaints"),
    [
        (None, {"said": "[mock:fail]"}, 1, 0),
        (None, {"said": "[mock:no-such-fault]"}, 0, 1),
        (None, {"said": "a kite"}, 0, 0),
        (JOB._replace(request={"text": "[mock:fail]"}), {"said": ""}, 1, 0),
        (JOB._replace(request={"text": "[mock:no-such-fault]"}), {"said": ""}, 0, 0),
        (JOB, {"said": "[mock:fail]"}, 0, 0),
    ],
)
def test_markers_are_read_in_the_jobs_prompt_else_in_the_bodys(
    job: Job | None, body: Any, rules: int, complaints: int
) -> None:
    request = context("submit", job, body=body, marker_rules=(rule("key"),), warnings=("first",))
    asyncio.run(read_prompt_markers(request))

    assert [each.id for each in request.marker_rules[:1]] == ["key"]
    assert (len(request.marker_rules), len(request.warnings)) == (1 + rules, 1 + complaints)


def test_each_link_has_the_number_in_which_it_was_shown() -> None:
    selecting = selector()

    assert [asyncio.run(selecting.next_link(context())) for _ in range(2)] == [
        "?link=1&shown=10000", "?link=2&shown=10000",
    ]  # fmt: skip
