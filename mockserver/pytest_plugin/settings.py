"""The plugin's options, ini settings and marker, and what a session or a test says by them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

OPTIONS: Final = {
    "scenario": ("FILE", "start mock servers with the scenario in this file, TOML or JSON"),
    "profile": ("NAME", "which description of the APIs to follow: documented, vendor or observed"),
    "pace": ("PACE", "how jobs progress: immediate, time, polls:N or manual"),
}
"""Option to the placeholder of its value, and its help."""
REPORT: Final = ("DIR", "write a page for each failed test into this folder: what the mock server saw")
"""The option `report`, as one of OPTIONS; it is no setting of a server."""
LISTS: Final = {
    "contracts": ("DIR", "folder with more providers, or one provider's"),
    "provider": (
        "NAME",
        "serve only this provider, or all; else the usual ones and those of contracts",
    ),
    "replace": ("NAME", "let a further folder replace the provider of this name"),
    "mount": ("NAME=/PREFIX", "put the provider below a prefix, the second time a copy of it"),
}
"""Options that may be repeated, with one value a line in the ini file; as OPTIONS."""
MARKER: Final = (
    "mockserver(scenario=..., pace=..., profile=..., contracts=[...], ...): run this test's tenant on a"
    " server with these settings; a path is relative to the test's folder"
)


def add_options(parser: pytest.Parser) -> None:
    """Add `--mockserver-NAME` and the ini setting `mockserver_NAME` for each option."""
    group = parser.getgroup("mockserver")
    for name, (placeholder, description) in {**OPTIONS, "report": REPORT}.items():
        group.addoption(
            f"--mockserver-{name}", dest=f"mockserver_{name}", metavar=placeholder, help=description
        )
        parser.addini(f"mockserver_{name}", f"{description}.")
    for name, (placeholder, description) in LISTS.items():
        group.addoption(
            f"--mockserver-{name}",
            dest=f"mockserver_{name}",
            metavar=placeholder,
            action="append",
            help=f"{description}; may be repeated",
        )
        parser.addini(f"mockserver_{name}", f"{description}.", type="linelist")


def given(config: pytest.Config, name: str) -> tuple[Any, Path]:
    """The value of an option, else of its ini setting, and the folder to which a path in it is relative."""
    value = config.getoption(f"mockserver_{name}")
    if value:
        return value, config.invocation_params.dir
    folder = config.inipath.parent if config.inipath else config.rootpath
    return config.getini(f"mockserver_{name}"), folder


def listed(config: pytest.Config, name: str) -> tuple[str, ...]:
    """The values of an option of LISTS, else those of the ini file. A path is relative to where it stands."""
    texts, folder = given(config, name)
    return tuple(str(folder / text) if name == "contracts" else text for text in texts)


def session_settings(config: pytest.Config) -> Iterator[tuple[str, str | Path]]:
    """Settings from the command line, else from the ini file. A path is relative to where it stands."""
    for name in OPTIONS:
        value, folder = given(config, name)
        if value:
            yield name, folder / value if name == "scenario" else value


def marked(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The settings of the test's markers, the closest last."""
    named: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("mockserver"))):
        if marker.args:
            pytest.fail(f"mockserver: give the settings by name: {MARKER}", pytrace=False)
        named.update(marker.kwargs)
    if named.get("scenario") is not None:
        named["scenario"] = request.path.parent / named["scenario"]
    if "contracts" in named:
        roots = named["contracts"]
        roots = [roots] if isinstance(roots, str | Path) else roots
        named["contracts"] = [request.path.parent / root for root in roots]
    return named
