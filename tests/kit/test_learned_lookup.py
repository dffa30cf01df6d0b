"""How a job whose id was lost is found again: by its own name, or in the list of what its submit made."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kit.learned_api import _Reader

SUBMIT: dict[str, Any] = {"operationId": "make", "x-job": {"role": "submit", "model": "/model"}}
READ: dict[str, Any] = {"x-job": {"role": "read", "key": "path.id"}}


def listing(name: str, body: Any, **job: Any) -> dict[str, Any]:
    """A list operation whose answer has that template."""
    answer = {"x-job": {"when": ["default"], "body": body}}
    return {"operationId": name, "x-job": {"role": "list", **job}, "responses": {"200": answer}}


def jobs(where: str, **entry: str) -> dict[str, Any]:
    """A template with a list of jobs in one place, each with these facts."""
    return {where: {"$each": "jobs", "$do": {name: {"$": fact} for name, fact in entry.items()}}}


def look_up(*lists: dict[str, Any], submit: dict[str, Any] = SUBMIT, read: dict[str, Any] = READ) -> Any:
    paths: dict[str, Any] = {f"/{node['operationId']}": {"get": node} for node in lists}
    paths |= {"/make": {"post": submit}, "/jobs/{id}": {"get": read}}
    *place, shown = _Reader({"x-job": {}, "paths": paths}).look_up(submit, "/jobs/{id}", read)
    return *place, tuple(sorted(shown))


# The moment stands in two places, of which the first counts.
SHOWN = jobs(
    "items", made="job.created_at", kind="job.model", text="job.request#/prompt", id="job.id",
    at="job.created_at",
)  # fmt: skip
FOUND = ("items", "made", (("kind", "model"), ("text", "prompt")))


@pytest.mark.parametrize(
    "others",
    [
        (),
        (listing("elsewhere", jobs("rows", at="job.created_at"), of=["other"]),),
        (listing("bare", {"count": 1}),),
        (listing("elsewhere", jobs("rows"), of=["other"]), listing("bare", {})),
    ],
)
@pytest.mark.parametrize("job", [{}, {"of": ["other", "make"]}])
def test_the_first_list_that_has_jobs_of_the_submit_is_read(others: Any, job: Any) -> None:
    path, *rest = look_up(*others, listing("mine", SHOWN, **job), listing("later", jobs("more")))

    assert (path, tuple(rest)) == ("/mine", FOUND)


def test_where_no_list_has_its_jobs_nothing_is_known() -> None:
    assert look_up(listing("elsewhere", SHOWN, of=["other"])) == ("", "", "", ())
    assert look_up() == ("", "", "", ())


@pytest.mark.parametrize(
    ("alias", "by", "path"),
    [("/name", ["id", "alias"], "/jobs/{}"), ("/name", ["id"], "/mine"), ("", ["id", "alias"], "/mine")],
)
def test_a_job_that_can_be_read_by_its_own_name_needs_no_list(alias: str, by: list[str], path: str) -> None:
    submit = {**SUBMIT, "x-job": {**SUBMIT["x-job"], "alias": alias}}
    read = {**READ, "x-job": {**READ["x-job"], "by": by}}

    assert look_up(listing("mine", SHOWN), submit=submit, read=read)[0] == path


def test_a_list_that_shows_no_moment_has_none() -> None:
    assert look_up(listing("mine", jobs("items", kind="job.model"))) == (
        "/mine", "items", "", (("kind", "model"),),
    )  # fmt: skip
