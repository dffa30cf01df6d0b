"""Links to the contract's own operations, filled in with a job's ids and the places of its submit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.links import Link, LinkPlace, Links
from mockserver.contract.source import bundle, read_source
from mockserver.errors import ContractError
from tests.comet import COMET, changed_comet, put_below_fleet

ID = LinkPlace("id", of_the_job=True)
APP = LinkPlace("app", of_the_job=False)


def links(folder: Path = COMET) -> Links:
    return Links(bundle(read_source(folder)))


def ids(name: str) -> str:
    return f"{name} of a/job"


def nothing(name: str) -> None:
    """No id."""


def shown(link: Link, places: Mapping[str, str] | None = None) -> str | None:
    return link.below(ids, places or {})


def test_a_place_of_the_submit_fills_a_place_of_the_link() -> None:
    parts = ("/", APP._replace(spans=True), "/of/", ID)
    link = Link("read", "url", parts, (("v", "1 2"),))

    assert link.below({"id": "a/b"}.get, {"path.app": "fal-ai/é?"}) == "/fal-ai/%C3%A9%3F/of/a%2Fb?v=1+2"
    assert link.below({"id": "a"}.get, {}) is None


def test_a_place_that_spans_no_more_than_a_part_of_the_path_hides_its_slashes() -> None:
    assert Link("read", "url", ("/", APP), ()).below(nothing, {"path.app": "a/b:c@d"}) == "/a%2Fb:c@d"


def test_a_query_is_filled_with_the_jobs_id_as_it_is() -> None:
    link = Link("read", "url", ("/jobs",), (("id", ID), ("v", "2")))

    assert link.below({"id": "a/b c"}.get, {}) == "/jobs?id=a%2Fb+c&v=2"
    assert link.below(nothing, {}) is None


@pytest.mark.parametrize(
    ("template", "form", "below"),
    [
        ({"$link": "land"}, "url", "/comets/id%20of%20a%2Fjob"),
        ({"$link": "land", "$as": "path"}, "path", "/comets/id%20of%20a%2Fjob"),
        ({"$link": "land", "$as": "name"}, "name", "comets/id%20of%20a%2Fjob"),
        ({"$link": "look"}, "url", "/comets/id%20of%20a%2Fjob/state?version=2"),
        ({"$link": "showFilm"}, "url", "/films/film%20of%20a%2Fjob"),
        ({"$link": "launch", "$as": "name"}, "name", "comets"),
    ],
)
def test_a_link_leads_to_an_operation_and_has_what_that_demands(
    template: dict[str, str], form: str, below: str
) -> None:
    link = links().compile(template, "/here")

    assert (link.operation, link.form, shown(link)) == (template["$link"], form, below)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ({"$link": "fly"}, "'fly' is not one of the operations launch, land, callBack, showFilm, look"),
        ({"$link": ["land"]}, r"\['land'\] is not one of the operations"),
        ({"$link": "land", "$as": "uri"}, r"\$as 'uri' is not one of url, path, name"),
    ],
)
def test_a_link_that_leads_nowhere_is_told(template: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message) as error:
        links().compile(template, "/here")

    assert error.value.pointer.startswith("/here")


def with_version(tmp_path: Path, **changes: Any) -> Links:
    """Comet, whose state is asked for with another `version`."""

    def change(document: dict[str, Any]) -> None:
        document["paths"]["/comets/{id}/state"]["parameters"][1] |= changes

    return links(changed_comet(tmp_path, change))


def test_a_link_leaves_out_a_query_that_is_not_demanded(tmp_path: Path) -> None:
    link = with_version(tmp_path, required=False).compile({"$link": "look"}, "")

    assert shown(link) == "/comets/id%20of%20a%2Fjob/state"


def test_a_link_that_nothing_fills_is_told(tmp_path: Path) -> None:
    message = r"nothing fills query.version of look: it is not its key, has no const, and no path of a submit"
    with pytest.raises(ContractError, match=message):
        with_version(tmp_path, schema={"type": "integer"}).compile({"$link": "look"}, "")


def test_a_constant_may_be_a_text(tmp_path: Path) -> None:
    link = with_version(tmp_path, schema={"const": "b c"}).compile({"$link": "look"}, "")

    assert shown(link) == "/comets/id%20of%20a%2Fjob/state?version=b+c"


def with_fleet(tmp_path: Path, *, of: list[str] | None = None) -> Links:
    """Comet below a fleet that each path names."""

    def change(document: dict[str, Any]) -> None:
        put_below_fleet(document)
        if of is not None:
            document["paths"]["/{fleet}/comets/{id}"]["get"]["x-job"]["of"] = of

    return links(changed_comet(tmp_path, change))


def test_a_link_that_has_places_of_the_submit_needs_it(tmp_path: Path) -> None:
    fleets = with_fleet(tmp_path)
    link = fleets.compile({"$link": "land"}, "")

    assert shown(link, {"path.fleet": "north"}) == "/north/comets/id%20of%20a%2Fjob"
    assert shown(link) is None
    assert fleets.needs_submit("land")
    assert not fleets.needs_submit("showFilm")


def test_only_the_submits_that_an_operation_is_about_fill_its_places(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"nothing fills path\.fleet of land"):
        with_fleet(tmp_path, of=["someOther"]).compile({"$link": "land"}, "")
