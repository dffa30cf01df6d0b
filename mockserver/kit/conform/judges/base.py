"""What a judge is: a function from evidence to the breaches in it. Every other module here has some."""

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


class NothingToJudge(Exception):
    """What the judge is about did not come about, for the reason given: the client has not passed."""


class JudgeBreach(NamedTuple):
    """A broken rule: what was expected, what was, and the numbers of the exchanges that show it."""

    expected: str
    actual: str
    exchanges: tuple[int, ...] = ()


JudgeFunction = Callable[..., Iterator[JudgeBreach]]
F = TypeVar("F", bound=JudgeFunction)
_REGISTRY: dict[str, Judge] = {}


@dataclass(frozen=True, slots=True)
class Judge:
    """One judge. `rule` says what it demands; with `always` it judges every case, at that level."""

    name: str
    rule: str
    always: Level | None
    function: JudgeFunction
    settings: type[BaseModel]

    def check(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The settings with their defaults. Raises ValueError that names the place."""
        try:
            checked = self.settings.model_validate(dict(settings))
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            place = ".".join(("settings", *map(str, problem["loc"])))
            raise ValueError(f"{place}: {problem['msg']} ({self.name})") from None
        return {name: getattr(checked, name) for name in self.settings.model_fields}

    def judge(self, evidence: Evidence, settings: Mapping[str, Any]) -> list[JudgeBreach]:
        """The breaches of the rule. Raises NothingToJudge, and ValueError for invalid settings."""
        return list(self.function(evidence, **self.check(settings)))

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its settings."""
        schema = self.settings.model_json_schema()
        return {name: value for name, value in schema.items() if name != "title"}


def judge(name: str, rule: str, *, always: Level | None = None) -> Callable[[F], F]:
    """Register a function as a judge. Its parameters after the evidence are its settings."""

    def register(function: F) -> F:
        if name in _REGISTRY:
            raise ValueError(f"two judges are called {name!r}")
        _REGISTRY[name] = Judge(name, rule, always, function, _settings(function))
        return function

    return register


def _settings(function: JudgeFunction) -> type[BaseModel]:
    hints = get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    fields: dict[str, Any] = {
        parameter.name: (hints[parameter.name], _default(parameter)) for parameter in parameters
    }
    config = ConfigDict(extra="forbid", strict=False)
    return create_model(function.__name__, __config__=config, **fields)


def _default(parameter: inspect.Parameter) -> Any:
    """The parameter's default, in pydantic's terms: `...` says that there is none."""
    return ... if parameter.default is inspect.Parameter.empty else parameter.default


@cache
def judges() -> Mapping[str, Judge]:
    """Every judge by its name, in the order of the names."""
    package = importlib.import_module("mockserver.kit.conform.judges")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return dict(sorted(_REGISTRY.items()))
