"""Which providers' folders there are, whoever asks: ours, packages', the user's; names, copies and mounts."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract import registry
from mockserver.contract.registry import ContractSources, using
from mockserver.contract.source import builtin_root, find_providers
from mockserver.errors import ContractError, SettingsError
from mockserver.settings import Mount, read_mounts
from tests.serving import ROOT

FOURTH = ROOT / "tests" / "fourth"
USUAL = {"aimlapi", "gmicloud", "kkiai"}


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONTRACTS", "REPLACE", "MOUNT"):
        monkeypatch.delenv(f"MOCKSERVER_{name}", raising=False)


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """`packages("name", "value")` installs a package with such an entry point; gives its folder."""

    def install(name: str, value: str) -> Path:
        info = tmp_path / f"{name.replace('-', '_')}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n", "utf-8")
        (info / "entry_points.txt").write_text(f"[mockserver.contracts]\n{name} = {value}\n", "utf-8")
        return tmp_path

    monkeypatch.syspath_prepend(str(tmp_path))
    yield install
    for name in [name for name in sys.modules if name.startswith("brought")]:
        del sys.modules[name]


def _provider(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "openapi.json").write_text("{}", encoding="utf-8")
    return folder


def _sources(*roots: Path, replaced: Sequence[str] = (), mounts: Sequence[str] = ()) -> ContractSources:
    return ContractSources(roots, tuple(replaced), read_mounts(mounts))


def test_ours_come_first_then_the_users() -> None:
    assert registry.find_all() == find_providers(builtin_root())
    found = registry.find_all(_sources(FOURTH))
    assert list(found) == [*find_providers(builtin_root()), "ember"]
    assert registry.find_all(_sources(FOURTH / "ember")) == found


def test_two_folders_of_one_name_are_refused_by_both_their_names(tmp_path: Path) -> None:
    first, second = _provider(tmp_path / "a" / "orbit"), _provider(tmp_path / "b" / "orbit")
    for roots in ([tmp_path / "a", tmp_path / "b"], [first, second]):
        with pytest.raises(ContractError) as refused:
            registry.find_all(_sources(*roots))
        assert str(first) in refused.value.message
        assert "--replace orbit" in refused.value.message
        assert refused.value.file == str(second)


def test_one_of_ours_is_replaced_on_purpose_only(tmp_path: Path) -> None:
    own = _provider(tmp_path / "gmicloud")
    for ask in (registry.find_all, registry.served, lambda sources: registry.place("gmicloud", sources)):
        with pytest.raises(
            ContractError, match=r"--mockserver-replace gmicloud, in_process\.serve\(replace=\['gmicloud'\]"
        ):
            ask(_sources(tmp_path))
    sources = _sources(tmp_path, own, replaced=["gmicloud"])
    assert registry.find_all(sources) == {**find_providers(builtin_root()), "gmicloud": own}
    assert registry.place("gmicloud", sources).folder == own
    assert registry.served(sources)["gmicloud"].folder == own


def test_a_name_to_replace_that_nothing_replaces_is_refused() -> None:
    with pytest.raises(SettingsError, match="replace gmiclod: "):
        registry.find_all(_sources(FOURTH, replaced=["gmiclod"]))
    with pytest.raises(SettingsError, match="replace ember: "):
        registry.served(_sources(FOURTH, replaced=["ember"]))


def test_what_is_given_counts_then_what_is_in_use_then_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = _provider(tmp_path / "other")
    monkeypatch.setenv("MOCKSERVER_CONTRACTS", str(FOURTH))
    assert "ember" in registry.find_all()
    with using(_sources(other)):
        assert {"other"} == registry.find_all().keys() - find_providers(builtin_root())
        assert "ember" in registry.find_all(_sources(FOURTH))
    assert "other" not in registry.find_all()
    monkeypatch.setenv("MOCKSERVER_MOUNT", "ember=/hot kkiai=/cold")
    assert registry.current().mounts == (Mount("ember", "/hot"), Mount("kkiai", "/cold"))


def test_a_server_has_the_usual_ones_and_the_users_own_or_those_that_it_is_told() -> None:
    assert registry.served().keys() == USUAL
    assert registry.served(_sources(FOURTH)).keys() == USUAL | {"ember"}
    assert registry.served(_sources(FOURTH), ["kkiai"]).keys() == {"kkiai"}
    assert registry.served(_sources(FOURTH), ["all"]).keys() == {*find_providers(builtin_root()), "ember"}


@pytest.mark.parametrize("ask", [lambda name: registry.served(names=[name]), registry.place])
def test_an_unknown_name_lists_those_that_there_are(ask: Callable[[str], Any]) -> None:
    with pytest.raises(SettingsError, match=r"no provider 'gmicluod'; did you mean gmicloud\?.*kkiai"):
        ask("gmicluod")


def test_a_mount_moves_a_provider_and_the_second_is_a_copy() -> None:
    sources = _sources(mounts=["gmicloud=/relay", "gmicloud=/a/b"])
    served = registry.served(sources)
    assert served["gmicloud"].prefix == "/relay"
    assert served["gmicloud@a-b"].prefix == "/a/b"
    assert served["kkiai"].prefix == ""
    assert registry.place("gmicloud@a-b", sources) == served["gmicloud@a-b"]


def test_a_mounted_provider_is_served_whatever_else_is() -> None:
    assert registry.served(_sources(FOURTH, mounts=["ember=/e"]), ["kkiai"]).keys() == {"kkiai", "ember"}
    with pytest.raises(SettingsError, match="no provider 'embr'; did you mean ember"):
        registry.served(_sources(FOURTH, mounts=["embr=/e"]))


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (["gmicloud"], "must look like"),
        (["gmicloud=relay"], "must look like"),
        (["gmicloud=/a/../b"], "must look like"),
        (["gmicloud=/a?b"], "must look like"),
        (["gmicloud=/__mock/x"], "the server's own"),
        (["gmicloud=/media"], "the server's own"),
        (["gmicloud=/a/b", "gmicloud=/a-b"], "two copies"),
    ],
)
def test_a_mount_that_cannot_be_is_refused(texts: list[str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        read_mounts(texts)


def test_a_package_brings_contracts_by_its_name_or_by_a_path(packages: Callable[..., Path]) -> None:
    home = packages("brought-a", "brought_folders")
    shutil.copytree(FOURTH, home / "brought_folders")
    (home / "brought_folders" / "__init__.py").touch()
    packages("brought-b", "brought_module:FOLDER")
    _provider(home / "elsewhere" / "comet")
    (home / "brought_module.py").write_text(f"FOLDER = {str(home / 'elsewhere')!r}\n", encoding="utf-8")

    found = registry.find_all()
    assert found["ember"] == home / "brought_folders" / "ember"
    assert found["comet"] == home / "elsewhere" / "comet"
    assert registry.place("ember").folder == found["ember"]
    assert registry.served().keys() == USUAL
    assert registry.served(names=["ember", "kkiai"]).keys() == {"kkiai", "ember"}
    with pytest.raises(ContractError, match="--replace ember"):
        registry.find_all(_sources(FOURTH))
    replaced = _sources(FOURTH, replaced=["ember"])
    assert registry.find_all(replaced)["ember"] == FOURTH / "ember"
    assert registry.served(replaced)["ember"].folder == FOURTH / "ember"


@pytest.mark.parametrize("value", ["brought_nowhere", "brought_empty", "brought_empty:FOLDER"])
def test_a_package_that_brings_nothing_is_named(packages: Callable[..., Path], value: str) -> None:
    home = packages("brought-c", value)
    (home / "brought_empty").mkdir()
    (home / "brought_empty" / "__init__.py").touch()
    with pytest.raises(SettingsError, match="brought-c brings contracts by its entry point brought-c"):
        registry.find_all()


def test_packages_are_not_asked_for_what_is_there_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "entry_points", None)
    monkeypatch.delitem(sys.modules, "mockserver.contract.packaged", raising=False)
    assert registry.served().keys() == USUAL
    assert registry.place("ember", _sources(FOURTH)).folder == FOURTH / "ember"
    assert "mockserver.contract.packaged" not in sys.modules
