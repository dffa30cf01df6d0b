"""Paths and their parameters fit together, and no two paths are the same."""

from __future__ import annotations

import pytest

from mockserver.contract.shape import _check_paths, _mismatches
from mockserver.errors import ContractError


@pytest.mark.parametrize(
    ("in_path", "declared", "problems"),
    [
        ([], [], []),
        (["id"], ["id"], []),
        (["owner", "id"], ["id", "owner"], []),
        (["id"], [], ["{id} of the path is not declared as a parameter"]),
        ([], ["id"], ["the path parameter id is not in the path"]),
        (["a-b"], ["a-b"], ["{a-b} of the path must be a plain name and occur only once"]),
        (["id", "id"], ["id"], ["{id} of the path must be a plain name and occur only once"] * 2),
        (
            ["a", "b"],
            ["b", "c"],
            ["{a} of the path is not declared as a parameter", "the path parameter c is not in the path"],
        ),
    ],
)
def test_each_name_of_a_path_is_a_parameter_and_the_other_way_round(
    in_path: list[str], declared: list[str], problems: list[str]
) -> None:
    assert [*_mismatches(in_path, declared)] == problems


@pytest.mark.parametrize(
    ("paths", "twin"),
    [
        (["/a", "/b", "/a/{id}"], None),
        (["/a/{id}", "/a/{id}/b", "/a/{id}b"], None),
        (["/x", "/a/{id}", "/a/{name}"], "/a/{id}"),
        (["/a/{b}/{c}", "/a/{c}/{b}"], "/a/{b}/{c}"),
    ],
)
def test_paths_that_differ_in_names_alone_are_the_same(paths: list[str], twin: str | None) -> None:
    if twin is None:
        _check_paths(paths)
        return
    with pytest.raises(ContractError, match="is the same path as") as broken:
        _check_paths(paths)
    assert twin in str(broken.value)
    assert broken.value.pointer == "/paths/" + paths[-1].replace("/", "~1")
