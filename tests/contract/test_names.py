"""Which names and links a template uses, and what an answer that has it depends on."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.names import (
    has_phases,
    is_of_error,
    is_steady,
    links_in,
    lists_steadily,
    names_in,
    shows_requests,
)


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("job.id", set()),
        ({"$": "job.id"}, {"job.id"}),
        ([{"$": "job.id"}, [{"a": {"$": "now"}}], 5], {"job.id", "now"}),
        ({"$": "job.request#/text", "$default": {"$": "job.alias"}}, {"job.alias"}),
        ({"$": "job.alias", "$default": {"$": "job.id"}}, {"job.alias", "job.id"}),
        ({"$each": "jobs", "item": {"$": "job.id"}}, {"jobs", "job.id"}),
        ({"$each": "models", "item": {"$": "model.id"}}, {"models", "model.id"}),
        ({"$each": "images", "item": {"$": "media.image"}}, {"media.image"}),
    ],
)
def test_every_name_of_a_template_is_known(template: Any, names: set[str]) -> None:
    assert names_in(template) == names


@pytest.mark.parametrize(
    ("template", "steady"),
    [
        ({"$": "job.state"}, True),
        ({"$": "job.progress"}, False),
        ({"$": "job.queue_position"}, False),
        ({"$": "tenant.id"}, True),
        ({"$": "job.ids.film"}, True),
        ({"$": "now"}, False),
        ([{"$": "job.id"}, {"$": "request.id"}], False),
        ({"a": {"$": "media.video"}, "b": [{"$": "source.id"}]}, True),
        ({"$each": "jobs", "item": {"$": "job.id"}}, False),
        ("now", True),
    ],
)
def test_an_answer_is_steady_that_shows_only_a_job_and_its_state(template: Any, steady: bool) -> None:
    assert is_steady(template) is steady


@pytest.mark.parametrize(
    ("template", "shows"),
    [
        ({"$": "job.request#/text"}, True),
        ({"$": "source.id"}, True),
        ({"$": "media.seconds"}, True),
        ({"$": "media.height"}, True),
        ({"$": "media.watermarked"}, True),
        ({"$": "media.video"}, False),
        ({"$": "job.id", "$default": {"$": "job.request#/id"}}, True),
        ({"$each": "images", "item": {"$": "media.image"}}, True),
        ({"$each": "jobs", "item": {"$": "job.id"}}, False),
        ([{"a": [{"$": "job.request#/text"}]}], True),
        ([{"a": [{"$": "job.id"}]}, "job.request#/text", 5, None], False),
    ],
)
def test_an_answer_that_depends_on_what_was_submitted_is_known(template: Any, shows: bool) -> None:
    assert shows_requests(template) is shows


@pytest.mark.parametrize(
    ("template", "links"),
    [
        ({"$link": "land"}, {"land"}),
        ([{"a": {"$link": "land"}}, {"$link": "look", "$as": "path"}, "x", 5], {"land", "look"}),
        ({"$": "job.id"}, set()),
    ],
)
def test_every_link_of_a_template_is_known(template: Any, links: set[str]) -> None:
    assert links_in(template) == links


JOB_ID = {"$": "job.id"}


@pytest.mark.parametrize(
    ("template", "steadily"),
    [
        ({"jobs": {"$each": "jobs", "$do": JOB_ID}, "now": {"$": "now"}}, True),
        ([{"a": {"$each": "jobs", "$do": {"$": "now"}}}], False),
        ([{"$each": "jobs", "$do": JOB_ID}, {"$each": "jobs", "$do": {"$": "now"}}], False),
        ({"$each": "models", "$do": JOB_ID}, False),
        ([JOB_ID, "jobs", None], False),
    ],
)
def test_a_list_is_steady_by_what_it_shows_of_each_job(template: Any, steadily: bool) -> None:
    assert lists_steadily(template) is steadily


@pytest.mark.parametrize(
    ("template", "has"),
    [
        ({"$when": ["failed"], "$then": JOB_ID}, True),
        ([{"a": [{"$each": "jobs", "$do": JOB_ID}]}], True),
        ([{"a": [JOB_ID]}, "$when", None], False),
    ],
)
def test_what_depends_on_a_phase_is_known_wherever_it_stands(template: Any, has: bool) -> None:
    assert has_phases(template) is has


@pytest.mark.parametrize(
    ("template", "is_it"),
    [
        ({"code": {"$": "error.status"}, "text": [{"$": "error.message"}]}, True),
        ({"text": {"$": "error.message"}, "param": {"$": "error.field", "$default": None}}, True),
        ({"text": {"$": "error.message"}, "id": JOB_ID}, False),
        ([{"$": "error.message"}, {"$link": "land"}], False),
        ({"a": {"$": "error.message"}, "b": {"$when": ["failed"], "$then": "x"}}, False),
        ({"a": {"$": "error.message"}, "b": {"$": "job.request#/text"}}, False),
    ],
)
def test_a_refusal_that_shows_its_error_alone_is_known(template: Any, is_it: bool) -> None:
    assert is_of_error(template) is is_it
