"""Which fact of a job a field of an answer shows: by its name, its type and the phase of the job."""

from __future__ import annotations

from typing import Any, Final

import pytest

from mockserver.kit.draft.facts import Facts, SentField, moment_form
from mockserver.kit.draft.phases import LEFT_OUT

STATES: Final = {"queued": "waiting", "busy": "running", "done": "succeeded", "bad": "failed"}
SENT: Final = {
    "prompt": SentField("/prompt", frozenset({"string"}), frozenset(), is_required=True),
    "ratio": SentField("/ratio", frozenset({"string"}), frozenset({"16:9", "9:16"}), is_required=False),
}
TEXT: Final = {"type": "string"}
WHOLE: Final = {"type": "integer"}
NUMBER: Final = {"type": "number"}
YES_NO: Final = {"type": "boolean"}


def facts(time: str = "iso8601") -> Facts:
    return Facts("taskid", STATES, time, SENT, {"read": "getTask", "cancel": "cancelTask"})


def test_phases_are_those_of_the_states_in_the_order_of_a_jobs_life() -> None:
    assert facts().phases == ("waiting", "running", "succeeded", "failed")


@pytest.mark.parametrize(
    ("path", "form", "phase", "fact"),
    [
        ("id", TEXT, "running", {"$": "job.id"}),
        ("id", WHOLE, "running", LEFT_OUT),
        ("data/id", TEXT, "running", LEFT_OUT),
        ("data/task_id", TEXT, "running", {"$": "job.id"}),
        ("input/task_id", TEXT, "running", LEFT_OUT),
        ("data/config/task_id", TEXT, "running", LEFT_OUT),
        ("status", {"const": "queued"}, "running", {"$": "job.state"}),
        ("status", {"const": "video"}, "running", LEFT_OUT),
        ("kind", {"const": "queued"}, "running", LEFT_OUT),
        ("status", {"enum": ["queued", "strange"]}, "running", {"$": "job.state"}),
        ("status", {"enum": ["strange"]}, "running", LEFT_OUT),
        ("status", {}, "running", {"$": "job.state"}),
        ("status", WHOLE, "running", LEFT_OUT),
        ("data/model", TEXT, "running", {"$": "job.model"}),
        ("data/clip/model", TEXT, "running", LEFT_OUT),
        ("request_id", TEXT, "running", {"$": "request.id"}),
        ("urls/get", TEXT, "running", {"$link": "getTask"}),
        ("links/cancel", TEXT, "running", {"$link": "cancelTask"}),
        ("links/stream", TEXT, "running", LEFT_OUT),
        ("data/get", TEXT, "running", LEFT_OUT),
        ("data/status_url", TEXT, "running", {"$link": "getTask"}),
        ("cancel_url", TEXT, "running", {"$link": "cancelTask"}),
        ("cancel", TEXT, "running", LEFT_OUT),
    ],
)
def test_what_a_job_is_called(path: str, form: dict[str, Any], phase: str, fact: Any) -> None:
    assert facts().of_field(tuple(path.split("/")), form, phase) == fact


def test_a_link_leads_nowhere_where_no_operation_has_its_role() -> None:
    alone = Facts("id", STATES, "iso8601", {}, {"read": "getTask"})
    assert alone.of_field(("cancel_url",), TEXT, "running") is LEFT_OUT


@pytest.mark.parametrize(
    ("name", "form", "phases"),
    [
        ("created_at", TEXT, {"waiting", "running", "succeeded", "failed"}),
        ("updated_at", TEXT, {"waiting", "running", "succeeded", "failed"}),
        ("started_at", TEXT, {"running", "succeeded", "failed"}),
        ("ended_at", TEXT, {"succeeded", "failed"}),
        ("created_at", YES_NO, set()),
    ],
)
def test_a_moment_is_shown_from_the_phase_on_in_which_it_has_come(
    name: str, form: dict[str, Any], phases: set[str]
) -> None:
    shown = {phase: facts().of_field((name,), form, phase) for phase in facts().phases}
    assert shown == {phase: {"$": f"job.{name}"} if phase in phases else LEFT_OUT for phase in shown}


