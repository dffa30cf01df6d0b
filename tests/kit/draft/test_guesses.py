"""What the draft takes the words and shapes of a document for: ids, states and schemas of older dialects."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.kit.draft.description import Description, _joined
from mockserver.kit.draft.dialect import modern
from mockserver.kit.draft.document import Origin
from mockserver.kit.draft.finder import FoundField
from mockserver.kit.draft.identity import guess_id
from mockserver.kit.draft.operations import OperationWriter
from mockserver.kit.draft.recording import _template
from mockserver.kit.draft.states import GuessedState, guess_states, successors
from mockserver.kit.draft.submits import _models
from mockserver.kit.draft.vocabulary import phase_of

SHOWN = {"content": {"application/json": {"schema": {"type": "object", "properties": {"id": {}}}}}}
NOTHING = Description(Origin({}, "DOCUMENTED", "a document", old=False))


@pytest.mark.parametrize(
    ("schema", "kind", "length", "prefix", "is_sure"),
    [
        ({"format": "uuid"}, "uuid", 0, "", True),
        ({"examples": ["3F2B6C1E-8a4d-4b7e-9c05-d1e2f3a4b5c6"]}, "uuid", 0, "", True),
        ({"pattern": "^[0-9]{12}$"}, "digits", 12, "", True),
        ({"pattern": "^[0-9a-f-]{36}$"}, "uuid", 36, "", True),
        ({"pattern": "^[a-z][a-z0-9]{7}$"}, "base36", 8, "", True),
        ({"pattern": "^[A-Za-z0-9]+$"}, "digits", 21, "", True),
        ({"pattern": "^task_[A-Za-z0-9]{20}$"}, "token", 20, "task_", True),
        ({"pattern": "^task-[A-Za-z0-9]+$"}, "token", 21, "task-", True),
        ({"pattern": "^!$"}, "token", 21, "", False),
        ({"examples": ["123456789012"]}, "digits", 12, "", True),
        ({"examples": ["1"]}, "digits", 8, "", True),
        ({"examples": ["1" * 70]}, "digits", 64, "", True),
        ({"examples": ["video_abc"]}, "token", 16, "video_", True),
        ({"examples": ["gen-" + "a" * 22]}, "token", 22, "gen-", True),
        ({"examples": ["a1b2c3d4e5"]}, "base36", 10, "", True),
        ({"examples": ["A1b2c3d4e5"]}, "token", 10, "", True),
        ({"examples": ["..."]}, "token", 21, "", False),
        ({"examples": ["...", "123456789"]}, "digits", 9, "", True),
        ({}, "token", 21, "", False),
    ],
)
def test_an_id_has_the_shape_that_the_document_shows(
    schema: dict[str, Any], kind: str, length: int, prefix: str, is_sure: bool
) -> None:
    guess = guess_id(NOTHING, {"type": "string", **schema})
    assert guess == (kind, length, prefix, is_sure)
    written = {"kind": kind, "length": length, "prefix": prefix}
    left_out = {"length"} if kind == "uuid" else set()
    assert guess.node() == {name: value for name, value in written.items() if value and name not in left_out}


def _states(*words: str) -> list[GuessedState]:
    return guess_states(NOTHING, [{"properties": {"status": {"enum": list(words)}}}])


@pytest.mark.parametrize(
    ("words", "states"),
    [
        (
            ("failed", "done", "running", "queued", "created"),
            "created waiting, queued waiting, running running, done succeeded, failed failed",
        ),
        (("DONE",), "DONE succeeded, QUEUED waiting, PROCESSING running, FAILED failed"),
        (("Busy", "done", "error"), "Busy running, done succeeded, error failed"),
        (("queued", "canceled"), "queued waiting, canceled cancelled, completed succeeded, failed failed"),
        ((), "queued waiting, processing running, completed succeeded, failed failed"),
    ],
)
def test_states_are_in_the_order_of_a_jobs_life_and_lack_no_end(words: tuple[str, ...], states: str) -> None:
    guesses = _states(*words)
    assert ", ".join(f"{state.word} {state.phase}" for state in guesses) == states
    assert [state.is_listed for state in guesses] == [state.word in words for state in guesses]
    sure = [state.word in words and state.word != "Busy" for state in guesses]
    assert [state.is_sure for state in guesses] == sure


def test_states_are_read_from_a_text_that_has_words_of_three_phases() -> None:
    def words(text: str) -> list[str]:
        answer = {"properties": {"status": {"type": "string", "description": text}}}
        return [state.word for state in guess_states(NOTHING, [answer])]

    assert words("One of pending, done or error.") == ["pending", "done", "error"]
    assert words("It is pending until it is done.") == ["queued", "processing", "completed", "failed"]


@pytest.mark.parametrize(
    ("words", "following"),
    [
        (
            ("queued", "processing", "done", "failed", "canceled"),
            {
                "queued": ["processing", "failed", "canceled"],
                "processing": ["done", "failed", "canceled"],
                "done": [],
                "failed": [],
                "canceled": [],
            },
        ),
        (
            ("queued", "paused", "running", "done", "failed"),
            {
                "queued": ["running", "failed", "paused"],
                "paused": ["running", "failed"],
                "running": ["done", "failed"],
                "done": [],
                "failed": [],
            },
        ),
        (
            ("queued", "throttled", "done", "failed"),
            {
                "queued": ["done", "failed", "throttled"],
                "throttled": ["queued", "failed"],
                "done": [],
                "failed": [],
            },
        ),
        (("paused", "done", "failed"), {"paused": ["done", "failed"], "done": [], "failed": []}),
    ],
)
def test_a_job_goes_through_its_states_and_most_jobs_not_through_those_aside(
    words: tuple[str, ...], following: dict[str, list[str]]
) -> None:
    assert successors(_states(*words)) == following


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (True, True),
        ("a text", {}),
        ({"x-order": 1, "readOnly": True, "maxLenght": 3}, {}),
        ({"type": "any"}, {}),
        ({"type": ["string", "file"]}, {"type": "string"}),
        ({"type": ["string", "integer", "string"]}, {"type": ["string", "integer"]}),
        (
            {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
            {"type": "integer", "exclusiveMinimum": 0},
        ),
        ({"type": "number", "maximum": 1, "exclusiveMaximum": False}, {"type": "number", "maximum": 1}),
        ({"exclusiveMinimum": True}, {}),
        ({"minimum": True, "maximum": "3", "multipleOf": 0.5}, {"multipleOf": 0.5}),
        ({"minLength": 0, "maxLength": -1, "minItems": 1.5, "maxItems": True}, {"minLength": 0}),
        ({"type": "integer", "maxLength": 3, "maximum": 3}, {"type": "integer", "maximum": 3}),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": ["string", "null"], "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        (
            {"type": "string", "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        (
            {"type": "string", "enum": ["a", None], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        ({"const": 1, "nullable": True}, {"anyOf": [{"const": 1}, {"type": "null"}]}),
        ({"nullable": True}, {"anyOf": [{}, {"type": "null"}]}),
        ({"enum": ["a", "b", "a"]}, {"enum": ["a", "b"]}),
        ({"enum": []}, {}),
        ({"enum": "a"}, {}),
        ({"required": ["a", 1, "a", "b"]}, {"required": ["a", "b"]}),
        (
            {"properties": {"a": True}, "required": ["a", "b"], "additionalProperties": False},
            {"properties": {"a": True}, "required": ["a"], "additionalProperties": False},
        ),
        (
            {"patternProperties": {"b": True}, "required": ["b"], "additionalProperties": False},
            {"patternProperties": {"b": True}, "required": ["b"], "additionalProperties": False},
        ),
        ({"pattern": "["}, {}),
        ({"pattern": 3}, {}),
        ({"pattern": "^a"}, {"pattern": "^a"}),
        ({"description": 3}, {}),
        ({"allOf": []}, {}),
        ({"anyOf": [{"nullable": True, "type": "string"}]}, {"anyOf": [{"type": ["string", "null"]}]}),
        ({"items": [{"type": "string"}]}, {"prefixItems": [{"type": "string"}]}),
        ({"items": [True], "additionalItems": False}, {"prefixItems": [True], "items": False}),
        ({"definitions": {"A": {"id": "A"}}}, {"$defs": {"A": {}}}),
        ({"$ref": "#/definitions/A", "nullable": True}, {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}),
        ({"example": 1, "examples": [2]}, {"examples": [1, 2]}),
        ({"examples": {"first": {"summary": "One", "value": 3}}}, {"examples": [3]}),
        ({"examples": [{"value": 3, "unit": "s"}]}, {"examples": [{"value": 3, "unit": "s"}]}),
    ],
)
def test_a_schema_is_put_into_todays_words(before: Any, after: Any) -> None:
    assert modern(before, old=False) == after


def test_in_an_old_dialect_a_reference_stands_alone() -> None:
    schema = {"$ref": "#/components/schemas/A", "description": "An A.", "type": "object"}
    assert modern(schema, old=True) == {"$ref": "#/components/schemas/A", "description": "An A."}
    assert modern({"properties": {"a": schema}}, old=True)["properties"]["a"].keys() == {
        "$ref",
        "description",
    }
    assert modern(schema, old=False) == schema


@pytest.mark.parametrize(("count", "end"), [(0, None), (8, "field7"), (9, "field7 and 1 more")])
def test_of_constants_eight_are_named(count: int, end: str | None) -> None:
    writer: Any = SimpleNamespace(todos=[])
    OperationWriter._note_constants(writer, [f"field{number}" for number in range(count)], ("paths",))
    assert [todo.text.rpartition(", ")[2] for todo in writer.todos] == ([] if end is None else [end])


def test_models_are_the_texts_that_a_field_lists_or_shows() -> None:
    field = FoundField(("model",), {"enum": ["a", 1, "", "b"], "examples": ["c", None]})
    schema = {"examples": [{"model": "d"}, {"model": 3}, {}]}
    assert _models(NOTHING, schema, field) == ["a", "b", "c", "d"]
    assert _models(NOTHING, schema, None) == []


@pytest.mark.parametrize(
    ("responses", "status", "known"),
    [
        ({}, "200", False),
        ({"202": {}}, "202", False),
        ({"200": {}, "202": {}}, "200", False),
        ({"200": {}, "202": SHOWN}, "202", True),
        ({"200": SHOWN, "202": SHOWN}, "200", True),
        ({"2XX": SHOWN, "400": {}}, "200", True),
        ({"400": SHOWN}, "200", False),
    ],
)
def test_the_good_answer_is_the_first_that_has_a_schema(
    responses: dict[str, Any], status: str, known: bool
) -> None:
    answer = NOTHING._answers(responses)
    assert (answer[0], answer[1] is not None) == (status, known)
    assert list(answer[3]) == [name for name in responses if name == "400" and responses[name]]


def test_what_a_read_does_not_answer_is_not_called_back() -> None:
    writer: Any = None
    read: Any = SimpleNamespace(answer=None)
    assert OperationWriter.callback(writer, "/callback", read, ()) == {}


def test_what_only_a_request_knows_is_not_called_back() -> None:
    answers = SimpleNamespace(write=lambda _: SimpleNamespace(body={"id": {"$": "request.header#/x"}}))
    writer: Any = SimpleNamespace(_answers=answers, todos=[])
    read: Any = SimpleNamespace(answer={})
    assert OperationWriter.callback(writer, "/callback", read, ("paths",)) == {}
    assert [todo.text for todo in writer.todos] == [
        "the body names where to call back; say what is sent there"
    ]


def test_what_two_schemas_say_of_a_field_holds_together() -> None:
    form = {"properties": {"a": {"type": "string"}, "b": True}, "required": ["a"], "title": "One"}
    other = {"properties": {"a": {"minLength": 1}, "c": True}, "required": ["c", "a"], "title": "Other"}
    assert _joined(form, other) == {
        "properties": {"a": {"allOf": [{"type": "string"}, {"minLength": 1}]}, "b": True, "c": True},
        "required": ["a", "c"],
        "title": "One",
    }
    assert _joined({"type": "string"}, {}) == {"type": "string"}


@pytest.mark.parametrize(
    ("word", "phase"),
    [
        ("JOB_STATE_QUEUED", "waiting"),
        ("TASK_STATUS_SUCCEED", "succeeded"),
        ("status-state-failed", "failed"),
        ("statusfailed", "failed"),
        ("started", "running"),
        ("stateless", None),
        ("status", None),
        ("wonderful", None),
    ],
)
def test_a_word_of_a_state_is_known_with_and_without_what_names_it_a_state(
    word: str, phase: str | None
) -> None:
    assert phase_of(word) == phase


def test_the_ids_of_a_recorded_path_are_numbered_from_the_second() -> None:
    assert (
        _template("/teams/ada/jobs/one/parts/two/", {"ada", "one", "two"})
        == "/teams/{id}/jobs/{id2}/parts/{id3}/"
    )
    assert _template("/jobs", {"ada"}) == "/jobs"
    assert _template("", set()) == "/"
