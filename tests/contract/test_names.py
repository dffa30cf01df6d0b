"""Which names and links a template uses, and what an answer that has it depends on."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.names import is_steady, links_in, names_in, shows_requests


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