@pytest.mark.parametrize(
    ("form", "written"),
    [
        (TEXT, "iso8601"),
        (WHOLE, "seconds"),
        (NUMBER, "seconds"),
        ({**WHOLE, "examples": [10**11]}, "seconds"),
        ({**WHOLE, "examples": ["never", 1, 10**11 + 1]}, "milliseconds"),
        ({**WHOLE, "description": "Unix time in milliseconds"}, "milliseconds"),
        ({**WHOLE, "description": "Unix time in seconds"}, "seconds"),
    ],
)
def test_a_moment_says_how_it_is_written_where_others_are_written_otherwise(
    form: dict[str, Any], written: str
) -> None:
    assert moment_form(form) == written
    for usual in ("iso8601", "seconds", "milliseconds"):
        otherwise = {} if usual == written else {"$as": written}
        assert facts(usual).of_field(("created_at",), form, "running") == {"$": "job.created_at", **otherwise}


@pytest.mark.parametrize(
    ("path", "form", "phase", "fact"),
    [
        ("done", YES_NO, "running", False),
        ("done", YES_NO, "failed", True),
        ("done", WHOLE, "failed", LEFT_OUT),
        ("progress", WHOLE, "running", {"$": "job.progress"}),
        ("progress", {**NUMBER, "maximum": 100}, "running", {"$": "job.progress"}),
        ("progress", {**NUMBER, "maximum": 1}, "running", {"$": "job.progress", "$as": "fraction"}),
        ("progress", TEXT, "running", LEFT_OUT),
        ("queue_position", WHOLE, "waiting", {"$": "job.queue_position"}),
        ("queue_position", WHOLE, "running", LEFT_OUT),
        ("queue_position", TEXT, "waiting", LEFT_OUT),
        ("duration", TEXT, "running", {"$": "media.seconds", "$as": "string"}),
        ("duration", WHOLE, "running", {"$": "media.seconds", "$as": "integer"}),
        ("duration", {"type": ["integer", "number"]}, "running", {"$": "media.seconds"}),
        ("duration", {"enum": ["4", "8"]}, "running", LEFT_OUT),
        ("duration", YES_NO, "running", LEFT_OUT),
        ("error/duration", TEXT, "succeeded", LEFT_OUT),
        ("error", TEXT, "failed", {"$": "job.reason"}),
        ("error", TEXT, "succeeded", LEFT_OUT),
        ("error/message", TEXT, "failed", {"$": "job.reason"}),
        ("error/message", {"enum": ["bad"]}, "failed", LEFT_OUT),
        ("data/message", TEXT, "failed", LEFT_OUT),
        ("error/url", TEXT, "succeeded", LEFT_OUT),
        ("video_url", TEXT, "succeeded", {"$": "media.video"}),
        ("video_url", TEXT, "failed", LEFT_OUT),
        ("video_url", WHOLE, "succeeded", LEFT_OUT),
        ("thumbnail", TEXT, "succeeded", {"$": "media.thumbnail"}),
        ("cover/url", TEXT, "succeeded", {"$": "media.thumbnail"}),
        ("strange", TEXT, "succeeded", LEFT_OUT),
    ],
)
def test_how_far_a_job_is_and_what_comes_of_it(
    path: str, form: dict[str, Any], phase: str, fact: Any
) -> None:
    assert facts().of_field(tuple(path.split("/")), form, phase) == fact


def test_a_value_without_a_name_shows_nothing() -> None:
    assert facts().of_field((), {}, "succeeded") is LEFT_OUT
    assert facts().of_list((), TEXT, nullable=False) is LEFT_OUT
    assert facts().echo((), TEXT, "instead") is LEFT_OUT


