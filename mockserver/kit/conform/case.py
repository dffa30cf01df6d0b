"""A case: weather, what the client is to do in it, and what is judged. Pure data, a file each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mockserver.errors import SettingsError
from mockserver.kit.conform.judges.base import Level, judges
from mockserver.terms import RequestRole

SCHEMA_FILE: Final = "case.schema.json"
PLAIN: Final = "request-plain"
"""The case without any weather: what a client gets wrong there, it gets wrong everywhere."""
FAMILIES: Final = (
    "request", "submit", "poll", "result", "callback", "process", "manners", "money", "secrets", "evolution",
)  # fmt: skip
Family = Literal[
    "request", "submit", "poll", "result", "callback", "process", "manners", "money", "secrets", "evolution"
]
Harm = Literal["money", "work", "security", "manners"]
Need = Literal["resume", "callback", "thumbnail", "cancel", "workers", "text"]
Outcome = Literal["delivers", "gives-up", "either"]
Kind = Literal["absent", "unknown", "changed"]


class CasePart(BaseModel):
    """A part of a case: names it does not have are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CaseRule(CasePart):
    """A rule of the server's, for this case's requests alone: see GET /__mock/faults."""

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
    """So many exchanges of a role."""

    role: RequestRole
    count: int = Field(1, ge=1)


class Vary(CasePart):
    """Answers change on their way, within the contract: which `kinds` of change, in answers of which roles.

    The client runs once for each of `variants`; the first that breaks it is reduced to its smallest part.
    """

    kinds: tuple[Kind, ...] = ("absent", "unknown", "changed")
    roles: tuple[Literal["submit", "read"], ...] = ("submit", "read")
    variants: int = Field(4, ge=1, le=20)


class Setup(CasePart):
    """The weather.

    `pace` says what moves a job: with `polls:N` the N-th read shows its end, and nothing depends on how fast
    anybody is. With `time` the clock stands, and moves to the next event when the client has looked or is
    quiet; `hold` lets it stand until so many exchanges were seen, counted anew after `kill_after`.
    """

    rules: tuple[CaseRule, ...] = ()
    pace: str = Field("polls:4", pattern=r"^(immediate|time|manual|polls:[1-9][0-9]{0,3})$")
    quota: CaseQuota | None = None
    hold: Count | None = None
    vary: Vary | None = None


class ClientSetup(CasePart):
    """What the client is given and what is done to it.

    `deadline` and `interval` are in seconds; without `interval` it is the run's. With `kill_after` the
    process is killed when it has made so many exchanges, and started again with the same variables.
    `workers` are started at the same moment, after the kill if there is one, with the same job file and an
    output each.
    """

    prompt: str | None = None
    image: bool = True
    model: str | None = None
    thumbnail: bool = False
    callback: bool = False
    deadline: float = Field(8.0, gt=0)
    interval: float | None = Field(None, gt=0)
    kill_after: Count | None = None
    workers: int = Field(1, ge=1, le=4)


class Judged(CasePart):
    """One thing that is judged: a judge, its settings, and how bad it is (the case's level by default)."""

    judge: str
    settings: dict[str, Any] = Field(default_factory=dict)
    level: Level | None = None

    @model_validator(mode="after")
    def _known(self) -> Self:
        judges_ = judges()
        if self.judge not in judges_:
            raise ValueError(f"{self.judge!r} is no judge; judges: {', '.join(judges_)}")
        judges_[self.judge].check(self.settings)
        return self


def _setup() -> Setup:
    return Setup.model_validate({})


def _client() -> ClientSetup:
    return ClientSetup.model_validate({})


class Case(CasePart):
    """One case. `outcome` is judged first, then what `judged` lists, then the judges of every case.

    `budget` is real seconds after which the client is stopped. `not_for` are providers for which it makes no
    sense, with why; `for` has what is different for one. `without` names judges of every case that are out.
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
    not_for: dict[str, str] = Field(default_factory=dict)
    setup: Setup = Field(default_factory=_setup)
    client: ClientSetup = Field(default_factory=_client)
    budget: float = Field(15.0, gt=0, le=120)
    outcome: Outcome = "delivers"
    judged: tuple[Judged, ...] = ()
    without: tuple[str, ...] = ()
    otherwise: dict[str, dict[str, Any]] = Field(default_factory=dict, alias="for")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not self.id.startswith(f"{self.family}-"):
            raise ValueError(f"id: begins with its family, {self.family}-")
        if self.budget <= self.client.deadline:
            raise ValueError(f"budget: above the client's deadline of {self.client.deadline:g} s")
        if self.setup.pace != "time" and (self.setup.hold or self.client.kill_after):
            raise ValueError("setup.pace: `time`, as only a clock can be held, or be stopped for a kill")
        for provider in self.otherwise:
            self.on(provider)
        return self

    def on(self, provider: str) -> Case:
        """The case as it is for a provider. Raises ValidationError where what is different makes no sense."""
        other = self.otherwise.get(provider)
        if not other:
            return self
        return Case.model_validate(_merged(self.model_dump(by_alias=True) | {"for": {}}, other))


def _merged(plain: Any, other: Mapping[str, Any]) -> Any:
    """`plain` with what `other` says; objects are merged, all else is replaced."""
    if not isinstance(plain, dict):
        return other
    return plain | {
        name: _merged(plain.get(name), value) if isinstance(value, dict) else value
        for name, value in other.items()
    }


def load_case(path: Path) -> Case:
    """The case in a file. Raises SettingsError with file and place."""
    try:
        case = Case.model_validate(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        raise SettingsError(f"{path}: {_said(error)}") from None
    except ValueError as error:
        raise SettingsError(f"{path}: is not JSON: {error}") from None
    if path.stem != case.id:
        raise SettingsError(f"{path}: a case's file has its id as name: {case.id}.json")
    return case


def _said(error: ValidationError) -> str:
    problems = error.errors(include_url=False)
    places = [(".".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, ")) for one in problems]
    return "; ".join(f"{place}: {what}" if place else what for place, what in places)


def builtin_folder() -> Path:
    """Where our own cases are."""
    return Path(str(files("mockserver.kit") / "scenarios"))


def load_cases(folder: Path | None = None) -> list[Case]:
    """Every case of a folder, ours by default, in the order of families and ids. Raises SettingsError."""
    root = folder or builtin_folder()
    cases = [load_case(path) for path in sorted(root.glob("*.json"))]
    if not cases:
        raise SettingsError(f"{root}: there are no cases (*.json)")
    return sorted(cases, key=lambda case: (FAMILIES.index(case.family), case.id != PLAIN, case.id))


def choose(
    cases: Sequence[Case],
    *,
    ids: Sequence[str] = (),
    families: Sequence[str] = (),
    levels: Sequence[str] = (),
) -> list[Case]:
    """The cases that agree with whatever is given. Raises SettingsError for an id that there is not."""
    known = {case.id for case in cases}
    strange = [name for name in ids if name not in known]
    if strange:
        raise SettingsError(f"no case {strange[0]!r}; see: mockserver conform list")
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
            "if": {"properties": {"judge": {"const": one.name}}, "required": ["judge"]},
            "then": {"properties": {"settings": {"description": one.rule, **one.schema()}}},
        }
        for one in judges().values()
    ]
    return schema


def schema_text() -> str:
    """The published file's content."""
    return json.dumps(case_schema(), indent=2, ensure_ascii=False) + "\n"


def write_schema() -> None:
    """Make the published file anew, after a judge or the form of a case has changed."""
    Path(str(files("mockserver.kit.conform") / SCHEMA_FILE)).write_text(schema_text(), "utf-8")
