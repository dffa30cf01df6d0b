"""What a judge is: a function from evidence to what is wrong in it. `judges/` has them all."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from mockserver.kit.conform.evidence import Evidence

Level = Literal["MUST", "SHOULD", "MAY"]


class JudgeBreach(NamedTuple):
    """What a judge finds: what should have been, what was, and the numbers of the exchanges that show it."""

    expected: str
    actual: str
    exchanges: tuple[int, ...] = ()


Look = Callable[..., Iterator[JudgeBreach]]
L = TypeVar("L", bound=Look)
_MADE: dict[str, Judge] = {}


@dataclass(frozen=True, slots=True)
class Judge:
    """One judge. `rule` says what it demands; with `always` it judges every case, at that level."""

    name: str
    rule: str
    always: Level | None
    look: Look
    settings: type[BaseModel]

    def check(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The settings with their defaults. Raises ValueError that names the place."""
        try:
            read = self.settings.model_validate(dict(settings))
        except ValidationError as error:
            one = error.errors(include_url=False)[0]
            place = ".".join(("settings", *map(str, one["loc"])))
            raise ValueError(f"{place}: {one['msg']} ({self.name})") from None
        return {name: getattr(read, name) for name in self.settings.model_fields}

    def judge(self, seen: Evidence, settings: Mapping[str, Any]) -> list[JudgeBreach]:
        """What is wrong; none for all is well. Raises ValueError for settings that make no sense."""
        return list(self.look(seen, **self.check(settings)))

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its settings."""
        schema = self.settings.model_json_schema()
        return {name: value for name, value in schema.items() if name != "title"}


def judge(name: str, rule: str, *, always: Level | None = None) -> Callable[[L], L]:
    """Make a function a judge. Its parameters after the evidence are its settings."""

    def made(look: L) -> L:
        if name in _MADE:
            raise ValueError(f"two judges are called {name!r}")
        _MADE[name] = Judge(name, rule, always, look, _settings(look))
        return look

    return made


def _settings(look: Look) -> type[BaseModel]:
    hints = get_type_hints(look)
    parameters = list(inspect.signature(look).parameters.values())[1:]
    fields: dict[str, Any] = {
        one.name: (hints[one.name], ... if one.default is inspect.Parameter.empty else one.default)
        for one in parameters
    }
    return create_model(look.__name__, __config__=ConfigDict(extra="forbid", strict=False), **fields)


@cache
def judges() -> Mapping[str, Judge]:
    """Every judge by its name, in the order of the names."""
    package = importlib.import_module("mockserver.kit.conform.judges")
    for entry in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{entry.name}")
    return dict(sorted(_MADE.items()))
