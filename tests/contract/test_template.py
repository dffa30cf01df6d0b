"""Response templates: each marker, what is absent, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.contract.links import Links
from mockserver.contract.names import NAMES
from mockserver.contract.template import Writing, compile_template, iso8601
from mockserver.errors import ContractError

MOMENT = 1_767_323_045_678


def view(**more: Any) -> Any:
    """A view in which every name of a template is absent, except those given."""
    facts = {name.replace(".", "_"): None for name in NAMES}
    jobs, models = more.pop("jobs", ()), more.pop("models", ())
    loops = {
        "each_job": lambda do: [do(job) for job in jobs],
        "each_model": lambda do: [do(model) for model in models],
    }
    return SimpleNamespace(**{**facts, "job_phase": "", "job_request": {}, **loops, **more})


def project(template: Any, time: str = "seconds", **more: Any) -> Any:
    return compile_template(template, Writing(time, Links({}), frozenset()))(view(**more))


@pytest.mark.parametrize("template", [{}, [], {"a": [1, "b", None, True, 2.5]}, {"a": {"b": {"c": []}}}])
def test_what_is_not_marked_is_sent_as_it_stands(template: Any) -> None:
    assert project(template) == template


def test_a_value_stands_for_its_name() -> None:
    assert project({"id": {"$": "job.id"}, "in": [{"$": "job.state"}]}, job_id="j1", job_state="queued") == {
        "id": "j1",
        "in": ["queued"],
    }


def test_an_absent_value_removes_its_key_and_nothing_else() -> None:
    assert project({"id": {"$": "job.id"}, "outcome": None, "inner": {"alias": {"$": "job.alias"}}}) == {
        "outcome": None,
        "inner": {},
    }


def test_an_absent_value_removes_its_place_in_a_list() -> None:
    assert project([{"$": "job.id"}, 1]) == [1]


@pytest.mark.parametrize(("value", "sent"), [(0, 0), ("", ""), (False, False), ([], [])])
def test_an_empty_value_is_not_absent(value: Any, sent: Any) -> None:
    assert project({"a": {"$": "jobs.count"}}, jobs_count=value) == {"a": sent}


@pytest.mark.parametrize(
    ("time", "sent"),
    [("seconds", 1_767_323_045), ("milliseconds", MOMENT), ("iso8601", "2026-01-02T03:04:05.678Z")],
)
def test_a_moment_is_written_as_the_document_says(time: str, sent: Any) -> None:
    template = {"a": {"$": "job.created_at"}, "b": {"$": "job.updated_at"}, "c": {"$": "now"}}
    moments = {"job_created_at": MOMENT, "job_updated_at": MOMENT, "now": MOMENT}

    assert project(template, time, **moments) == {"a": sent, "b": sent, "c": sent}


@pytest.mark.parametrize(
    ("name", "form", "value", "sent"),
    [
        ("now", "seconds", MOMENT, 1_767_323_045),
        ("now", "milliseconds", MOMENT, MOMENT),
        ("now", "iso8601", MOMENT, "2026-01-02T03:04:05.678Z"),
        ("now", "string", MOMENT, str(MOMENT)),
        ("media.seconds", "integer", 5.0, 5),
        ("error.status", "string", 400, "400"),
        ("jobs.count", "number", 3, 3.0),
        ("job.progress", "fraction", 13, 0.13),
        ("job.progress", "fraction", 100, 1.0),
    ],
)
def test_a_form_overrules_the_document(name: str, form: str, value: Any, sent: Any) -> None:
    written = project({"$": name, "$as": form}, "iso8601", **{name.replace(".", "_"): value})

    assert written == sent
    assert type(written) is type(sent)


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        (None, "images[0].url"),
        ("string", "images[0].url"),
        ("steps", ["images", 0, "url"]),
        ("loc", ["body", "images", 0, "url"]),
    ],
)
def test_the_field_of_a_refusal_is_written_as_a_text_or_in_steps(form: str | None, sent: Any) -> None:
    template = {"$": "error.field", "$default": None} | ({} if form is None else {"$as": form})

    assert project(template, error_field=("body", "images", 0, "url")) == sent
    assert project(template) is None


@pytest.mark.parametrize("form", ["steps", "loc"])
def test_only_the_field_of_a_refusal_has_steps(form: str) -> None:
    with pytest.raises(ContractError, match=r"error\.message cannot be written"):
        compile_template({"$": "error.message", "$as": form}, Writing("seconds", Links({}), frozenset()))


@pytest.mark.parametrize(("text", "sent"), [("2284928084444546", 2284928084444546), ("film-12", "film-12")])
def test_an_id_of_digits_can_be_a_number(text: str, sent: Any) -> None:
    writing = Writing("seconds", Links({}), frozenset({"film"}))
    template = {"own": {"$": "job.id", "$as": "integer"}, "film": {"$": "job.ids.film", "$as": "integer"}}
    render = compile_template(template, writing)

    assert render(view(job_id=text, named_id={"film": text}.get)) == {"own": sent, "film": sent}


def test_a_further_id_has_no_other_form() -> None:
    writing = Writing("seconds", Links({}), frozenset({"film"}))

    with pytest.raises(ContractError, match=r"job\.ids\.film cannot be written"):
        compile_template({"$": "job.ids.film", "$as": "seconds"}, writing)


def test_a_length_as_a_text_is_that_which_was_sent() -> None:
    written = project({"$": "media.seconds", "$as": "string"}, media_seconds=5.0, media_seconds_text="5")

    assert written == "5"


def test_an_absent_value_has_no_form() -> None:
    assert project({"a": {"$": "now", "$as": "seconds"}}) == {}


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("job.request#/payload", {"image": {"url": "u"}, "list": [{"n": 1}]}),
        ("job.request#/payload/image/url", "u"),
        ("job.request#/payload/list/0/n", 1),
        ("job.request#/a~1b", "slash"),
        ("job.request#/nothing", None),
    ],
)
def test_a_pointer_reads_the_submitted_body(name: str, sent: Any) -> None:
    body = {"payload": {"image": {"url": "u"}, "list": [{"n": 1}]}, "a/b": "slash", "nothing": None}

    assert project({"v": {"$": name}}, job_request=body) == {"v": sent}


@pytest.mark.parametrize("name", ["job.request#/x", "job.request#/payload/x", "job.request#/payload/list/9"])
def test_a_pointer_to_nothing_removes_its_key(name: str) -> None:
    assert project({"v": {"$": name}}, job_request={"payload": {"list": []}}) == {}


def test_the_whole_submitted_body() -> None:
    assert project({"$": "job.request#"}, job_request={"a": 1}) == {"a": 1}


@pytest.mark.parametrize(
    ("phase", "sent"),
    [
        ("succeeded", {"v": "then"}),
        ("failed", {"v": "then"}),
        ("running", {"v": "else"}),
        ("", {"v": "else"}),
    ],
)
def test_a_branch_goes_by_the_phase(phase: str, sent: Any) -> None:
    template = {"v": {"$when": ["succeeded", "failed"], "$then": "then", "$else": "else"}}

    assert project(template, job_phase=phase) == sent


def test_a_missing_branch_removes_its_key() -> None:
    template = {"a": {"$when": ["failed"], "$then": 1}, "b": {"$when": ["running"], "$else": 2}}

    assert project(template, job_phase="running") == {}
    assert project(template, job_phase="failed") == {"a": 1, "b": 2}


def test_null_in_a_branch_is_sent() -> None:
    assert project({"a": {"$when": ["failed"], "$then": 1, "$else": None}}) == {"a": None}


def test_branches_hold_templates() -> None:
    inner = {"$when": ["failed"], "$then": {"error": {"$": "job.reason"}}}
    template = {"v": {"$when": ["succeeded"], "$then": {"url": {"$": "media.video"}}, "$else": inner}}

    assert project(template, job_phase="succeeded", media_video="u") == {"v": {"url": "u"}}
    assert project(template, job_phase="failed", job_reason="r") == {"v": {"error": "r"}}
    assert project(template, job_phase="waiting") == {}


def test_a_loop_is_over_jobs_and_each_is_the_job_inside() -> None:
    jobs = [view(job_id="a", job_phase="failed"), view(job_id="b", job_phase="running")]
    item = {"id": {"$": "job.id"}, "failed": {"$when": ["failed"], "$then": True}}

    assert project({"jobs": {"$each": "jobs", "$do": item}}, jobs=jobs) == {
        "jobs": [{"id": "a", "failed": True}, {"id": "b"}]
    }


def test_a_loop_is_over_models_and_each_is_the_model_inside() -> None:
    models = [view(model_id="a", model_title="A"), view(model_id="b")]
    item = {"id": {"$": "model.id"}, "name": {"$": "model.title"}}

    assert project({"$each": "models", "$do": item}, models=models) == [{"id": "a", "name": "A"}, {"id": "b"}]


def test_a_loop_over_no_job_is_an_empty_list() -> None:
    assert project({"$each": "jobs", "$do": 1}) == []


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_name_can_be_used(name: str) -> None:
    value = MOMENT if name in ("now", "job.created_at", "job.updated_at") else "v"
    shown = ("body", value) if name == "error.field" else value

    sent = project({"v": {"$": name}}, "milliseconds", **{name.replace(".", "_"): shown})

    assert sent == {"v": value}


@pytest.mark.parametrize(
    ("template", "at", "message"),
    [
        ({"a": {"$": "job.idd"}}, "/a", "'job.idd' is not a name that a template can use"),
        ({"a": {"$": None}}, "/a", "None is not a name"),
        ({"a": {"$": ["job.id"]}}, "/a", "is not a name"),
        ({"a": {"$": "job.id", "b": 1}}, "/a", "'b' cannot stand beside"),
        ({"a": {"$": "job.id", "$as": "seconds"}}, "/a", "job.id cannot be written"),
        ({"a": {"$": "job.state", "$as": "integer"}}, "/a", "job.state cannot be written"),
        ({"a": {"$": "now", "$as": "hours"}}, "/a", "'hours' is not one of"),
        ({"a": {"$": "now", "$as": {}}}, "/a", "is not one of"),
        ({"a": {"$": "now", "$as": ""}}, "/a", "'' is not one of"),
        ({"a": {"$": "job.request#/a", "$as": "string"}}, "/a", "$as cannot be used"),
        ({"a": {"$": "job.request#payload"}}, "/a", "is not a JSON pointer"),
        ({"a": [0, {"$then": 1}]}, "/a/1", "'$then' is not a template keyword"),
        ({"$of": "job.id"}, "", "'$of' is not a template keyword"),
        ({"a": {"$when": ["done"], "$then": 1}}, "/a/$when", "$when takes only phases"),
        ({"a": {"$when": [1]}}, "/a/$when", "$when takes only phases"),
        ({"a": {"$when": [{}]}}, "/a/$when", "$when takes only phases"),
        ({"a": {"$when": ["failed"], "$do": 1}}, "/a", "'$do' cannot stand beside"),
        ({"a": {"$when": ["failed"], "$then": {"b/c": {"$": "x"}}}}, "/a/$then/b~1c", "'x' is not a name"),
        ({"a": {"$each": "pages", "$do": 1}}, "/a", "a loop is"),
        ({"a": {"$each": "jobs"}}, "/a", "a loop is"),
        ({"a": {"$each": "jobs", "$do": {"$": "x"}}}, "/a/$do", "'x' is not a name"),
    ],
)
def test_a_mistake_is_refused_where_it_stands(template: Any, at: str, message: str) -> None:
    with pytest.raises(ContractError) as caught:
        compile_template(template, Writing("seconds", Links({}), frozenset()))

    assert caught.value.pointer == at
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (999, "1970-01-01T00:00:00.999Z"),
        (MOMENT, "2026-01-02T03:04:05.678Z"),
    ],
)
def test_iso8601(moment: int, text: str) -> None:
    assert iso8601(moment) == text
