"""What the parts of a loaded contract say: made headers, chosen callbacks, demanded parameters."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any, Final

import pytest

from mockserver.contract.answer_template import HeaderTemplate
from mockserver.contract.check import ContractProblem
from mockserver.contract.loader import load_contract
from mockserver.contract.model import Callback, ClipSource, Contract
from mockserver.contract.operations import _apart_from_sessions
from mockserver.media.picture import measure
from tests.comet import COMET, changed_comet, parameter
from tests.serving import ROOT

LANTERN: Final = ROOT / "fixtures" / "lantern"
FIXED: Final = (b"content-type", b"application/json")
WORDS: Final = {"done": ("succeeded",), "over": ("failed", "cancelled"), "all": ("running", "succeeded")}


def headers(value: Any) -> list[tuple[bytes, bytes]]:
    """Those of an answer that makes one."""
    made = HeaderTemplate(b"x-made", lambda view: value, None)
    answer = load_contract(COMET, measure=measure).operations["land"].answers["default"]
    return replace(answer, headers=(FIXED,), made_headers=(made,)).headers_for(None)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("a text", b"a text"),
        (5, b"5"),
        (0.5, b"0.5"),
        (0, b"0"),
        ("", b""),
        ("ä\r\nb: c", rb"\xe4\r\nb: c"),
        ("x" * 8001, b"x" * 8000),
    ],
)
def test_a_made_header_is_printable_and_not_too_long(value: Any, sent: bytes) -> None:
    assert headers(value) == [FIXED, (b"x-made", sent)]


@pytest.mark.parametrize("value", [None, [], {}])
def test_a_made_header_without_a_value_is_left_out(value: Any) -> None:
    assert headers(value) == [FIXED]


@pytest.mark.parametrize(
    ("filter_at", "body", "phases"),
    [
        (None, {"events": ["done"]}, {"succeeded", "failed"}),
        (("events",), {}, {"succeeded", "failed"}),
        (("events",), {"events": "done"}, {"succeeded", "failed"}),
        (("events",), {"events": []}, set()),
        (("events",), {"events": ["over", "done", "unheard-of", 5]}, {"succeeded", "failed", "cancelled"}),
        (("events",), {"events": ["all"]}, {"running", "succeeded"}),
    ],
)
def test_a_submit_chooses_the_callbacks_that_it_wants(
    filter_at: Any, body: dict[str, Any], phases: set[str]
) -> None:
    on = frozenset({"succeeded", "failed"})
    callback = Callback(lambda view: None, None, "", on, filter_at, WORDS)

    assert callback.phases(body) == phases


@pytest.mark.parametrize("named", [None, ["failed"], ["succeeded", "cancelled"]])
def test_a_callback_tells_of_every_phase_unless_its_contract_names_some(
    tmp_path: Path, named: list[str] | None
) -> None:
    folder = tmp_path / "lantern"
    shutil.copytree(LANTERN, folder)
    document = json.loads((folder / "openapi.json").read_text())
    ((_, made),) = document["paths"]["/v1/videos"]["post"]["callbacks"]["news"].items()
    del made["post"]["x-job"]["on"]
    if named is not None:
        made["post"]["x-job"]["on"] = named
    (folder / "openapi.json").write_text(json.dumps(document))

    callback = load_contract(folder, measure=measure).operations["make"].callback

    assert callback is not None
    assert callback.phases({}) == set(named or ("waiting", "running", "succeeded", "failed", "cancelled"))
    assert callback.signature == ""


def comet(tmp_path: Path, change: Callable[[dict[str, Any]], Any]) -> Contract:
    return load_contract(changed_comet(tmp_path, change), measure=measure)


def test_only_where_there_are_sessions_what_names_no_submit_is_about_submits_alone() -> None:
    operations = dict(load_contract(COMET, measure=measure).operations)
    launch, land = operations["launch"], operations["land"]
    source = ClipSource(("clip",), None, 0.0, inf)
    opened = replace(launch, id="open", role="session")
    about_it = replace(land, id="close", of=("open",), source=source._replace(of=("open",)))
    operations |= {"land": replace(land, source=source)}

    assert _apart_from_sessions(operations) is operations

    apart = _apart_from_sessions({**operations, "open": opened, "close": about_it})
    assert {name: operation.of for name, operation in apart.items()} == {
        "launch": None, "land": ("launch",), "callBack": ("launch",), "showFilm": ("launch",),
        "look": ("launch",), "open": None, "close": ("open",),
    }  # fmt: skip
    sources = (apart["land"].source, apart["look"].source, apart["close"].source)
    assert [each and each.of for each in sources] == [("launch",), None, ("open",)]


@pytest.mark.parametrize(
    ("place", "name", "known"), [("query", "Taste", "Taste"), ("header", "X-Taste", "x-taste")]
)
def test_a_parameter_that_is_demanded_is_missed(tmp_path: Path, place: str, name: str, known: str) -> None:
    def change(document: dict[str, Any]) -> None:
        node = {**parameter(place, name, type="integer", minimum=3), "required": True}
        document["paths"]["/comets"]["post"]["parameters"] += [node, parameter(place, "plain")]

    parameters = comet(tmp_path, change).operations["launch"].parameters
    empty: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}

    assert known in parameters.names(place)
    _, missed = parameters.read(empty)
    assert [(violation.pointer, violation.keyword) for violation in missed] == [(f"/{known}", "required")]


@pytest.mark.parametrize(
    ("message", "is_it"),
    [
        ("the schema has no x-provenance", True),
        ("the schema has no x-provenance (profile vendor)", True),
        ("the schema has no x-provenance that anyone knows", False),
        ("'x' does nothing (it has no x-provenance)", False),
    ],
)
def test_a_problem_is_of_sources_where_it_says_nothing_else(message: str, is_it: bool) -> None:
    assert ContractProblem("comet", "openapi.json", "/info", message).is_of_sources is is_it
