"""A rule: which requests meet which fault, and how often."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from mockserver.faults.base import Fault, Predicate
from mockserver.faults.catalogue import faults, predicates
from mockserver.faults.matching import Names
from mockserver.faults.seams import RequestFacts


class Rule(BaseModel):
    """Which requests (`when`: predicate to value, all must hold) meet which `fault` with which `settings`.

    It fires `times` times for each tenant, without end when that is left out. A rule that names no role
    is about those its fault is usually for. An empty `id` lets the server choose one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field("", pattern=r"^[A-Za-z0-9._\[\]#:-]{0,120}$")
    fault: str
    when: dict[str, Any] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)
    times: int | None = Field(None, ge=1)
    _ready: _Ready | None = PrivateAttr(None)

    def read(self) -> Self:
        """Check names, values and settings. Raises ValueError that begins with the place: `when.nth: ...`."""
        self._prepared()
        return self

    def holds(self, subject: RequestFacts) -> bool:
        """Whether the rule is about the subject. How often it has fired is the caller's to know."""
        ready = self._prepared()
        return subject.role in ready.roles and all(
            predicate.holds(value, subject) for predicate, value in ready.tests
        )

    def make(self) -> Fault:
        """The fault with its settings."""
        return self._prepared().fault

    def _prepared(self) -> _Ready:
        ready = self._ready
        # A copy with another `when` or `settings` brings this along from its original.
        if ready is None or ready.when is not self.when or ready.settings is not self.settings:
            self._ready = ready = _prepare(self)
        return ready


class _Ready(NamedTuple):
    """A checked rule, and what it was made from."""

    when: object
    settings: object
    fault: Fault
    roles: frozenset[str]
    tests: tuple[tuple[type[Predicate], Any], ...]


def _prepare(rule: Rule) -> _Ready:
    fault = make_fault(rule.fault, rule.settings)
    tests = tuple(_test(name, value) for name, value in rule.when.items())
    narrowed = not rule.when.keys().isdisjoint({"role", "operation"})
    roles = fault.roles if narrowed else fault.roles & fault.usual
    _check_role(fault, tests)
    return _Ready(rule.when, rule.settings, fault, roles, tests)


def make_fault(name: str, settings: Mapping[str, Any]) -> Fault:
    """The fault of that name. Raises ValueError that begins with `fault:` or `settings.NAME:`."""
    kind = faults().get(name)
    if kind is None:
        raise ValueError(f"fault: {unknown(name, faults())}")
    strange = settings.keys() - kind.model_fields.keys()
    if strange:
        has = ", ".join(kind.model_fields) or "none"
        raise ValueError(f"settings.{min(strange)}: {name} has no such setting; its settings: {has}")
    try:
        return kind(**settings)
    except ValidationError as error:
        raise ValueError("; ".join(said(error, "settings"))) from None


def said(error: ValidationError, within: str = "") -> list[str]:
    """What pydantic found, each as `place: what, got what`."""
    return [_said(problem["loc"], problem, within) for problem in error.errors(include_url=False)]


def _said(place: Iterable[int | str], problem: Any, within: str) -> str:
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    where = f"{within}{parts}".removeprefix(".")
    what = problem["msg"].removeprefix("Value error, ")
    plain = isinstance(problem.get("input"), (str, int, float, bool)) and problem["type"] != "missing"
    got = f", got {problem['input']!r}" if plain else ""
    return f"{where}: {what[:1].lower()}{what[1:]}{got}" if where else f"{what}{got}"


def unknown(name: str, known: Iterable[str]) -> str:
    """That a name is not known, and which is meant."""
    names = list(known)
    near = get_close_matches(name, names, 1)
    return f"{name!r} is not known; " + (
        f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
    )


def _test(name: str, value: Any) -> tuple[type[Predicate], Any]:
    predicate = predicates().get(name)
    if predicate is None:
        raise ValueError(f"when: {unknown(name, predicates())}")
    try:
        return predicate, predicate.check(value)
    except ValueError as error:
        raise ValueError(f"when.{name}: {error}") from None


def _check_role(fault: Fault, tests: Iterable[tuple[type[Predicate], Any]]) -> None:
    """A rule about a role that its fault never acts on would stay silent for ever."""
    for predicate, value in tests:
        names: Names = value if predicate.name == "role" else ()
        if names and fault.roles.isdisjoint(names):
            raise ValueError(f"when.role: {fault.name} acts on {', '.join(sorted(fault.roles))} only")
