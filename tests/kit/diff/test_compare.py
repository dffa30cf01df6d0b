"""What is told beside the code: where, who says so, and where it stands in the second contract."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

from mockserver.contract.source import builtin_root, find_providers
from mockserver.errors import ContractError, SettingsError
from mockserver.kit.diff.change import Change, Severity
from mockserver.kit.diff.compare import compare
from mockserver.kit.diff.side import read
from tests.kit.diff.cases import FIELD, STATES, state
from tests.kit.diff.edits import orbit, schema, sides

PROFILES = ("documented", "vendor", "observed")
BUILTIN = list(find_providers(builtin_root()))


def changes(before: str, after: str) -> list[Change]:
    return compare(read(before), read(after))


def lines(before: str, after: str) -> set[tuple[str, str]]:
    return {(change.code, change.where[0]) for change in changes(before, after)}


@pytest.mark.parametrize("name", [f"{name}@{profile}" for name, profile in product(BUILTIN, PROFILES)])
def test_a_contract_does_not_differ_from_itself(name: str) -> None:
    assert changes(name, name) == []


@pytest.mark.parametrize("name", BUILTIN)
def test_a_name_and_its_folder_are_one_contract(name: str) -> None:
    assert changes(name, str(builtin_root() / name)) == []


@pytest.mark.parametrize(("name", "profile"), list(product(BUILTIN, PROFILES[1:])))
def test_what_one_way_adds_the_other_removes(name: str, profile: str) -> None:
    there, back = changes(name, f"{name}@{profile}"), changes(f"{name}@{profile}", name)

    for thing in ("operation", "model", "server", "parameter"):
        added = {change.where for change in there if change.code == f"{thing}.added"}
        removed = {change.where for change in back if change.code == f"{thing}.removed"}
        assert added == removed


def test_the_vendor_of_gmicloud_has_more_words_and_models() -> None:
    assert lines("gmicloud", "gmicloud@vendor") >= {
        ("state.added-on-way", "state dispatched"),
        ("state.added-on-way", "state created"),
        ("response.enum-widened", "listRequests 200: requests[].status"),
        ("parameter.added", "submitRequest header x-organization-id"),
        ("model.added", "model kling-v2-6"),
        ("request.enum-widened", "submitRequest body: model"),
    }
    codes = {change.code for change in changes("gmicloud", "gmicloud@vendor")}
    assert "request.condition-narrowed" not in codes, "a rule of a new model binds nobody"


def test_the_live_records_of_gmicloud_need_not_have_a_link_where_the_documents_have_it() -> None:
    worst = changes("gmicloud", "gmicloud@observed")[0]

    assert worst.code == "response.became-optional"
    assert 'readRequest 200: outcome.video_url, when status is "success"' in worst.where
    assert worst.before == "video_url must be there"
    assert worst.file == "overlays/live-record.json"
    assert worst.pointer.startswith("/patch/schemas~1record.json/$defs/succeeded")


def test_the_vendor_of_kkiai_asks_for_fewer_fields_and_knows_more_rules() -> None:
    changes = lines("kkiai", "kkiai@vendor")

    assert ("request.became-optional", "submitImage2Video body: model_name") in changes
    assert ("request.condition-narrowed", "submitImage2Video body") in changes
    assert ("operation.added", "submitText2Video") in changes
    assert ("server.added", "base URL") in changes


def test_the_vendor_of_aimlapi_takes_away_nothing_but_other_forms_of_fields_that_the_page_does_not_know() -> (
    None
):
    worse = [
        change
        for change in changes("aimlapi", "aimlapi@vendor")
        if change.severity not in (Severity.HARMLESS, Severity.TEXT)
    ]
    assert {change.code for change in worse} <= {"request.condition-narrowed", "request.property-removed"}
    for change in worse:
        if change.severity is Severity.BREAKING:
            assert change.witness is not None
            assert set(json.loads(change.witness)) & {"static_mask", "dynamic_masks", "camera_control"}


def test_the_source_is_of_who_says_it_now_and_else_of_who_said_it(tmp_path: Path) -> None:
    new = {**FIELD, "x-provenance": "ASSUMED said now"}
    before, after = sides(tmp_path, [], [schema("lite", "/properties/more", new)])

    assert [change.source for change in compare(before, after)] == ["ASSUMED said now"]
    assert [change.source for change in compare(after, before)] == ["ASSUMED said now"]


def test_the_place_is_where_it_stands_in_the_second_folder_or_the_nearest_there_is(tmp_path: Path) -> None:
    before, after = sides(tmp_path, [], [schema("lite", "/properties/more", FIELD)])

    (there,), (back,) = compare(before, after), compare(after, before)

    assert (there.file, there.pointer) == ("schemas/lite.json", "/properties/more")
    assert (back.file, back.pointer) == ("schemas/lite.json", "/properties")


def test_a_change_seen_from_several_answers_is_one(tmp_path: Path) -> None:
    edit = schema(
        "render", "/properties/state/enum", ["PENDING", "RENDERING", "DONE", "ERROR", "ABORTED", "?"]
    )
    (change,) = compare(*sides(tmp_path, [], [edit]))

    assert {*change.where} == {
        "startRender 202: state",
        "readRender 200: state",
        "abortRender 200: state",
        "listRenders 200: renders[].state",
    }


def test_a_condition_is_told_with_the_field(tmp_path: Path) -> None:
    (change,) = compare(*sides(tmp_path, [], [schema("lite", "/properties/seconds/maximum", 3)]))

    assert change.where == ('startRender body: seconds, when engine is "orbit-lite"',)
    assert (change.before, change.after) == ("maximum 4", "maximum 3")


def test_a_schema_that_holds_itself_ends(tmp_path: Path) -> None:
    nested = {**FIELD, "type": "object", "properties": {"in": {"$ref": "#/properties/more"}}}
    base = [schema("lite", "/properties/more", nested)]

    (change,) = compare(*sides(tmp_path, base, [schema("lite", "/properties/more/minProperties", 1)]))

    assert change.code == "request.range-narrowed"


def test_the_order_of_keys_and_fields_is_no_difference(tmp_path: Path) -> None:
    text = {"x-provenance": FIELD["x-provenance"], "type": "string"}
    before, after = sides(
        tmp_path,
        [schema("lite", "/properties/a", FIELD), schema("lite", "/properties/b", FIELD)],
        [schema("lite", "/properties/a"), schema("lite", "/properties/a", text)],
    )

    assert compare(before, after) == []


def test_the_worst_comes_first(tmp_path: Path) -> None:
    edits = [
        orbit("/info/version", "4"),
        orbit(f"{STATES}/PENDING/seconds", 1),
        orbit(f"{STATES}/PENDING/next/-", "DONE"),
        orbit(f"{STATES}/LOST", state("failed")),
    ]
    severities = [change.severity for change in compare(*sides(tmp_path, [], edits))]

    assert severities == [Severity.BREAKING, Severity.RISKY, Severity.HARMLESS, Severity.TEXT]


def test_a_renamed_place_of_a_path_is_no_difference_on_the_wire(tmp_path: Path) -> None:
    edits = [
        orbit("/paths/~1v3~1engines~1{word}", {"$copy": "/paths/~1v3~1engines~1{name}"}),
        orbit("/paths/~1v3~1engines~1{word}/get/parameters/0/name", "word"),
        orbit("/paths/~1v3~1engines~1{word}/get/x-job/key", "path.word"),
        orbit("/paths/~1v3~1engines~1{name}"),
    ]

    assert compare(*sides(tmp_path, [], edits)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nobody", "neither a provider"),
        ("gmicloud@nobody", "no profile 'nobody'"),
        ("tests", "has no openapi.json"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[3])

    with pytest.raises((SettingsError, ContractError), match=message):
        read(text)
