"""The template of an answer, as it is written from the schemas of a document."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mockserver.kit.draft.answers import AnswerWriter, Constant, Written, refusal
from mockserver.kit.draft.facts import Facts, SentField
from mockserver.kit.draft.phases import LEFT_OUT, merged
from tests.kit.draft.small import described

TEXT: Final = {"type": "string"}
NULLABLE: Final = {"type": ["string", "null"]}
STATES: Final = {"queued": "waiting", "done": "succeeded", "bad": "failed"}
SENT: Final = {"prompt": SentField("/prompt", frozenset({"string"}), frozenset(), is_required=False)}
PROMPT: Final = {"$": "job.request#/prompt"}
VIDEO: Final = {"$": "media.video"}
ID: Final = {"$": "job.id"}


def written(schema: Any, *, lists: bool = False) -> Written:
    facts = Facts("id", STATES, "iso8601", SENT, {"read": "getClip"})
    return AnswerWriter(described({}), facts).write(schema, lists=lists)


def of(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def when(part: Any, *phases: str, otherwise: Any = LEFT_OUT) -> dict[str, Any]:
    rest = {} if otherwise is LEFT_OUT else {"$else": otherwise}
    return {"$when": list(phases), "$then": part, **rest}


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        (of({"id": TEXT}), {"id": ID}),
        (of({"strange": TEXT}), {}),
        (of({"strange": NULLABLE}, "strange"), {"strange": None}),
        (of({"prompt": TEXT}), {"prompt": PROMPT}),
        (of({"prompt": TEXT}, "prompt"), {"prompt": {**PROMPT, "$default": "sample"}}),
        (of({"prompt": NULLABLE}, "prompt"), {"prompt": {**PROMPT, "$default": None}}),
        (of({"video_url": TEXT}), {"video_url": when(VIDEO, "succeeded")}),
        (of({"video_url": NULLABLE}, "video_url"), {"video_url": when(VIDEO, "succeeded", otherwise=None)}),
        (of({"output": of({"url": TEXT})}), {"output": when({"url": VIDEO}, "succeeded")}),
        (of({"data": of({"strange": TEXT})}), {}),
        (of({"data": of({"strange": TEXT})}, "data"), {"data": {}}),
        (of({"data": of({"id": TEXT})}), {"data": {"id": ID}}),
        (of({"data": of({"status": TEXT})}), {"data": {"status": {"$": "job.state"}}}),
        (
            of({"data": of({"status": TEXT, "video_url": TEXT})}),
            {"data": {"status": {"$": "job.state"}, "video_url": when(VIDEO, "succeeded")}},
        ),
        (
            of({"data": of({"video_url": TEXT, "created": TEXT})}),
            {"data": when({"video_url": VIDEO, "created": {"$": "job.created_at"}}, "succeeded")},
        ),
        (of({"videos": {"type": "array", "items": TEXT}}), {"videos": when([VIDEO], "succeeded")}),
        (of({"tags": {"type": "array", "items": TEXT}}), {}),
        (of({"tags": {"type": "array"}}), {}),
        (of({}, "status", "strange"), {"status": {"$": "job.state"}, "strange": "sample"}),
        (TEXT, None),
        ({"type": "array", "items": of({"id": TEXT})}, []),
    ],
)
def test_a_field_shows_what_its_name_says_of_the_job(schema: Any, body: Any) -> None:
    assert written(schema).body == body


def test_each_phase_has_the_form_whose_status_it_has() -> None:
    forms = [of({"status": {"const": word}, **({"url": TEXT} if word == "done" else {})}) for word in STATES]
    assert written({"oneOf": [{"type": "null"}, *forms]}).body == {
        "status": {"$": "job.state"}, "url": when(VIDEO, "succeeded"),
    }  # fmt: skip


def test_what_must_stand_and_is_no_fact_is_a_constant() -> None:
    one_of_one = {"enum": ["clip"]}
    parts = {
        "id": TEXT,
        "kind": one_of_one,
        "mode": {"enum": ["a", "b"]},
        "type": {"const": "x"},
        "n": {"const": 1},
    }
    schema = of(
        {**parts, "data": of({"unit": {"enum": ["s", "ms"]}}, "unit"), "maybe": TEXT},
        "id",
        "kind",
        "mode",
        "type",
        "data",
    )
    assert written(schema) == (
        {"id": ID, "kind": "clip", "mode": "a", "type": "x", "data": {"unit": "s"}},
        [Constant(("mode",), "a"), Constant(("data", "unit"), "s")],
    )  # fmt: skip


def test_a_constant_that_no_template_has_is_not_named() -> None:
    late = of({"data": of({"video_url": TEXT, "unit": {"enum": ["s", "ms"]}}, "unit")})
    assert written(late) == (
        {"data": when({"video_url": VIDEO, "unit": "s"}, "succeeded")}, [Constant(("data", "unit"), "s")],
    )  # fmt: skip
    never = of({"data": of({"prompt": TEXT, "unit": {"enum": ["s", "ms"]}}, "unit")})
    assert written(never) == ({}, [])


def test_the_jobs_of_a_list_are_shown_one_by_one_with_what_stands_beside_them() -> None:
    job = of({"id": TEXT, "status": TEXT, "total": {"type": "integer"}})
    shown = {"$each": "jobs", "$do": {"id": ID, "status": {"$": "job.state"}}}
    page = of({"total": {"type": "integer"}, "id": TEXT, "data": {"type": "array", "items": job}}, "total")
    assert written(page, lists=True).body == {"total": {"$": "jobs.count"}, "data": shown}
    assert written({"type": "array", "items": job}, lists=True).body == shown
    assert written(page).body == {"total": 0, "id": ID, "data": [shown["$do"]]}


@pytest.mark.parametrize(
    ("by_phase", "template"),
    [
        ({"waiting": 1, "running": 1}, 1),
        ({"waiting": LEFT_OUT, "running": LEFT_OUT}, LEFT_OUT),
        ({"waiting": LEFT_OUT, "running": 1}, when(1, "running")),
        ({"waiting": 1, "running": 2, "failed": 2}, when(1, "waiting", otherwise=2)),
        ({"waiting": 1, "running": 2, "failed": LEFT_OUT}, when(1, "waiting", otherwise=when(2, "running"))),
        (
            {"waiting": 1, "running": 2, "succeeded": 3, "failed": 3},
            when(1, "waiting", otherwise=when(2, "running", otherwise=3)),
        ),
        ({"waiting": {"a": 1}, "running": {"a": 1, "b": 2}}, {"a": 1, "b": when(2, "running")}),
        ({"waiting": {"a": 1}, "running": {"a": 2}, "failed": LEFT_OUT},
         when({"a": when(1, "waiting", otherwise=2)}, "waiting", "running")),
        ({"waiting": {"a": 1}, "running": {"$": "job.id"}}, when({"a": 1}, "waiting", otherwise=ID)),
        ({"waiting": {}, "running": [1]}, when({}, "waiting", otherwise=[1])),
    ],
)  # fmt: skip
def test_phases_are_joined_to_one_template(by_phase: dict[str, Any], template: Any) -> None:
    assert merged(by_phase) == template


def message(schema: Any) -> Any:
    return refusal(described({}), schema)


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        (of({"message": TEXT}), {"message": {"$": "error.message"}}),
        (of({"message": {}}), {"message": {"$": "error.message"}}),
        (of({"message": {"type": "integer"}}), {}),
        (of({"message": {"enum": ["no"]}}), {}),
        (of({"message": {"enum": ["no"]}}, "message"), {"message": "no"}),
        (of({"code": {"type": "integer"}}), {"code": {"$": "error.status"}}),
        (of({"code": TEXT}), {}),
        (of({"strange": TEXT}), {}),
        (of({"strange": {"const": 7}}, "strange"), {"strange": 7}),
        (of({"param": TEXT}), {"param": {"$": "error.field"}}),
        (of({"param": {"type": "integer"}}), {}),
        (of({"param": {"const": "a"}}, "param"), {"param": "a"}),
        (of({"param": TEXT}, "param"), {"param": {"$": "error.field", "$default": "sample"}}),
        (of({"loc": {"type": "array", "items": TEXT}}), {"loc": {"$": "error.field", "$as": "loc"}}),
        (of({"path": {"type": "array", "items": TEXT}}), {"path": {"$": "error.field", "$as": "steps"}}),
        (of({"path": {"type": "array", "items": of({})}}), {}),
        (of({"path": {"type": "array", "items": of({})}}, "path"), {"path": []}),
        (of({"error": of({"message": TEXT})}), {"error": {"message": {"$": "error.message"}}}),
        (of({"error": of({"strange": TEXT})}), {}),
        (of({"error": of({"strange": TEXT})}, "error"), {"error": {}}),
        (
            of({"errors": {"type": "array", "items": of({"msg": TEXT})}}),
            {"errors": [{"msg": {"$": "error.message"}}]},
        ),
        (of({"error": {"anyOf": [{"type": "null"}, TEXT]}}), {"error": {"$": "error.message"}}),
        ({"type": "array", "items": of({"msg": TEXT})}, [{"msg": {"$": "error.message"}}]),
        (TEXT, {}),
        ({"type": "null"}, {}),
    ],
)
def test_a_refusal_has_its_message_its_status_and_its_field(schema: Any, body: Any) -> None:
    assert message(schema) == body
