"""What each name of a template stands for: with a job, with none, and with what the request brought."""

from __future__ import annotations

from random import Random
from typing import Any, Final

import pytest

from mockserver.contract.links import Link, LinkPlace
from mockserver.contract.loader import load_contract
from mockserver.contract.names import NAMES
from mockserver.contract.source import builtin_root
from mockserver.engine.documents.uploads import Upload
from mockserver.engine.message import Request
from mockserver.engine.request_context import Balance, ListPage, RequestContext
from mockserver.engine.view import JobView
from mockserver.jobs.job import Job, Plan, State, Step
from mockserver.media.picture import measure
from tests.comet import COMET
from tests.serving import START

CONTRACT: Final = load_contract(COMET, measure=measure)
KLING: Final = load_contract(builtin_root() / "kkiai", measure=measure)
BASE: Final = "http://mock:1"
STEPS: Final = (
    Step("WAITING", "waiting", 4000), Step("FLYING", "running", 6000), Step("LANDED", "succeeded")
)  # fmt: skip
REQUEST: Final = {"comet": "comet-1", "text": "a kite", "seconds": 3}
JOB: Final = Job(
    "job-1", "0" * 32, "comet", "launch", "comet-1", REQUEST, START, Plan(STEPS), "mine", seconds=3.0
)
LANDED: Final = State("LANDED", "succeeded", START + 10_000)


def context(**more: Any) -> RequestContext:
    request = Request("GET", "/queue/comets/job-1", "version=2", (), b"", BASE)
    made = RequestContext(CONTRACT, CONTRACT.operations["land"], request, START + 12_000, Random(0), "0" * 32)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def view(job: Job | None = JOB, state: State | None = LANDED, **more: Any) -> JobView:
    return JobView(context(**more), job, state)


def shown(of: JobView, *names: str) -> dict[str, Any]:
    return {name: getattr(of, name.replace(".", "_")) for name in names}


OF_THE_JOB: Final = {
    "job.id": "job-1",
    "job.model": "comet-1",
    "job.state": "OVER",
    "job.reason": None,
    "job.alias": "mine",
    "job.created_at": START,
    "job.updated_at": START + 10_000,
    "job.progress": 100,
    "job.queue_position": 0,
    "job.started_at": START + 4000,
    "job.ended_at": START + 10_000,
    "job.run_seconds": 6.0,
    "job.code": None,
    "media.video": f"{BASE}/media/comet/job-1/video.mp4",
    "media.thumbnail": f"{BASE}/media/comet/job-1/thumbnail.jpg",
    "media.watermarked": None,
    "media.image": None,
    "media.watermarked_image": None,
    "media.seconds": 3.0,
    "media.milliseconds": 3000,
    "media.width": 426,
    "media.height": 240,
    "source.id": None,
    "source.video": None,
    "source.seconds": None,
    "image.index": None,
}


def test_each_name_of_a_job_says_what_is_true_of_it() -> None:
    assert shown(view(), *OF_THE_JOB) == OF_THE_JOB
    assert view().job_request == REQUEST
    assert view().job_phase == "succeeded"


def test_every_name_of_a_job_stands_here() -> None:
    of_jobs = {name for name in NAMES if name.startswith(("job.", "media.", "source.", "image."))}
    assert of_jobs == set(OF_THE_JOB)


def test_without_a_job_its_names_are_absent() -> None:
    nothing = view(None, None)

    assert shown(nothing, *OF_THE_JOB) == dict.fromkeys(OF_THE_JOB)
    assert (nothing.job_request, nothing.job_phase) == ({}, "")
    assert nothing.media_seconds_text is None
    assert nothing.each_image(lambda image: image) == []
    assert nothing.named_id("id") is None
    assert nothing.link(Link("land", "url", ("/comets",), ())) is None


