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

_COMPARED = 200
"""Characters of an unknown name that are compared with the known ones, and shown."""


class Rule(BaseModel):
    """Which requests (`when`: predicate to value, all must hold) meet which `fault` with which `settings`.

    It fires `times` times for each tenant; without `times` there is no limit. A rule that names no role
    is about the usual roles of its fault. With an empty `id` the server chooses one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field("", pattern=r"^[A-Za-z0-9._\[\]#:-]{0,120}$")
    fault: str
    when: dict[str, Any] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)
    times: int | None = Field(None, ge=1, le=2**53)
    _ready: _PreparedRule | None = PrivateAttr(None)

    def read(self) -> Self:
        """Check names, values and settings. Raises ValueError that begins with the place: `when.nth: ...`."""
        self._prepared()
        return self

    def holds(self, request: RequestFacts) -> bool:
        """Whether the rule is about the request. The caller counts how often it has fired."""
        ready = self._prepared()
        return request.role in ready.roles and all(
            predicate.holds(value, request) for predicate, value in ready.tests
        )

    def make(self) -> Fault:
        """The fault with its settings."""
        return self._prepared().fault

    def _prepared(self) -> _PreparedRule:
        ready = self._ready
        # A copy with another `when` or `settings` brings this along from its original.
        if ready is None or ready.when is not self.when or ready.settings is not self.settings:
            self._ready = ready = _prepare(self)
        return ready


class _PreparedRule(NamedTuple):
    """A checked rule, and the values that it was made from."""

    when: object
    settings: object
    fault: Fault
    roles: frozenset[str]
    tests: tuple[tuple[type[Predicate], Any], ...]


def _prepare(rule: Rule) -> _PreparedRule:
    fault = make_fault(rule.fault, rule.settings)
    tests = tuple(_prepare_predicate(name, value) for name, value in rule.when.items())
    narrowed = not rule.when.keys().isdisjoint({"role", "operation"})
    roles = fault.roles if narrowed else fault.roles & fault.usual
    _check_role(fault, tests)
    return _PreparedRule(rule.when, rule.settings, fault, roles, tests)


def make_fault(name: str, settings: Mapping[str, Any]) -> Fault:
    """The fault of that name. Raises ValueError that begins with `fault:` or `settings.NAME:`."""
    kind = faults().get(name)
    if kind is None:
        raise ValueError(f"fault: {describe_unknown(name, faults())}")
    unknown_settings = settings.keys() - kind.model_fields.keys()
    if unknown_settings:
        names = ", ".join(kind.model_fields) or "none"
        raise ValueError(
            f"settings.{min(unknown_settings)}: {name} has no such setting; its settings: {names}"
        )
    try:
        return kind(**settings)
    except ValidationError as error:
        raise ValueError("; ".join(describe_errors(error, "settings"))) from None


def describe_errors(error: ValidationError, within: str = "") -> list[str]:
    """The problems that pydantic reports, each as `place: problem, got value`."""
    return [_describe(problem["loc"], problem, within) for problem in error.errors(include_url=False)]


def _describe(place: Iterable[int | str], problem: Any, within: str) -> str:
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    where = f"{within}{parts}".removeprefix(".")
    what = problem["msg"].removeprefix("Value error, ")
    plain = isinstance(problem.get("input"), (str, int, float, bool)) and problem["type"] != "missing"
    got = f", got {problem['input']!r}" if plain else ""
    if not where:
        return f"{what}{got}"
    return f"{where}: {what[:1].lower()}{what[1:]}{got}"


def describe_unknown(name: str, known: Iterable[str]) -> str:
    """The message for a name that is not known: it suggests a similar one, or lists all."""
    names = list(known)
    if len(name) > _COMPARED:
        name = f"{name[:_COMPARED]}..."
    similar = get_close_matches(name, names, 1)
    if similar:
        return f"{name!r} is not known; did you mean {similar[0]!r}?"
    return f"{name!r} is not known; known: {', '.join(names)}"


def _prepare_predicate(name: str, value: Any) -> tuple[type[Predicate], Any]:
    predicate = predicates().get(name)
    if predicate is None:
        raise ValueError(f"when: {describe_unknown(name, predicates())}")
    try:
        return predicate, predicate.check(value)
    except ValueError as error:
        raise ValueError(f"when.{name}: {error}") from None


def _check_role(fault: Fault, tests: Iterable[tuple[type[Predicate], Any]]) -> None:
    """Refuse a rule about a role that its fault never acts on: it would never fire."""
    for predicate, value in tests:
        names: Names = value if predicate.name == "role" else ()
        if names and fault.roles.isdisjoint(names):
            raise ValueError(f"when.role: {fault.name} acts on {', '.join(sorted(fault.roles))} only")
