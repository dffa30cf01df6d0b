"""Our own contracts are clean in every reading, and the check reads them whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.cli.contract_findings import find_problems
from mockserver.contract import nodes, profile_readings, provenance
from mockserver.contract.check import check_extension, check_folder, check_pointers, check_source
from mockserver.contract.loader import compile_contract, load_contract
from mockserver.contract.media_places import MediaPlaces
from mockserver.contract.model import Callback, ClipDefaults, ClipSource
from mockserver.contract.nodes import NodePlace
from mockserver.contract.pointer import follow, parts, write
from mockserver.contract.profile_readings import distinct_readings, readings
from mockserver.contract.source import Source, apply_overlays, builtin_root, find_providers, read_source
from mockserver.media.picture import measure
from tests.comet import COMET
from tests.serving import ROOT

ORBIT = Path(__file__).resolve().parents[2] / "fixtures" / "orbit"
FOLDERS = {**find_providers(builtin_root()), "orbit": ORBIT}


@pytest.mark.parametrize("provider", FOLDERS)
def test_a_contract_is_clean_in_every_profile_and_with_every_overlay(provider: str) -> None:
    assert [finding.text() for finding in check_folder(FOLDERS[provider], measure)] == []


@pytest.mark.parametrize("provider", FOLDERS)
def test_every_profile_and_overlay_is_read(provider: str) -> None:
    files = read_source(FOLDERS[provider])

    read = readings(files)

    assert read[0].profile == "documented"
    assert not read[0].label
    assert {"documented", "vendor", "observed"} <= {entry.profile for entry in read}
    assert [entry.overlays for entry in read if entry.overlays] == [(name,) for name in files.overlays()]


@pytest.mark.parametrize("provider", FOLDERS)
def test_every_schema_file_is_reached_in_some_reading(provider: str) -> None:
    files = read_source(FOLDERS[provider])
    profiles = files.files["openapi.json"]["x-job"]["profiles"]
    reached = set()
    for read in readings(files):
        laid = apply_overlays(files, [*profiles[read.profile], *read.overlays])
        reached |= {schema.place.file for schema in nodes.schemas(laid, nodes.roots(laid))}

    assert {file for file in files.files if file.startswith("schemas/")} <= reached


def test_a_missing_folder_is_one_finding(tmp_path: Path) -> None:
    (finding,) = check_folder(tmp_path, measure)

    assert finding.text() == f"{tmp_path.name}/openapi.json#: the file is missing"


def test_what_is_wrong_everywhere_is_said_once() -> None:
    files = orbit({"properties": {"shape": {"type": "string"}}})

    (finding,) = check_source(files, measure)

    assert finding.message == "the property has no x-provenance"


def test_what_is_wrong_in_one_reading_says_in_which() -> None:
    files = read_source(ORBIT)
    files.files["overlays/plain.json"] = {
        "title": "Plain",
        "x-provenance": "ASSUMED invented overlay",
        "patch": {"schemas/lite.json": {"properties": {"shape": {"x-provenance": None}}}},
    }

    (finding,) = check_source(files, measure)

    assert finding.file == "schemas/lite.json"
    assert finding.message == "the property has no x-provenance (overlay plain)"


def test_several_mistakes_are_all_said() -> None:
    files = orbit({"$id": "lite", "properties": {"shape": {"type": "strin"}, "seconds": {"minimum": "1"}}})

    pointers = {finding.pointer for finding in check_source(files, measure)}

    assert {"/$id", "/properties/shape/type", "/properties/seconds/minimum", "/properties/shape"} <= pointers


@pytest.mark.parametrize(
    ("node", "at", "message"),
    [
        ({"type": "strin"}, "/type", "'strin' is not a type of JSON Schema"),
        ({"type": 7}, "/type", "7 is not a type of JSON Schema"),
        ({"type": ["string", "nul"]}, "/type", "['string', 'nul'] is not a type of JSON Schema"),
        ({"minimum": "1"}, "/minimum", '"1" is not of type "number"'),
        ({"minLength": -1}, "/minLength", "-1 is less than the minimum of 0"),
    ],
)
def test_a_schema_that_is_none_is_said_with_its_reason(node: dict[str, Any], at: str, message: str) -> None:
    files = orbit({"properties": {"shape": {**node, "x-provenance": "ASSUMED invented"}}})

    findings = {(finding.pointer, finding.message) for finding in check_source(files, measure)}

    assert (f"/properties/shape{at}", message) in findings


def test_a_clip_takes_five_seconds_and_is_wide_where_its_model_says_nothing() -> None:
    files = read_source(ORBIT)
    models = files.files["openapi.json"]["x-job"]["models"]
    name, entry = next((name, entry) for name, entry in models.items() if "clip" in entry)
    entry["clip"] = {"height": 720, "fps": 24, "x-provenance": "ASSUMED invented clip"}

    model = compile_contract(files, measure=measure).models[name]

    assert model.clips == {"default": ClipDefaults(720, 24, 5.0, "16:9")}


def orbit(lite: dict[str, Any]) -> Source:
    """Orbit with another schema for its small engine."""
    files = read_source(ORBIT)
    files.files["schemas/lite.json"] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **lite,
        "properties": {"text": {"type": "string", "x-provenance": "ASSUMED invented"}, **lite["properties"]},
    }
    del files.files["openapi.json"]["x-job"]["media"]
    files.files["openapi.json"]["x-job"]["media"] = {}
    return files


def schemas_of(node: dict[str, Any]) -> dict[str, nodes.Schema]:
    files = Source(
        "x", ORBIT, {"openapi.json": {}, "schemas/a.json": node, "schemas/b.json": {"type": "null"}}
    )
    schemas = nodes.schemas(files, [NodePlace("schemas/a.json", "")])
    return {f"{schema.place.file}#{schema.place.pointer}": schema for schema in schemas}


def test_schemas_are_walked_through_every_keyword() -> None:
    leaf = {"type": "string"}
    node = {
        "properties": {"p": leaf},
        "patternProperties": {"^x": leaf},
        "additionalProperties": leaf,
        "items": leaf,
        "prefixItems": [leaf],
        "allOf": [leaf],
        "anyOf": [leaf],
        "oneOf": [leaf],
        "if": leaf,
        "then": leaf,
        "else": leaf,
        "not": leaf,
        "contains": leaf,
        "dependentSchemas": {"p": leaf},
        "propertyNames": leaf,
        "unevaluatedProperties": leaf,
        "$ref": "b.json",
        "enum": [{"properties": {"no": leaf}}],
        "default": {"items": leaf},
    }

    schemas = schemas_of(node)

    assert set(schemas) == {"schemas/b.json#", *(f"schemas/a.json#{at}" for at in EVERY_KEYWORD)}
    assert {at for at, schema in schemas.items() if schema.condition} == {
        f"schemas/a.json#/{word}" for word in ("if", "not", "contains", "propertyNames")
    }


EVERY_KEYWORD = (
    "", "/properties/p", "/patternProperties/^x", "/additionalProperties", "/items", "/prefixItems/0",
    "/allOf/0", "/anyOf/0", "/oneOf/0", "/if", "/then", "/else", "/not", "/contains", "/dependentSchemas/p",
    "/propertyNames", "/unevaluatedProperties",
)  # fmt: skip


def test_a_property_that_narrows_a_described_one_is_promised_already() -> None:
    schemas = schemas_of({
        "properties": {"a": {"type": "object"}},
        "then": {"properties": {"a": {"properties": {"inner": {}}}, "b": {}}},
    })  # fmt: skip

    promised = {at.partition("#")[2]: schema.described for at, schema in schemas.items() if schema.name}

    assert promised == {
        "/properties/a": False,
        "/then/properties/a": True,
        "/then/properties/a/properties/inner": True,
        "/then/properties/b": False,
    }


def test_a_schema_that_holds_itself_is_walked_once() -> None:
    schemas = schemas_of({"properties": {"next": {"$ref": "#"}}, "items": {"$ref": "a.json"}})

    assert set(schemas) == {"schemas/a.json#", "schemas/a.json#/properties/next", "schemas/a.json#/items"}


def test_assumed_is_what_begins_with_the_word() -> None:
    document = {
        "a": {"x-provenance": "ASSUMED reading C01"},
        "b": [{"x-provenance": "DOCUMENTED S1; body ASSUMED"}, {"x-provenance": "ASSUMED N1"}],
        "examples": {"e": {"x-provenance": "ASSUMED no"}},
    }

    assert provenance.assumed(document) == [("/a", "ASSUMED reading C01"), ("/b/1", "ASSUMED N1")]


def test_each_mark_of_a_body_must_lead_to_a_field_of_it() -> None:
    contract = load_contract(COMET, measure=measure)
    launch, nowhere = contract.operations["launch"], ("no", "where")
    at = "/paths/~1comets/post/x-job"
    changes: dict[str, dict[str, Any]] = {
        f"{at}/model": {"model_at": nowhere},
        f"{at}/alias": {"alias_at": nowhere},
        f"{at}/callback": {"callback_at": nowhere},
        f"{at}/source/video": {"source": ClipSource(nowhere, None, 0.0, inf)},
        "/paths/~1comets/post/callbacks": {"callback": Callback(str, None, "", frozenset(), nowhere, {})},
    }

    assert [*check_pointers(contract)] == []
    for place, change in changes.items():
        operations = {**contract.operations, "launch": replace(launch, **change)}
        changed = replace(contract, operations=operations)
        assert [*check_pointers(changed)] == [
            (NodePlace("openapi.json", place), "'/no/where' is not a field of any submitted body")
        ]
    media: dict[str, str | list[str]] = {"prompt": "/text", "seconds": "/no", "first": ["/frame", "/no"]}
    assert [place.pointer for place, _ in check_pointers(replace(contract, media=MediaPlaces(media)))] == [
        "/x-job/media/seconds",
        "/x-job/media/first/1",
    ]


def test_what_breaks_the_extension_is_said_at_each_of_its_places() -> None:
    files = read_source(ROOT / "fixtures" / "lantern")
    document = files.files["openapi.json"]
    places = [*places_of_jobs(document, "")]
    for pointer in places:
        node = follow(document, parts(pointer))
        node["nonsense"] = 1

    named = {place.pointer for place, message in check_extension(files) if "'nonsense' is not" in message}

    assert named == {place for place in places if "/callbacks/" not in place}
    assert len(named) > 5


def places_of_jobs(node: Any, at: str) -> Iterator[str]:
    """Where a document says something in the words of `x-job`."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from places_of_jobs(item, f"{at}/{index}")
    elif isinstance(node, dict):
        for key, child in node.items():
            below = at + write((key,))
            if key == "x-job":
                yield from (
                    [f"{below}/{index}" for index in range(len(child))]
                    if isinstance(child, list)
                    else [below]
                )
            else:
                yield from places_of_jobs(child, below)


