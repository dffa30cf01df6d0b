"""A submit may be a form beside JSON: what it stands for is judged, stored and shown as JSON would be."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.engine.forms import read_form
from mockserver.engine.refusals.refusal import Refusal
from mockserver.jobs.ids import tenant_of
from mockserver.media.sample import sample_picture
from tests.comet import changed_comet
from tests.serving import KEY, Running

FIELDS: dict[str, dict[str, Any]] = {
    "seconds": {"type": "integer"},
    "loud": {"type": "boolean"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "camera": {"type": "object", "properties": {"zoom": {"type": "number"}}},
}
PICTURE = {
    "description": "First frame.",
    "type": "string",
    "x-image": {"forms": ["data-uri"], "types": ["png"]},
}


def _folder(tmp_path: Path) -> Path:
    """The comet provider, which takes forms with a picture as well."""

    def add_forms(document: dict[str, Any]) -> None:
        content = document["paths"]["/comets"]["post"]["requestBody"]["content"]
        for media_type in ("multipart/form-data", "application/x-www-form-urlencoded"):
            content[media_type] = {"schema": content["application/json"]["schema"]}

    folder = changed_comet(tmp_path, add_forms)
    schema = json.loads((folder / "schemas" / "launch.json").read_text())
    more: dict[str, dict[str, Any]] = {
        "picture": PICTURE,
        "loops": {"description": "How often.", "type": "integer"},
    }
    for name, field in more.items():
        schema["properties"][name] = {**field, "x-provenance": "ASSUMED invented field"}
    (folder / "schemas" / "launch.json").write_text(json.dumps(schema))
    return folder


@pytest.fixture
def served(running: Callable[..., Running], tmp_path: Path) -> Running:
    return running(contracts=(_folder(tmp_path),), small_clips=True)


def _stored(served: Running, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    job = asyncio.run(served.store.get(tenant_of(KEY), "comet", answer.json()["id"]))
    assert job is not None
    return job.request


def test_a_form_with_a_file_is_stored_as_the_object_that_it_stands_for(served: Running) -> None:
    picture = sample_picture(64, 64)
    with served.client() as client:
        answer = client.post(
            "/queue/comets",
            data={"text": "a kite", "seconds": "3"},
            files={"picture": ("a.png", picture, "image/png")},
        )

    uri = f"data:image/png;base64,{b64encode(picture).decode()}"
    assert _stored(served, answer) == {"text": "a kite", "seconds": "3", "picture": uri}


def test_a_field_of_a_form_is_of_the_type_that_the_contract_gives_it(served: Running) -> None:
    sent = {"text": "a kite", "loops": "3"}
    with served.client() as client:
        stored = _stored(served, client.post("/queue/comets", data=sent))
        as_json = client.post("/queue/comets", json=sent)

    assert stored == {"text": "a kite", "loops": 3}
    assert as_json.status_code == 422


def test_a_large_file_is_stored_whole(served: Running) -> None:
    picture = sample_picture(64, 64) + bytes(300_000)
    with served.client() as client:
        files = {"picture": ("a.png", picture, "image/png")}
        answer = client.post("/queue/comets", data={"text": "a kite"}, files=files)

    assert _stored(served, answer)["picture"].endswith(b64encode(picture).decode()[-100:])


def test_a_form_without_files_will_do(served: Running) -> None:
    with served.client() as client:
        assert _stored(served, client.post("/queue/comets", data={"text": "a kite"})) == {"text": "a kite"}
        multipart = client.post("/queue/comets", files={"text": (None, "a kite")})
        assert _stored(served, multipart) == {"text": "a kite"}


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"data": {"text": "a kite", "seconds": "99"}}, 422, "seconds"),
        (
            {"files": {"picture": ("a.jpg", b"no picture", "image/jpeg")}, "data": {"text": "a"}},
            422,
            "picture",
        ),
        ({"files": [("text", (None, "a")), ("text", (None, "b"))]}, 422, "text more than once"),
        ({"content": b"--x\r\n", "headers": {"content-type": "multipart/form-data"}}, 422, "no boundary"),
        (
            {"content": b"--x\r\n", "headers": {"content-type": "multipart/form-data; boundary=x"}},
            422,
            "ends before its last boundary",
        ),
        (
            {
                "content": b"--x\r\n",
                "headers": {"content-type": f"multipart/form-data; boundary={'x' * 300}"},
            },
            422,
            "Boundary length 300",
        ),
        ({"content": b"<a/>", "headers": {"content-type": "text/xml"}}, 415, "or multipart/form-data"),
    ],
)
def test_a_wrong_form_gets_the_provider_s_refusal(
    served: Running, sent: dict[str, Any], status: int, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with served.client() as client:
        answer = client.post("/queue/comets", **sent)

    assert answer.status_code == status
    assert words in answer.json()["refused"]
    assert capfd.readouterr().err == ""


def test_a_form_with_a_file_too_large_gets_the_provider_s_refusal(
    running: Callable[..., Running], tmp_path: Path
) -> None:
    served = running(contracts=(_folder(tmp_path),), max_body=10_000)
    with served.client() as client:
        files = {"picture": ("a.png", sample_picture(64, 64) + bytes(20_000), "image/png")}
        answer = client.post("/queue/comets", data={"text": "a kite"}, files=files)

    assert answer.status_code == 413
    assert "larger than the 10000 bytes" in answer.json()["refused"]


@pytest.mark.parametrize(
    ("form", "body"),
    [
        (b"seconds=5&loud=true", {"seconds": 5, "loud": True}),
        (b"seconds=five", {"seconds": "five"}),
        (b"tags=a&tags=b", {"tags": ["a", "b"]}),
        (b"tags[]=a&tags[]=b", {"tags": ["a", "b"]}),
        (b'tags=["a","b"]', {"tags": ["a", "b"]}),
        (b"camera[zoom]=1.5", {"camera": {"zoom": 1.5}}),
        (b'camera={"zoom": 2}', {"camera": {"zoom": 2}}),
        (b"unknown=1", {"unknown": "1"}),
        (b"", {}),
    ],
)
def test_texts_become_what_the_schema_says(form: bytes, body: dict[str, Any]) -> None:
    assert read_form(form, "application/x-www-form-urlencoded", FIELDS) == body


@pytest.mark.parametrize(
    "form",
    [
        b"seconds=1&seconds=2",
        b"camera=x&camera[zoom]=1",
        b"camera[zoom]=1&camera[zoom]=2",
        b"camera[zoom]=1&camera[]=2",
        b"seconds=1&seconds[]=2",
    ],
)
def test_a_field_that_is_no_list_stands_once(form: bytes) -> None:
    with pytest.raises(Refusal, match="more than once"):
        read_form(form, "application/x-www-form-urlencoded", FIELDS)


@pytest.mark.parametrize("name", [b"text", b"\xff"])
def test_a_field_is_unicode_text(name: bytes) -> None:
    part = b'--x\r\ncontent-disposition: form-data; name="%s"\r\n\r\n\xff\r\n--x--\r\n' % name
    with pytest.raises(Refusal, match="a field of the form is no UTF-8 text"):
        read_form(part, "multipart/form-data; boundary=x", FIELDS)


def test_fields_are_bounded() -> None:
    with pytest.raises(Refusal, match="more than 500"):
        read_form(b"&".join([b"a=1"] * 501), "application/x-www-form-urlencoded", FIELDS)
    part = b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n'
    with pytest.raises(Refusal, match="more than 500"):
        read_form(part * 501 + b"--x--\r\n", "multipart/form-data; boundary=x", FIELDS)
