"""Which operations of a document are taken for those of a job, how surely, and the reasons that are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from mockserver.errors import KitError
from mockserver.kit.draft.roles import _read, _submit, guess_roles
from tests.kit.draft.small import CLIP, ID, JOB, answering, described, query, sending


def sentences(paths: Mapping[str, Any], *wanted: str) -> list[str]:
    return [guess.sentence() for guess in guess_roles(described(paths), wanted)]


def refused(paths: Mapping[str, Any], *wanted: str) -> str:
    with pytest.raises(KitError) as raised:
        guess_roles(described(paths), wanted)
    return str(raised.value)


WHOLE: Final[dict[str, Any]] = {
    "/clips": {
        "post": answering({"properties": {"id": ID, "url": {}}}, **sending({"properties": {"prompt": ID}})),
        "get": answering({"properties": {"data": {"type": "array", "items": JOB}}}),
    },
    CLIP: {"get": answering(JOB), "delete": answering()},
    f"{CLIP}/abort": {"post": answering(JOB)},
    f"{CLIP}/stop": {"post": answering(JOB)},
    f"{CLIP}/extend": {"post": answering(JOB)},
    f"{CLIP}/download": {"get": answering({}, "video/mp4")},
    f"{CLIP}/result": {"get": answering(JOB)},
    f"{CLIP}/output": {"get": answering(JOB)},
    f"{CLIP}/frames": {"get": answering(JOB)},
    f"{CLIP}/frames/{{number}}": {"get": answering(JOB)},
    "/account": {"get": answering(JOB)},
}


def test_each_operation_of_a_job_has_its_role_and_its_reason() -> None:
    assert sentences(WHOLE) == [
        "submit: POST /clips: `GET /clips/{id}` reads below it; its answer has an id, `id`;"
        " its body has what a clip is made of",
        "read: GET /clips/{id}: its path is the submit's and one place; its answer has `status`",
        "list: GET /clips: its path is the read's without the place, and `data` is a list",
        "delete: DELETE /clips/{id}: DELETE on the read's path",
        "cancel: POST /clips/{id}/abort: its path is the read's and `abort`",
        "content: GET /clips/{id}/download: its path is the read's and `download`; it sends video/mp4",
        "read: GET /clips/{id}/result: its path is the read's and `result`",
        "read: GET /clips/{id}/output: its path is the read's and `output`",
    ]


def test_a_job_may_be_read_by_a_parameter_of_the_query() -> None:
    paths = {
        "/make": {"post": answering(JOB, summary="Makes a video")},
        "/query": {"get": answering(JOB, **query("clip_id"))},
        "/query/cancel": {"post": answering(JOB, **query("clip_id"))},
    }
    assert sentences(paths) == [
        "submit: POST /make: its answer has an id, `id`; it answers what the read answers;"
        " it speaks of videos",
        "read: GET /query: a parameter of its query, `clip_id`, is called an id; its answer has `status`",
    ]


def test_a_read_elsewhere_ends_with_the_place_of_the_id() -> None:
    paths = {"/make": {"post": answering(JOB)}, "/u/{user}/clips/{clip}": {"get": answering(JOB)}}
    (read,) = [line for line in sentences(paths) if line.startswith("read: ")]
    assert read.startswith("read: GET /u/{user}/clips/{clip}: its path ends with the place {clip}; ")


def test_a_list_may_be_the_whole_answer() -> None:
    clips = {"post": answering(JOB), "get": answering({"type": "array", "items": JOB})}
    paths = {"/clips": clips, CLIP: WHOLE[CLIP]}
    assert (
        "list: GET /clips: its path is the read's without the place, and its answer is a list"
        in sentences(paths)
    )


@pytest.mark.parametrize(
    ("path", "operation", "points"),
    [
        (CLIP, answering(JOB), 3 + 2),
        (CLIP, answering({"properties": {"status": ID}}), 3),
        (CLIP, answering({"properties": {"status": {"enum": ["queued", "done", "ok", "new", "dead"]}}}), 7),
        (CLIP, answering({"properties": {"done": {"type": "boolean"}}}), 4),
        (CLIP, answering({"properties": {"id": ID}}), -4),
        (CLIP, answering(JOB, summary="Reads a task"), 3 + 2 + 1),
        (CLIP, answering(JOB, summary="Reads a render job of videos"), 3 + 2 + 1 + 1 + 3),
        ("/a/{user}/{id}", answering(JOB), 3 + 2 - 1),
        (f"{CLIP}/status", answering(JOB), 3 + 2),
        (f"{CLIP}/frames", answering(JOB), None),
        ("/clips", answering(JOB), None),
        ("/clip", answering(JOB, **query("uuid")), 3 + 2),
        ("/clip", answering(JOB, **query("name")), None),
        ("/clips", answering({"type": "array", "items": JOB}, **query("id")), None),
        (CLIP, answering({"type": "array", "items": JOB}), -4),
        (CLIP, answering(), None),
    ],
)
def test_how_much_a_get_looks_like_the_read_of_a_job(
    path: str, operation: dict[str, Any], points: int | None
) -> None:
    description = described({path: {"get": operation}})
    read = _read(description, description.operations[0])
    assert (read and read.points) == points
    posted = described({path: {"post": operation}})
    assert _read(posted, posted.operations[0]) is None


@pytest.mark.parametrize(
    ("path", "operation", "points"),
    [
        ("/make", answering({"properties": {"id": ID}}), 0),
        ("/clips", answering({"properties": {"id": ID}}), 4),
        ("/clips/new", answering({"properties": {"id": ID}}), 2),
        ("/clips2", answering({"properties": {"id": ID}}), 0),
        ("/make", answering(JOB), 3),
        ("/make", answering({"properties": {"id": ID, "status": {}, "x": {}}}), 2),
        ("/make", answering({"properties": {"id": ID, "status": {}, "x": {}, "y": {}}}), 0),
        ("/make", answering({"properties": {"id": ID}}, **sending({"properties": {"prompt": ID}})), 2),
        ("/make", answering({"properties": {"id": ID}}, **sending({"properties": {"image": ID}})), 2),
        ("/make", answering({"properties": {"id": ID}}, **sending({"properties": {"model": ID}})), 1),
        ("/make", answering({"properties": {"id": ID}}, **sending({"properties": {"size": ID}})), 0),
        ("/make", answering({"properties": {"id": ID}}, summary="Makes a video"), 2),
        ("/upload", answering({"properties": {"id": ID}}), -3),
        ("/Search/upload", answering({"properties": {"id": ID}}), -3),
        ("/make", answering({"properties": {"strange": ID}}), None),
        ("/make", answering(), None),
        (f"{CLIP}/extend", answering(JOB), None),
        ("/tasks", answering(JOB), None),
    ],
)
def test_how_much_a_post_looks_like_the_submit_of_a_job(
    path: str, operation: dict[str, Any], points: int | None
) -> None:
    for method, expected in (("post", points), ("put", points), ("patch", None)):
        paths = {
            CLIP: {"get": answering(JOB)},
            "/tasks/{id}": {"get": answering(JOB)},
            path: {method: operation},
        }
        description = described(paths)
        reads = [read for each in description.operations[:2] if (read := _read(description, each))]
        submit = _submit(description, description.operations[2], reads[0], reads)
        assert (submit and submit.points) == expected


@pytest.mark.parametrize(("summary", "count"), [("", 2), ("Makes a video", 1)])
def test_submits_that_look_as_much_alike_stand_beside_each_other(summary: str, count: int) -> None:
    paths = {
        CLIP: {"get": answering(JOB)},
        "/first": {"post": answering(JOB, summary=summary, **sending({"properties": {"model": ID}}))},
        "/second": {"post": answering(JOB)},
    }
    assert [guess.operation.path for guess in guess_roles(described(paths)) if guess.role == "submit"] == [
        "/first", "/second",
    ][:count]  # fmt: skip


def test_submits_can_be_named_by_path_or_id() -> None:
    paths = {
        CLIP: {"get": answering(JOB, operationId="getClip")},
        "/first": {"post": answering(JOB, summary="Makes a video", operationId="first")},
        "/second": {"post": answering(JOB)},
        "/third": {"post": answering(JOB)},
    }
    for wanted in (["/second", "first"], ["first", "/second"]):
        roles = guess_roles(described(paths), wanted)
        assert [guess.operation.path for guess in roles] == ["/first", "/second", CLIP]
    assert refused(paths, "first", "getClip") == (
        "--submit getClip: no operation has this id or path; POST there is: /first, /second, /third"
    )


@pytest.mark.parametrize(("summary", "is_enough"), [("", False), ("Makes a video", True)])
def test_below_five_points_nothing_is_guessed(summary: str, is_enough: bool) -> None:
    paths = {
        CLIP: {"get": answering({"properties": {"status": ID, "clip": ID}})},
        "/make": {"post": answering({"properties": {"id": ID}}, summary=summary)},
    }
    if is_enough:
        assert len(sentences(paths)) == 2
    else:
        assert refused(paths) == (
            "no operation looks like a submit: a POST whose answer has the id that a GET reads; "
            "name it with --submit; POST there is: /make"
        )