OF_THE_REQUEST: Final[dict[str, tuple[dict[str, Any], Any, Any]]] = {
    "now": ({"now": 7}, 7, START + 12_000),
    "error.message": ({"error": "no such comet"}, "no such comet", None),
    "error.status": ({"status": 404}, 404, None),
    "jobs.count": ({"jobs_count": 3}, 3, None),
    "jobs.first": ({"page": ListPage("a", "b", True, "c")}, "a", None),
    "jobs.last": ({"page": ListPage("a", "b", True, "c")}, "b", None),
    "jobs.more": ({"page": ListPage("a", "b", True, "c")}, True, None),
    "jobs.cursor": ({"page": ListPage("a", "b", True, "c")}, "c", None),
    "account.credits": ({"account": Balance(9.0, 2.5)}, 9.0, None),
    "account.left": ({"account": Balance(9.0, 2.5)}, 2.5, None),
    "model.id": ({"model": CONTRACT.models["comet-1"]}, "comet-1", None),
    "model.title": ({"model": CONTRACT.models["comet-1"]}, CONTRACT.models["comet-1"].title, None),
    "model.about": ({"model": CONTRACT.models["comet-1"]._replace(about="fast")}, "fast", None),
    "upload.link": (
        {"upload": Upload("u1", "", "comet", "s3", "image/png", START)}, f"{BASE}/media/uploads/u1", None
    ),
    "upload.target": (
        {"upload": Upload("u1", "", "comet", "s3", "image/png", START)},
        f"{BASE}/media/uploads/u1?signature=s3",
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_THE_REQUEST)
def test_each_name_of_a_request_says_what_it_brought_or_nothing(name: str) -> None:
    brought, value, otherwise = OF_THE_REQUEST[name]

    assert shown(view(**brought), name) == {name: value}
    assert shown(view(), name) == {name: otherwise}


def test_a_model_without_a_text_about_it_has_none() -> None:
    assert view(model=CONTRACT.models["comet-1"]._replace(about="")).model_about is None
    assert view().model_parameters is None
    assert [JobView(context(), None, None, model).model_id for model in CONTRACT.models.values()] == (
        view().models_ids
    )
    assert view().each_model(lambda each: each.model_id) == view().models_ids == [*CONTRACT.models]


def test_a_request_shows_its_path_and_its_tenant() -> None:
    assert (view().request_path, view().request_target) == (
        "/queue/comets/job-1", "/queue/comets/job-1?version=2"
    )  # fmt: skip
    plain = view()
    plain.context.request.query = ""
    assert plain.request_target == "/queue/comets/job-1"
    assert view().tenant_id == "00000000-0000-4000-8000-000000000000"
    assert len(view().request_id) == 36


def test_a_job_is_called_by_each_of_its_ids() -> None:
    assert [view().named_id(name) for name in ("id", "alias")] == ["job-1", "mine"]
    assert view().named_id("film") == CONTRACT.ids["film"].of("job-1")


@pytest.mark.parametrize(
    ("form", "link"),
    [
        ("url", f"{BASE}/queue/comets/job-1"),
        ("path", "/queue/comets/job-1"),
        ("name", "/comets/job-1"),
    ],
)
def test_a_link_is_written_in_its_form(form: str, link: str) -> None:
    parts = ("/comets/", LinkPlace("id", of_the_job=True))

    assert view().link(Link("land", form, parts, ())) == link
    assert view().link(Link("land", form, (LinkPlace("fleet", of_the_job=False),), ())) is None


FILES: Final = (
    "media.video", "media.thumbnail", "media.watermarked", "media.image", "media.watermarked_image"
)  # fmt: skip


@pytest.mark.parametrize(
    ("quirk", "absent"),
    [
        (
            "no-link",
            {"media.video", "media.thumbnail", "media.watermarked", "media.image", "media.watermarked_image"},
        ),
        ("no-thumbnail", {"media.thumbnail"}),
        ("no-reason", {"job.reason"}),
        ("off-contract", set()),
    ],
)
def test_a_quirk_leaves_out_what_it_says(quirk: str, absent: set[str]) -> None:
    request = {"prompt": "a kite", "watermark_info": {"enabled": True}}
    plan = Plan((Step("failed", "failed"),))
    job = JOB._replace(provider="kkiai", operation="submitText2Video", request=request, plan=plan)
    state = State("failed", "failed", START, "too dark")

    def absent_of(quirks: tuple[str, ...]) -> set[str]:
        made = context(contract=KLING)
        bent = JobView(made, job._replace(plan=plan._replace(quirks=quirks)), state, image=0)
        return {name for name, value in shown(bent, *FILES, "job.reason").items() if value is None}

    assert absent_of(()) == set()
    assert absent_of((quirk,)) == absent


def test_the_text_of_a_parameter_is_empty_where_none_is_sent_or_named() -> None:
    made = context(parameters={"query": {"n": 7}, "header": {"n": "x"}})
    places = (("query", "n"), ("header", "n"), ("query", "m"), ("path", "n"), None)
    assert [made.value_at(place) for place in places] == ["7", "x", "", "", ""]


@pytest.mark.parametrize(
    ("operation", "file"), [("submitImages", "image-0.png"), ("submitText2Video", "video.mp4")]
)
def test_a_job_has_a_link_to_what_it_makes_and_to_nothing_else(operation: str, file: str) -> None:
    kling = load_contract(builtin_root() / "kkiai", measure=measure, profile="vendor")
    job = JOB._replace(provider="kkiai", operation=operation, request={"prompt": "a kite"})

    links = shown(JobView(context(contract=kling), job, LANDED), "media.video", "media.image")

    assert [link for link in links.values() if link] == [f"{BASE}/media/kkiai/job-1/{file}"]
