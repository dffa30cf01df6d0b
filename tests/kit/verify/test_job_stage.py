"""How the stage with a whole job begins: with a submit, or with what an uncertain answer left behind."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.kit.traffic import answer_templates
from mockserver.kit.traffic.facts import AnswerFact, Sighting
from mockserver.kit.verify.stages import job as stage
from mockserver.kit.verify.stages.job import JobStage

LOST = "a submit whose answer was lost may have been accepted"


@pytest.mark.parametrize(
    ("made", "uncertain", "job", "lacks"),
    [
        ("job-1", 0, "job-1", []),
        ("job-1", 1, "job-1", []),
        (None, 1, "job-2", []),
        (None, 0, None, ["no submit made a job; 503"]),
    ],
)
def test_a_job_whose_submit_had_no_answer_is_looked_for(
    made: str | None, uncertain: int, job: str | None, lacks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "job_in", lambda _: made)
    monkeypatch.setattr(stage, "_recover", lambda _: "job-2")
    monkeypatch.setattr(stage, "answer_of", lambda _: "503")
    reasons: list[str] = []
    budget = SimpleNamespace(ledger=SimpleNamespace(uncertain=uncertain))
    target = SimpleNamespace(budget=budget, submit=lambda _: None)
    context: Any = SimpleNamespace(target=target, lacks=reasons.append)
    request: Any = None

    assert JobStage()._submit(context, request) == job
    assert reasons == lacks


def _operation(id_: str, *, page: dict[str, str] | None = None) -> Any:
    paging = {"number": None, "size": None, "offset": None, **(page or {})}
    return SimpleNamespace(id=id_, page=SimpleNamespace(**paging))


@pytest.mark.parametrize(
    ("page", "pages"),
    [
        ({}, []),
        ({"number": "page"}, []),
        ({"size": "size"}, []),
        ({"number": "page", "size": "size"}, [{"page": "1", "size": "1"}, {"page": "2", "size": "1"}]),
        ({"offset": "skip", "size": "size"}, [{"skip": "0", "size": "1"}, {"skip": "1", "size": "1"}]),
    ],
)
def test_a_list_is_asked_for_whole_for_a_model_and_page_by_page(
    page: dict[str, str], pages: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "model_filters", lambda *_: [{"model": "m"}])
    context: Any = None
    assert stage._queries(context, _operation("list", page=page)) == [{}, {"model": "m"}, *pages]


@pytest.mark.parametrize(
    ("echoes", "same"),
    [
        ({"/prompt": "a"}, True),
        ({"/prompt": "a", "/more/size": 1}, True),
        ({"/prompt": "b"}, False),
        ({"/prompt": "a", "/more/size": 2}, False),
        ({"/none": None}, False),
        ({}, False),
    ],
)
def test_a_listed_job_is_known_by_what_it_repeats_of_the_request(echoes: dict[str, Any], same: bool) -> None:
    sighting = Sighting(None, echoes={at: AnswerFact(value, at) for at, value in echoes.items()})
    assert stage._echoes(sighting, {"prompt": "a", "more": {"size": 1}}) is same


@pytest.mark.parametrize(
    ("open_jobs", "resumed", "left", "uncertain", "begins"),
    [
        ([], False, 1, 0, "submit"),
        ([], False, 0, 0, "submit"),
        ([], False, 1, 1, "submit"),
        ([], False, 0, 1, "recover"),
        (["job-1", "job-2"], True, 1, 0, "take up job-1"),
        (["job-1"], False, 1, 0, "submit"),
        (["job-1"], False, 0, 0, "take up job-1"),
        (["job-1"], False, 0, 1, "take up job-1"),
    ],
)
def test_a_job_that_is_open_is_taken_up_where_a_run_goes_on_or_no_other_may_be_made(
    open_jobs: list[str],
    resumed: bool,
    left: int,
    uncertain: int,
    begins: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stage, "_take_up", lambda _, job: f"take up {job}")
    monkeypatch.setattr(stage, "_recover", lambda _: "recover")
    monkeypatch.setattr(stage, "example", lambda *_: None)
    monkeypatch.setattr(JobStage, "_submit", lambda *_: "submit")
    ledger = SimpleNamespace(open_jobs=open_jobs, resumed=resumed, uncertain=uncertain)
    budget = SimpleNamespace(ledger=ledger, jobs_left=left)
    context: Any = SimpleNamespace(target=SimpleNamespace(budget=budget), contract=None, models=["m"])
    assert JobStage()._begin(context) == begins


@pytest.mark.parametrize(
    ("resumed", "note"),
    [
        (True, "job job-1 of an interrupted run was taken up; to have another made, delete the/ledger"),
        (False, "job job-1 of an earlier stage was taken up"),
    ],
)
def test_whose_job_was_taken_up_is_noted(resumed: bool, note: str) -> None:
    ledger = SimpleNamespace(resumed=resumed, path="the/ledger")
    target = SimpleNamespace(budget=SimpleNamespace(ledger=ledger))
    context: Any = SimpleNamespace(target=target, notes=[])
    assert stage._take_up(context, "job-1") == "job-1"
    assert context.notes == [note]


@pytest.mark.parametrize(
    ("job", "notes", "lacks"),
    [
        ("job-1", [f"{LOST}: found as job-1"], []),
        (
            None,
            [],
            [f"{LOST}: not to be found, and nothing more is paid for"],
        ),
    ],
)  # fmt: skip
def test_what_became_of_a_lost_submit_is_told(
    job: str | None, notes: list[str], lacks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "_listed_job", lambda _: job)
    reasons: list[str] = []
    context: Any = SimpleNamespace(notes=[], lacks=reasons.append)
    assert stage._recover(context) == job
    assert (context.notes, reasons) == (notes, lacks)


def _sighting(job: str | None, prompt: str) -> Sighting:
    facts = {} if job is None else {"job.id": AnswerFact(job, "/id")}
    return Sighting(None, facts=facts, echoes={"/prompt": AnswerFact(prompt, "/prompt")})


def test_a_lost_job_is_the_first_listed_one_that_repeats_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "example", lambda *_: SimpleNamespace(body={"prompt": "a"}))
    answers = {
        "videos": [_sighting("job-1", "b"), _sighting(None, "a")],
        "images": [_sighting("job-2", "a"), _sighting("job-3", "a")],
    }
    target = SimpleNamespace(call=lambda name: SimpleNamespace(sightings=answers[name]))

    def listed(*operations: str) -> str | None:
        context: Any = SimpleNamespace(
            contract=None, models=["m"], target=target, operations=lambda _: operations
        )
        return stage._listed_job(context)

    assert listed("videos", "images") == "job-2"
    assert listed("videos") is None
    assert listed() is None


def test_the_operation_that_is_polled_has_a_word_for_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_templates, "names_of", lambda _, name: {"told": {"job.state"}}.get(name, ()))

    def telling(*reads: str) -> Any:
        history = SimpleNamespace(operations_for=lambda *_: reads)
        context: Any = SimpleNamespace(contract=None, target=SimpleNamespace(history=history))
        return stage._telling(context, "job-1")

    assert telling("silent", "told", "other") == "told"
    assert telling("silent", "other") == "silent"


@pytest.mark.parametrize(
    ("phase", "fetched", "lacks"),
    [
        ("succeeded", ["a", "b"], []),
        ("failed", ["a", "b"], ["job job-1 ended as over, so none of its files was judged"]),
        ("running", ["a", "b"], []),
        (None, [], []),
    ],
)
def test_each_file_is_fetched_once_and_an_end_without_one_is_told(
    phase: str | None, fetched: list[str], lacks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JobStage, "_shown_elsewhere", lambda *_: iter(["b", "a"]))
    reasons: list[str] = []
    calls: list[str] = []
    history = SimpleNamespace(operations_for=lambda *_: ["content"])
    target = SimpleNamespace(
        history=history,
        fetch=calls.append,
        call_about=lambda operation, job: calls.append(f"{operation} {job}"),
    )
    context: Any = SimpleNamespace(target=target, lacks=reasons.append, progress=lambda _: None)
    last: Any = phase and SimpleNamespace(links=("a", "a"), phase=phase, state="over")
    read: Any = None
    JobStage()._judge_files(context, read, "job-1", last)
    assert calls == (fetched and [*fetched, "content job-1"])
    assert reasons == lacks


@pytest.mark.parametrize(
    ("polled", "others", "links"),
    [
        ((), {"result": ("media.video",)}, ["of result"]),
        ((), {"result": ("media.image",), "more": ("media.video",)}, ["of result", "of more"]),
        ((), {"result": ("job.state",)}, []),
        (("media.video",), {"result": ("media.video",)}, []),
    ],
)
def test_links_are_looked_for_elsewhere_where_the_polled_answer_has_no_place_for_one(
    polled: tuple[str, ...],
    others: dict[str, tuple[str, ...]],
    links: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = {"read": frozenset(polled), **{name: frozenset(has) for name, has in others.items()}}
    monkeypatch.setattr(answer_templates, "names_of", lambda _, operation: names[operation])

    def shown(operation: str, _: str) -> Any:
        return SimpleNamespace(sightings=[SimpleNamespace(links=(f"of {operation}",))])

    history = SimpleNamespace(operations_for=lambda *_: list(names))
    context: Any = SimpleNamespace(contract=None, target=SimpleNamespace(history=history, call_about=shown))
    read: Any = "read"
    assert list(JobStage()._shown_elsewhere(context, read, "job-1")) == links
