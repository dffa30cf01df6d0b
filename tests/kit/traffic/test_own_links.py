"""A link to an operation of the contract tells which job it is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from mockserver.contract.loader import load_contract
from mockserver.kit.traffic.facts import sightings
from mockserver.kit.traffic.own_links import job_named
from mockserver.media.picture import measure

COMET: Final = load_contract(Path(__file__).resolve().parents[3] / "fixtures" / "comet", measure=measure)


@pytest.mark.parametrize(
    ("operation", "value", "named"),
    [
        ("land", "http://127.0.0.1:1/queue/comets/a%20b", ("job.id", "a b")),
        ("land", "/elsewhere/comets/1", ("job.id", "1")),
        ("land", "comets/1", ("job.id", "1")),
        ("look", "https://example.com/queue/comets/1/state?version=2", ("job.id", "1")),
        ("showFilm", "films/film-1", ("job.ids.film", "film-1")),
        ("land", "comets/1/state", None),
        ("land", "", None),
        ("land", 7, None),
        ("launch", "comets", None),
        ("nothing", "comets/1", None),
    ],
)
def test_a_link_is_read_backwards(operation: str, value: Any, named: tuple[str, str] | None) -> None:
    assert job_named(COMET, operation, value) == named


def test_an_id_that_is_stated_goes_before_one_of_a_link() -> None:
    template = {"name": {"$link": "land", "$as": "name"}, "id": {"$": "job.id"}}
    alone, both = ({"name": "comets/1"}, {"name": "comets/1", "id": "2"})

    assert [sightings(COMET, template, body)[0].job_id for body in (alone, both)] == ["1", "2"]
