"""A contract with one mistake: the loader, or the check, says which and where. No mistake is a traceback."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.contract.check import ContractProblem, check_folder, check_source
from mockserver.contract.loader import compile_contract, load_contract
from mockserver.contract.source import Source, builtin_root, find_providers, merge_patch, read_source
from mockserver.errors import ContractError
from mockserver.media.picture import measure

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
BROKEN = sorted((FIXTURES / "broken").glob("*.json"))
GOOD = read_source(FIXTURES / "orbit")

Case = dict[str, Any]


def broken(case: Case, folder: Path) -> Path:
    """The good contract with the case's mistake in it, as files."""
    shutil.copytree(FIXTURES / "orbit", folder, ignore=shutil.ignore_patterns("goldens"))
    for name, patch in case.get("patch", {}).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        before = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        path.write_text(json.dumps(merge_patch(before, patch)), encoding="utf-8")
    for name, text in case.get("raw", {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def read_case(path: Path) -> Case:
    case: Case = json.loads(path.read_text(encoding="utf-8"))
    return case


def hits(case: Case, findings: list[ContractProblem]) -> list[ContractProblem]:
    return [
        problem
        for problem in findings
        if (problem.file, problem.pointer) == (case["file"], case["pointer"])
        and case["message"] in problem.message
    ]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_mistake_is_named_with_file_and_pointer(path: Path, tmp_path: Path) -> None:
    case = read_case(path)
    folder = broken(case, tmp_path / "orbit")

    if case["by"] == "load":
        with pytest.raises(ContractError) as caught:
            load_contract(folder, measure=measure)
        assert (caught.value.file, caught.value.pointer) == (case["file"], case["pointer"])
        assert case["message"] in caught.value.message
        assert "\n" not in str(caught.value)

    assert hits(case, check_folder(folder, measure))


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_what_only_the_check_finds_is_served_all_the_same(path: Path, tmp_path: Path) -> None:
    case = read_case(path)
    folder = broken(case, tmp_path / "orbit")

    if case["by"] == "check":
        assert load_contract(folder, measure=measure).provider == "orbit"


def test_the_good_contract_is_good() -> None:
    assert check_source(GOOD, measure) == []


def pointers(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    below: list[tuple[str | int, ...]] = [path] if path else []
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        below += pointers(value, (*path, key))
    return below


PLACES = [(file, path) for file, content in GOOD.files.items() for path in pointers(content)]
GONE = object()
DAMAGE: list[Any] = [
    GONE, None, 0, -1, True, "", "x", [], {}, [0], ["x"], {"x": 1}, [{}],
    {"$ref": "#/components/responses/Render"}, {"$ref": "#/x-job"}, {"$ref": "schemas/lite.json"},
    {"$ref": 1},
]  # fmt: skip


def damaged(place: tuple[str, tuple[str | int, ...]], damage: Any) -> Source:
    file, path = place
    files = {**GOOD.files, file: copy.deepcopy(GOOD.files[file])}
    node = files[file]
    for key in path[:-1]:
        node = node[key]
    if damage is GONE:
        del node[path[-1]]
    else:
        node[path[-1]] = copy.deepcopy(damage)
    return Source(GOOD.name, GOOD.folder, files)


def refusal(files: Source, *, sound: bool = False) -> ContractError | None:
    """What the loader says against the files, if anything."""
    try:
        compile_contract(files, measure=measure, sound=sound)
    except ContractError as error:
        return error
    return None


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), st.sampled_from(DAMAGE))
def test_no_damage_is_a_traceback(place: tuple[str, tuple[str | int, ...]], damage: Any) -> None:
    files = damaged(place, damage)

    error = refusal(files)

    if error is not None:
        assert error.file in files.files
        assert "\n" not in str(error)
        assert len(error.message) < 600


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), st.sampled_from(DAMAGE))
def test_the_check_finds_what_the_loader_refuses(
    place: tuple[str, tuple[str | int, ...]], damage: Any
) -> None:
    files = damaged(place, damage)

    findings = check_source(files, measure)

    error = refusal(files)
    if error is not None:
        assert ContractProblem(files.name, error.file, error.pointer, error.message) in findings


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), st.sampled_from(DAMAGE))
def test_files_taken_for_sound_are_refused_in_the_same_words_if_at_all(
    place: tuple[str, tuple[str | int, ...]], damage: Any
) -> None:
    files = damaged(place, damage)

    error = refusal(files, sound=True)

    if error is not None:
        assert str(error) == str(refusal(files))


@pytest.mark.parametrize("profile", ["documented", "vendor", "observed"])
@pytest.mark.parametrize("folder", find_providers(builtin_root()).values(), ids=lambda folder: folder.name)
def test_ours_are_sound(folder: Path, profile: str) -> None:
    files = read_source(folder)
    examined = compile_contract(files, measure=measure, profile=profile)
    taken = compile_contract(files, measure=measure, profile=profile, sound=True)
    assert taken.document == examined.document
    assert taken.overlays == examined.overlays
    for name, operation in taken.operations.items():
        assert operation.answers.keys() == examined.operations[name].answers.keys()
        for answer in operation.answers.values():
            if answer.schema is not None:
                answer.schema.compile()
