"""Reading a folder, laying overlays, bundling into one document."""

from __future__ import annotations

import copy
import json
import shutil
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import validate

from mockserver.contract import pointer
from mockserver.contract.source import (
    Source,
    apply_overlays,
    builtin_root,
    bundle,
    find_providers,
    merge_patch,
    origin,
    read_source,
    resolve,
)
from mockserver.errors import ContractError

ORBIT = Path(__file__).resolve().parents[2] / "fixtures" / "orbit"

RFC_7396: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
names = st.sampled_from("abc")
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


def without_null(value: Any) -> Any:
    """The value with every key of an object that holds null taken out, as no patch can write one."""
    if not isinstance(value, dict):
        return value
    return {key: without_null(item) for key, item in value.items() if item is not None}


def patch_between(before: Any, after: Any) -> Any:
    """A merge patch that turns one value into another."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return after
    gone = {key: None for key in before if key not in after}
    return gone | {key: patch_between(before.get(key), item) for key, item in after.items()}


@pytest.mark.parametrize(("target", "patch", "result"), RFC_7396)
def test_merge_patch_does_as_the_rfc_shows(target: Any, patch: Any, result: Any) -> None:
    assert merge_patch(target, patch) == result


@given(values, values)
def test_merge_patch_changes_neither_argument(target: Any, patch: Any) -> None:
    before = copy.deepcopy((target, patch))

    merge_patch(target, patch)

    assert (target, patch) == before


@given(values, values)
def test_merge_patch_twice_is_once(target: Any, patch: Any) -> None:
    once = merge_patch(target, patch)

    assert merge_patch(once, patch) == once


@given(values)
def test_an_empty_patch_changes_no_object(target: Any) -> None:
    assert merge_patch(target, {}) == (target if isinstance(target, dict) else {})


@given(values.map(without_null), values.map(without_null))
def test_merge_patch_reaches_every_value_without_null(before: Any, after: Any) -> None:
    assert merge_patch(before, patch_between(before, after)) == after


@given(values, values)
def test_merge_patch_leaves_no_null_of_its_own(target: Any, patch: Any) -> None:
    merged = merge_patch(target, patch)

    if isinstance(patch, dict):
        assert all(key not in merged for key, item in patch.items() if item is None)


def orbit() -> Source:
    return read_source(ORBIT)


def test_read_source_reads_document_schemas_and_overlays() -> None:
    files = read_source(builtin_root() / "gmicloud")

    assert files.name == "gmicloud"
    assert {"openapi.json", "schemas/submit.json", "overlays/seven-states.json"} <= files.files.keys()
    assert "seven-states" in files.overlays()


def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path) -> None:
    shutil.copytree(ORBIT, tmp_path / "orbit")
    for file in tmp_path.rglob("*.json"):
        file.write_bytes(BOM_UTF8 + file.read_bytes())
    assert read_source(tmp_path / "orbit").files == read_source(ORBIT).files


def test_find_providers_takes_a_provider_and_a_folder_of_them() -> None:
    assert find_providers(ORBIT) == {"orbit": ORBIT}
    folders = {document.parent for document in ORBIT.parent.glob("*/openapi.json")}
    assert set(find_providers(ORBIT.parent).values()) == folders > {ORBIT}
    assert {"gmicloud", "aimlapi", "kkiai"} <= set(find_providers(builtin_root()))


def test_find_providers_says_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"no openapi\.json"):
        find_providers(tmp_path)


def test_read_source_names_a_missing_document(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"^openapi\.json: the file is missing$"):
        read_source(tmp_path)


def test_lay_patches_a_file_and_leaves_the_source_alone() -> None:
    files = orbit()
    patch = {"schemas/lite.json": {"required": [], "properties": {"shape": None}}}
    files.files["overlays/short.json"] = {"title": "Short", "patch": patch}

    laid = apply_overlays(files, ["short"])

    assert laid.files["schemas/lite.json"]["required"] == []
    assert "shape" not in laid.files["schemas/lite.json"]["properties"]
    assert files.files["schemas/lite.json"]["required"] == ["text"]


def test_lay_takes_overlays_in_order() -> None:
    files = orbit()
    for name, maximum in (("first", 1), ("second", 2)):
        patch = {"schemas/lite.json": {"properties": {"seconds": {"maximum": maximum}}}}
        files.files[f"overlays/{name}.json"] = {"patch": patch}

    def maximum_of(*overlays: str) -> Any:
        return apply_overlays(files, overlays).files["schemas/lite.json"]["properties"]["seconds"]["maximum"]

    assert (maximum_of("first", "second"), maximum_of("second", "first"), maximum_of()) == (2, 1, 4)


def test_lay_can_add_a_schema_file() -> None:
    files = orbit()
    files.files["overlays/more.json"] = {"patch": {"schemas/more.json": {"type": "object"}}}

    assert apply_overlays(files, ["more"]).files["schemas/more.json"] == {"type": "object"}


def test_lay_names_the_overlays_there_are() -> None:
    files = orbit()
    files.files["overlays/short.json"] = {"patch": {}}

    with pytest.raises(ContractError, match="there is no overlay 'long'; overlays: short"):
        apply_overlays(files, ["long"])


def references(node: Any) -> list[str]:
    targets: list[str] = []
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        targets += references(value)
    return targets + ([node["$ref"]] if isinstance(node, dict) and isinstance(node.get("$ref"), str) else [])


def test_bundle_holds_every_file_and_points_at_itself_only() -> None:
    document = bundle(orbit())

    assert {"ask", "lite", "max", "render", "fault"} <= document["components"]["schemas"].keys()
    assert references(document)
    for reference in references(document):
        assert reference.startswith("#/")
        assert pointer.follow(document, pointer.parts(reference[1:])) is not pointer.ABSENT


@pytest.mark.parametrize(
    ("at", "reference"),
    [
        ("/x-job/models/orbit-lite/payload", "#/components/schemas/lite"),
        ("/components/schemas/ask/allOf/0/then", "#/components/schemas/lite"),
        ("/components/schemas/render/properties/made", "#/components/schemas/render/$defs/moment"),
        ("/components/schemas/render/properties/fault", "#/components/schemas/fault/$defs/fault"),
        ("/paths/~1v3~1renders/get/responses/400", "#/components/responses/Invalid"),
    ],
)
def test_bundle_rewrites_each_kind_of_reference(at: str, reference: str) -> None:
    node = pointer.follow(bundle(orbit()), pointer.parts(at))

    assert node["$ref"] == reference


def test_bundle_keeps_our_own_words_and_drops_the_dialect() -> None:
    schema = bundle(orbit())["components"]["schemas"]["max"]

    assert "$schema" not in schema
    assert schema["properties"]["frame"]["x-image"]["types"] == ["png"]
    assert schema["x-provenance"].startswith("ASSUMED")


def test_bundle_leaves_the_files_alone() -> None:
    files = orbit()
    before = copy.deepcopy(files.files)

    bundle(files)

    assert files.files == before


def test_a_bundle_is_openapi() -> None:
    validate(json.loads(json.dumps(bundle(orbit()))))


def test_resolve_follows_to_the_end() -> None:
    document = bundle(orbit())

    assert resolve(document, {"$ref": "#/components/schemas/render/properties/made"})["format"] == "date-time"


def test_resolve_follows_sixteen_references_and_ends_in_a_circle() -> None:
    document: dict[str, Any] = {str(number): {"$ref": f"#/{number - 1}"} for number in range(1, 30)}
    document["0"] = {"title": "the end"}

    assert resolve(document, {"$ref": "#/15"}) == {"title": "the end"}
    assert resolve(document, {"$ref": "#/16"}) == {"$ref": "#/0"}
    assert resolve({"a": {"$ref": "#/a"}}, {"$ref": "#/a"}) == {"$ref": "#/a"}


def test_origin_gives_back_file_and_pointer() -> None:
    files = orbit()

    assert origin(files, "/components/schemas/lite/properties/text") == (
        "schemas/lite.json",
        "/properties/text",
    )
    assert origin(files, "/components/schemas/lite") == ("schemas/lite.json", "")
    assert origin(files, "/components/schemas/other") == ("openapi.json", "/components/schemas/other")
    assert origin(files, "/components/schemas") == ("openapi.json", "/components/schemas")
    assert origin(files, "/paths/~1v3~1renders") == ("openapi.json", "/paths/~1v3~1renders")
    assert origin(files, "/components/responses/Ended") == ("openapi.json", "/components/responses/Ended")
