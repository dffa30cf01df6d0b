"""A scenario: one file with the clock, rules and quotas that a server starts with."""

from __future__ import annotations

import json
import tomllib
from datetime import datetime
from importlib.resources import files
from inspect import cleandoc
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from mockserver.errors import SettingsError
from mockserver.faults.catalogue import faults, predicates
from mockserver.faults.rule import Rule, describe_errors
from mockserver.settings import PACE

SCHEMA_FILE: Final = "scenario.schema.json"
_LATEST: Final = 253_402_300_799_999
"""The last millisecond of the year 9999: no later moment can be written as a date."""
_MOST: Final = 2**53
"""The largest count that every reader of JSON has exactly."""


class ScenarioPart(BaseModel):
    """A part of a scenario: names it does not have are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ScenarioClock(ScenarioPart):
    """Everybody's clock at the start: `rate` counts under `scaled`.

    `at` is the moment it shows first, with an offset or in Unix milliseconds; without it, the real time.
    """

    mode: Literal["real", "scaled", "frozen"] = "frozen"
    rate: float = Field(1.0, gt=0, le=1_000_000)
    at: Annotated[int, Field(ge=0, le=_LATEST)] | AwareDatetime | None = None

    @field_validator("at")
    @classmethod
    def _after_1970(cls, at: int | datetime | None) -> int | datetime | None:
        if isinstance(at, datetime) and not 0 <= at.timestamp() * 1000 <= _LATEST:
            raise ValueError("it is not between 1970 and the end of the year 9999")
        return at

    @property
    def moment(self) -> int | None:
        """`at` in Unix milliseconds."""
        if isinstance(self.at, datetime):
            return round(self.at.timestamp() * 1000)
        return self.at


class ScenarioQuota(ScenarioPart):
    """What a tenant may do: `requests` in `window` seconds, `parallel` jobs, `credits`; null is no limit.

    `tenant` is the hash of its key; the empty one is everybody.
    """

    tenant: str = Field("", pattern=r"^([0-9a-f]{32})?$")
    requests: int | None = Field(None, ge=0, le=_MOST)
    window: float = Field(60.0, ge=0.001, le=31_622_400)
    parallel: int | None = Field(None, ge=0, le=_MOST)
    credits: float | None = Field(None, ge=0, le=_MOST)


class Scenario(ScenarioPart):
    """The situation that a server starts in, besides its options.

    `line` is the case that it is about, `about` what to do in it. `pace` and `speed` are those of `serve`.
    Rules act in their order; one without an id is called FAULT-N after its place, from 1.
    """

    title: str = Field(min_length=1)
    line: str = ""
    about: str = ""
    clock: ScenarioClock | None = None
    pace: str | None = Field(None, pattern=f"^({PACE})$")
    speed: float = Field(1.0, gt=0, le=1_000_000)
    rules: tuple[Rule, ...] = ()
    quotas: tuple[ScenarioQuota, ...] = ()

    @field_validator("rules")
    @classmethod
    def _fill_ids(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        return tuple(
            rule if rule.id else rule.model_copy(update={"id": f"{rule.fault}-{number}"})
            for number, rule in enumerate(rules, 1)
        )

    @field_validator("quotas")
    @classmethod
    def _check_tenants(cls, quotas: tuple[ScenarioQuota, ...]) -> tuple[ScenarioQuota, ...]:
        tenants: set[str] = set()
        for number, quota in enumerate(quotas):
            if quota.tenant in tenants:
                raise ValueError(f"[{number}].tenant: {quota.tenant!r} has a quota already")
            tenants.add(quota.tenant)
        return quotas

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        places: dict[str, int] = {}
        for number, rule in enumerate(self.rules):
            if rule.id in places:
                raise ValueError(f"rules[{number}].id: {rule.id!r} is the id of rules[{places[rule.id]}] too")
            places[rule.id] = number
            try:
                rule.read()
            except ValueError as error:
                raise ValueError(f"rules[{number}].{error}") from None
        return self


def load_scenario(path: Path) -> Scenario:
    """The scenario in a TOML or JSON file (by its suffix). Raises SettingsError with file and place."""
    try:
        document = _parse(path)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise SettingsError(f"{path}: {_message(error)}") from None
    try:
        return Scenario.model_validate(document)
    except ValidationError as error:
        raise SettingsError(f"{path}: {'; '.join(describe_errors(error))}") from None


def _parse(path: Path) -> Any:
    if path.suffix == ".toml":
        return tomllib.loads(path.read_text("utf-8"))
    if path.suffix == ".json":
        return json.loads(path.read_text("utf-8"))
    raise ValueError("a scenario is a .toml or a .json file")


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)


def scenario_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a scenario file, with every fault, setting and predicate."""
    schema = Scenario.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    rule = schema["$defs"]["Rule"]
    rule["properties"]["fault"] = {"description": "What happens.", "enum": list(faults())}
    rule["properties"]["when"] = _when_schema()
    rule["allOf"] = [_settings_schema(name) for name in faults()]
    return schema


def _when_schema() -> dict[str, Any]:
    return {
        "description": "To which requests: all of these must hold.",
        "type": "object",
        "default": {},
        "additionalProperties": False,
        "properties": {
            name: {"description": cleandoc(predicate.__doc__ or ""), **predicate.form}
            for name, predicate in predicates().items()
        },
    }


def _settings_schema(name: str) -> dict[str, Any]:
    settings = faults()[name].model_json_schema()
    required: dict[str, Any] = {"required": ["settings"]} if settings.get("required") else {}
    return {
        "if": {"properties": {"fault": {"const": name}}, "required": ["fault"]},
        "then": {"properties": {"settings": settings}, **required},
    }


def schema_text() -> str:
    """The content of the published schema file."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n"


def write_schema() -> None:
    """Write the published schema file anew, after a fault or predicate has changed."""
    Path(str(files("mockserver.faults") / SCHEMA_FILE)).write_text(schema_text(), "utf-8")
