"""A case: the conditions, what the client has to do under them, and what is judged. Pure data, a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from mockserver.errors import SettingsError
from mockserver.kit.conform.judges.base import Level, judges
from mockserver.terms import RequestRole

SCHEMA_FILE: Final = "case.schema.json"
PLAIN: Final = "request-plain"
"""The baseline case, without any faults: what a client gets wrong there, it gets wrong everywhere."""
FAMILIES: Final = (
    "request", "submit", "poll", "result", "callback", "process", "manners", "money", "secrets", "evolution",
)  # fmt: skip
Family = Literal[
    "request", "submit", "poll", "result", "callback", "process", "manners", "money", "secrets", "evolution"
]
Harm = Literal["money", "work", "security", "manners"]
Need = Literal["resume", "callback", "thumbnail", "cancel", "workers", "text", "picture", "download"]
Situation = Literal[
    "callback", "thumbnail", "text-model", "look-up", "prompt-limit", "another-model", "business-code",
    "state-word", "unpaid-told",
]  # fmt: skip
Outcome = Literal["delivers", "gives-up", "either", "any"]
MutationKind = Literal["absent", "unknown", "changed"]
FieldNames = Literal["usual", "reserved"]


class CasePart(BaseModel):
    """A part of a case; it refuses unknown names."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CaseRule(CasePart):
    """A rule of the server for this case's requests alone: see GET /__mock/faults."""

    fault: str = Field(min_length=1)
    when: dict[str, Any] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)
    times: int | None = Field(None, ge=1)


class CaseQuota(CasePart):
    """What the client's key may do: `requests` in `window` seconds, `parallel` jobs, `credits`."""

    requests: int | None = Field(None, ge=0)
    window: float = Field(60.0, gt=0)
    parallel: int | None = Field(None, ge=0)
    credits: float | None = Field(None, ge=0)


class Count(CasePart):
    """A number of exchanges of a role."""

    role: RequestRole
    count: int = Field(1, ge=1)


class Vary(CasePart):
    """Changes of the answers, within the contract: their `kinds`, and the `roles` whose answers they change.

    New fields have `usual` names, or names that programming languages reserve.

    The client runs once for each of the `variants`. The first variant that breaks it is reduced to the fewest
    changes.
    """

    kinds: tuple[MutationKind, ...] = ("absent", "unknown", "changed")
    roles: tuple[Literal["submit", "read"], ...] = ("submit", "read")
    names: FieldNames = "usual"
    variants: int = Field(4, ge=1, le=20)


class Setup(CasePart):
    """The conditions.

    `pace` says what moves a job. With `polls:N` the N-th read shows its end, however fast the client is. With
    `time` the clock is stopped, and it moves to the next event when the client has polled or is quiet. `hold`
    keeps it stopped until there were so many exchanges; the count begins again after `kill_after`.
    """

    rules: tuple[CaseRule, ...] = ()
    pace: str = Field("polls:4", pattern=r"^(immediate|time|manual|polls:[1-9][0-9]{0,3})$")
    quota: CaseQuota | None = None
    hold: Count | None = None
    vary: Vary | None = None


class ClientSetup(CasePart):
    """What the client gets, and what the case does to it.

    `deadline` and `interval` are in seconds; without `interval` the run's interval holds. With `kill_after`
    the process is killed after so many exchanges, and started again with the same variables. `workers`
    processes start at the same moment (after the kill, if there is one), with the same job file and an output
    each. With `another_model` the model is not the usual one. With `limit_plus` the prompt is repeated to
    the model's limit plus so many characters; it stays as it is where there is no limit.
    """

    prompt: str | None = None
    limit_plus: int | None = None
    image: bool = True
    model: str | None = None
    another_model: bool = False
    thumbnail: bool = False
    callback: bool = False
    deadline: float = Field(8.0, gt=0)
    interval: float | None = Field(None, gt=0)
    kill_after: Count | None = None
    workers: int = Field(1, ge=1, le=4)


class Judged(CasePart):
    """A judge with its settings, and the level of a breach (the case's level by default)."""

    judge: str
    settings: dict[str, Any] = Field(default_factory=dict)
    level: Level | None = None

    @model_validator(mode="after")
    def _known(self) -> Self:
        registered = judges()
        if self.judge not in registered:
            raise ValueError(f"{self.judge!r} is not a judge; judges: {', '.join(registered)}")
        registered[self.judge].check(self.settings)
        return self


def _setup() -> Setup:
    return Setup.model_validate({})


def _client() -> ClientSetup:
    return ClientSetup.model_validate({})


