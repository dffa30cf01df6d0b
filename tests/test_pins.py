"""The versions that `make install` takes."""

from __future__ import annotations

import tomllib
from itertools import chain

from tests.pins import PINS, ROOT, moves, versions


def test_every_package_that_is_installed_directly_has_one_version() -> None:
    text = PINS.read_text("utf-8")
    pinned = {name.partition(" ")[0] for name in versions(text)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *chain(*project["project"]["optional-dependencies"].values()),
        *project["dependency-groups"]["dev"],
    ]
    names = {requirement.split(";")[0].split(">")[0].strip().lower() for requirement in wanted}
    assert names | {"pip", "editables"} <= pinned
    assert "://" not in text
    assert all("==" in line for line in text.splitlines())


def test_what_moved_is_told_by_package() -> None:
    old = versions("alike==1\nmoved==1.0\nleft==2 ; os_name == 'nt'\n")
    new = versions("alike==1\nmoved==1.1\ncame==3\n")
    expected = ["came  none -> 3", "left ; os_name == 'nt'  2 -> none", "moved  1.0 -> 1.1"]
    assert moves(old, new) == expected