@pytest.mark.parametrize(
    ("path", "form", "code"),
    [
        ("error/code", TEXT, "failed"),
        ("error/code", WHOLE, 1),
        ("error/code", NUMBER, None),
        ("failure_code", {"enum": [None, "moderated", "internal"]}, "moderated"),
        ("failure_code", {**TEXT, "examples": ["no_credit"]}, "no_credit"),
        ("failure_code", {"const": 7, "examples": [8]}, 7),
        ("data/code", TEXT, None),
        ("error/strange", TEXT, None),
    ],
)
def test_a_failure_has_a_code_that_the_document_lists_or_shows(
    path: str, form: dict[str, Any], code: str | int | None
) -> None:
    known = facts()
    steps = tuple(path.split("/"))
    assert known.of_field(steps, form, "running") is LEFT_OUT
    assert known.code is None
    assert known.of_field(steps, form, "failed") == (LEFT_OUT if code is None else {"$": "job.code"})
    assert known.code == code


def test_a_failure_has_the_same_code_at_each_of_its_places() -> None:
    known = facts()
    assert known.of_field(("error_code",), {"const": "a"}, "failed") == {"$": "job.code"}
    assert known.of_field(("error", "code"), {"enum": ["b", "a"]}, "failed") is LEFT_OUT
    assert known.of_field(("error", "code"), {"enum": ["a", "b"]}, "failed") == {"$": "job.code"}
    assert known.code == "a"


def test_a_required_name_without_a_schema_shows_its_fact() -> None:
    assert facts().of_name("status") == {"$": "job.state"}
    assert facts().of_name("video_url") == {"$": "media.video"}
    assert facts().of_name("strange") is None


@pytest.mark.parametrize(
    ("name", "form", "fact"),
    [
        ("total", WHOLE, "jobs.count"),
        ("total", TEXT, None),
        ("has_more", YES_NO, "jobs.more"),
        ("first_id", TEXT, "jobs.first"),
        ("last_id", TEXT, "jobs.last"),
        ("next_page_token", TEXT, "jobs.cursor"),
        ("next", TEXT, "jobs.next"),
        ("next", WHOLE, None),
        ("strange", TEXT, None),
    ],
)
def test_what_stands_beside_the_jobs_of_a_list(name: str, form: dict[str, Any], fact: str | None) -> None:
    shown = [facts().of_list(("data", name), form, nullable=nullable) for nullable in (False, True)]
    assert shown == ([LEFT_OUT] * 2 if fact is None else [{"$": fact}, {"$": fact, "$default": None}])


@pytest.mark.parametrize(
    ("path", "form", "is_echo"),
    [
        ("prompt", TEXT, True),
        ("data/prompt", TEXT, True),
        ("prompt", {"type": ["string", "null"]}, True),
        ("prompt", WHOLE, False),
        ("prompt", {}, False),
        ("prompt", {**TEXT, "const": "a"}, False),
        ("prompt", {**TEXT, "format": "uri"}, False),
        ("prompt", {**TEXT, "enum": ["a"]}, False),
        ("ratio", {**TEXT, "enum": ["9:16", "16:9", "1:1"]}, True),
        ("ratio", {**TEXT, "enum": ["16:9"]}, False),
        ("seed", WHOLE, False),
    ],
)
def test_what_was_sent_is_shown_under_its_name_where_the_answer_takes_all_of_it(
    path: str, form: dict[str, Any], is_echo: bool
) -> None:
    steps = tuple(path.split("/"))
    shown = {"$": f"job.request#/{steps[-1]}"}
    or_else = shown if steps[-1] == "prompt" else {**shown, "$default": "instead"}
    assert facts().echo(steps, form, LEFT_OUT) == (shown if is_echo else LEFT_OUT)
    assert facts().echo(steps, form, "instead") == (or_else if is_echo else LEFT_OUT)