@given(st.dictionaries(st.sampled_from("abcd"), st.lists(st.sampled_from(["plain", "big"]), unique=True)))
def test_a_profile_that_lays_over_what_another_does_is_read_once(profiles: dict[str, list[str]]) -> None:
    by_name: dict[str, list[str]] = {"documented": [], **profiles}
    document = {"x-job": {"profiles": by_name}}
    files = Source("made-up", Path(), {"openapi.json": document, "overlays/plain.json": {}}, "", "")

    laid = [[*by_name[reading.profile], *reading.overlays] for reading in distinct_readings(files)]

    assert [*map(tuple, laid)] == [*dict.fromkeys(map(tuple, ([], *profiles.values(), ["plain"])))]


def test_each_reading_is_compiled_once_for_the_check_and_the_play(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[tuple[str, tuple[str, ...]]] = []

    def counting(files: Source, *, profile: str, overlays: tuple[str, ...], **more: Any) -> Any:
        compiled.append((profile, overlays))
        return compile_contract(files, profile=profile, overlays=overlays, **more)

    monkeypatch.setattr(profile_readings, "compile_contract", counting)
    assert find_problems(FOLDERS["aimlapi"]) == []
    files = read_source(FOLDERS["aimlapi"])
    assert compiled == [(reading.profile, reading.overlays) for reading in distinct_readings(files)]