class Case(CasePart):
    """One case. `outcome` is judged first, then what `judged` lists, then the judges of every case.

    With the outcome `any` the run may end in any way: the case is about something else.

    `budget` is real seconds after which the client is stopped. `situations` are those into which a contract
    has to be brought; `otherwise` has what differs where it cannot be brought into one. `not_for` has
    providers that the case is not for, each with the reason; `for` has what differs for a provider.
    `without` names judges of every case that do not judge this one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    id: str = Field(pattern=r"^[a-z]+(-[a-z0-9]+)+$")
    family: Family
    title: str = Field(min_length=1)
    level: Level = "MUST"
    requirement: str = Field(min_length=1)
    why: str = Field(min_length=1)
    harm: Harm
    source: str = Field(min_length=1)
    advice: str = Field(min_length=1)
    needs: tuple[Need, ...] = ()
    situations: tuple[Situation, ...] = ()
    otherwise: dict[Situation, dict[str, Any]] = Field(default_factory=dict)
    not_for: dict[str, str] = Field(default_factory=dict)
    setup: Setup = Field(default_factory=_setup)
    client: ClientSetup = Field(default_factory=_client)
    budget: float = Field(15.0, gt=0, le=120)
    outcome: Outcome = "delivers"
    judged: tuple[Judged, ...] = ()
    without: tuple[str, ...] = ()
    overrides: dict[str, dict[str, Any]] = Field(default_factory=dict, alias="for")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not self.id.startswith(f"{self.family}-"):
            raise ValueError(f"id: must begin with its family, {self.family}-")
        if self.budget <= self.client.deadline:
            raise ValueError(f"budget: must be above the client's deadline of {self.client.deadline:g} s")
        if self.setup.pace != "time" and (self.setup.hold or self.client.kill_after):
            raise ValueError("setup.pace: must be `time`: only a clock can be held, or be stopped for a kill")
        for provider in self.overrides:
            self.for_provider(provider)
        for changes in self.otherwise.values():
            self.changed(changes)
        return self

    def for_provider(self, provider: str) -> Case:
        """The case as it is for a provider. Raises ValidationError if its overrides are invalid."""
        overrides = self.overrides.get(provider)
        return self.changed(overrides) if overrides else self

    def changed(self, changes: Mapping[str, Any]) -> Case:
        """The case with the changes laid over it. Raises ValidationError if they are invalid."""
        plain = self.model_dump(by_alias=True) | {"for": {}, "otherwise": {}}
        return Case.model_validate(_merged(plain, changes))


def _merged(value: Any, overrides: Mapping[str, Any]) -> Any:
    """The value with the overrides; objects are merged, anything else is replaced."""
    if not isinstance(value, dict):
        return overrides
    merged = dict(value)
    for name, override in overrides.items():
        merged[name] = _merged(value.get(name), override) if isinstance(override, dict) else override
    return merged


def load_case(path: Path) -> Case:
    """The case in a file. Raises SettingsError with file and place."""
    try:
        case = Case.model_validate(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        raise SettingsError(f"{path}: {_problems(error)}") from None
    except ValueError as error:
        raise SettingsError(f"{path}: is not JSON: {error}") from None
    if path.stem != case.id:
        raise SettingsError(f"{path}: the file of a case is named after its id: {case.id}.json")
    return case


def _problems(error: ValidationError) -> str:
    return "; ".join(map(_problem, error.errors(include_url=False)))


def _problem(error: ErrorDetails) -> str:
    place = ".".join(map(str, error["loc"]))
    message = error["msg"].removeprefix("Value error, ")
    if place:
        return f"{place}: {message}"
    return message


def builtin_folder() -> Path:
    """The folder of the built-in cases."""
    return Path(str(files("mockserver.kit") / "scenarios"))


def load_cases(folder: Path | None = None) -> list[Case]:
    """Every case of a folder (by default the built-in ones), by family and id. Raises SettingsError."""
    root = folder or builtin_folder()
    cases = [load_case(path) for path in sorted(root.glob("*.json"))]
    if not cases:
        raise SettingsError(f"{root}: there are no cases (*.json)")
    return sorted(cases, key=lambda case: (FAMILIES.index(case.family), case.id != PLAIN, case.id))


def select_cases(
    cases: Sequence[Case],
    *,
    ids: Sequence[str] = (),
    families: Sequence[str] = (),
    levels: Sequence[str] = (),
) -> list[Case]:
    """The cases that meet every given condition. Raises SettingsError for an unknown id."""
    known = {case.id for case in cases}
    unknown = [name for name in ids if name not in known]
    if unknown:
        raise SettingsError(f"no case {unknown[0]!r}; see: mockserver conform list")
    return [
        case
        for case in cases
        if (not ids or case.id in ids)
        and (not families or case.family in families)
        and (not levels or case.level in levels)
    ]


def case_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a case, with every judge and its settings."""
    schema = Case.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    judged = schema["$defs"]["Judged"]
    judged["properties"]["judge"] = {"description": "Which judge.", "enum": list(judges())}
    judged["allOf"] = [
        {
            "if": {"properties": {"judge": {"const": judge.name}}, "required": ["judge"]},
            "then": {"properties": {"settings": {"description": judge.rule, **judge.schema()}}},
        }
        for judge in judges().values()
    ]
    return schema


def schema_text() -> str:
    """The content of the published file."""
    return json.dumps(case_schema(), indent=2, ensure_ascii=False) + "\n"


def write_schema() -> None:
    """Write the published file again, after a judge or the form of a case has changed."""
    Path(str(files("mockserver.kit.conform") / SCHEMA_FILE)).write_text(schema_text(), "utf-8")
