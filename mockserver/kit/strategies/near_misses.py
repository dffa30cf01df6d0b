"""Submit requests that break exactly one rule of a contract, and which: pointer, keyword, source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from hypothesis import strategies as st

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.violation import Violation
from mockserver.errors import SettingsError
from mockserver.kit import contracts
from mockserver.kit.strategies.instances import Draw
from mockserver.kit.strategies.mutations import (
    CASED,
    NEIGHBOUR,
    REMOVED,
    Mutation,
    Path,
    apply,
    general,
    mutations,
)
from mockserver.kit.strategies.seeds import mark, seeds
from mockserver.kit.strategies.submit_requests import SubmitRequest, body_schema, from_contract, submits

_TRIES: Final = 100
"""How often to try a mutation on the bodies of one model: what several of them survive, the rest will."""
_PICTURE_TRIES: Final = 4


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A request that would be valid except for `broken`; `change` is the mutation that made it."""

    request: SubmitRequest
    broken: Violation
    change: Mutation

    @property
    def pointer(self) -> str:
        """JSON pointer of the offending value in the body."""
        return self.broken.pointer

    @property
    def keyword(self) -> str:
        """The broken keyword, or the name of the rule (`x-…`)."""
        return self.broken.keyword

    @property
    def source(self) -> str:
        """The provenance of the rule: tag, page and row."""
        return self.broken.source

    @property
    def expected(self) -> str:
        """What the contract allows there, in words."""
        return self.broken.expected

    def __str__(self) -> str:
        return f"{self.request.operation} {self.request.model}: {self.broken.text()}"


def near_misses(
    contract: Contract | str,
    model: str | None = None,
    *,
    profile: str = "documented",
    operation: str | None = None,
    keywords: Iterable[str] | None = None,
    requests: st.SearchStrategy[SubmitRequest] | None = None,
) -> st.SearchStrategy[NearMiss]:
    """Requests that break exactly one rule of the contract, each rule as often as any other.

    `keywords` selects the rules with those keywords (`required`, `x-image`, ...); `requests` are the valid
    requests to mutate. Raises SettingsError as `from_contract` does, and if no rule is left.
    """
    loaded = contracts.as_contract(contract, profile)
    wanted = frozenset(keywords or ())
    misses = [
        miss
        for miss in every_near_miss(loaded, model, operation=operation)
        if keywords is None or miss.keyword in wanted
    ]
    if not misses:
        raise SettingsError(f"no rule of {loaded.provider} has a keyword of {sorted(wanted)}")

    @st.composite
    def drawn(draw: Draw) -> NearMiss:
        return _varied(draw, loaded, misses[draw(st.integers(0, len(misses) - 1))], requests)

    return drawn()


def _varied(
    draw: Draw, contract: Contract, miss: NearMiss, requests: st.SearchStrategy[SubmitRequest] | None
) -> NearMiss:
    """Another request with the mutation of a near miss, if it breaks the same rule alone; else the miss."""
    if requests is None:
        requests = from_contract(contract, miss.request.model, operation=miss.request.operation)
    request = draw(requests)
    try:
        body = apply(request.body, miss.change)
    except LookupError:
        return miss
    violation = _only_violation(contract.operations[request.operation], body)
    if violation is None or _rule(violation) != _rule(miss.broken):
        return miss
    return NearMiss(replace(request, body=body), violation, miss.change)


def every_near_miss(
    contract: Contract | str,
    model: str | None = None,
    *,
    profile: str = "documented",
    operation: str | None = None,
) -> tuple[NearMiss, ...]:
    """One near miss for each rule that can be broken alone, the same in every run, sorted by pointer.

    A rule is a keyword at a place of a body by one clause of the contract. Each requirement of an `x-image`
    counts, and of an enumeration also another case and a neighbour: `change.label` tells them apart.
    Without `model`, a rule that holds for several models comes once.
    """
    loaded = contracts.as_contract(contract, profile)
    misses: dict[Any, NearMiss] = {}
    for entry in submits(loaded, model):
        if operation in (None, entry.id):
            for miss in _of_operation(loaded, model, entry):
                misses.setdefault((entry.id, _rule(miss.broken), miss.change.label), miss)
    return tuple(misses.values())


def near_misses_of(contract: Contract, models: Sequence[str]) -> tuple[NearMiss, ...]:
    """One near miss of these models for each rule that holds for one of them; without models, of all."""
    misses: dict[Any, NearMiss] = {}
    for model in models or (None,):
        for miss in every_near_miss(contract, model):
            rule = miss.request.operation, _rule(miss.broken), miss.change.label
            misses.setdefault(rule, miss)
    return tuple(misses.values())


@lru_cache(maxsize=64)
def _of_operation(contract: Contract, model: str | None, operation: Operation) -> tuple[NearMiss, ...]:
    return tuple(sorted(_search(contract, model, operation), key=_order))


def _order(miss: NearMiss) -> tuple[str, str, str, str]:
    return miss.pointer, miss.keyword, miss.broken.clause, miss.change.label


def _search(contract: Contract, model: str | None, operation: Operation) -> Iterator[NearMiss]:
    """Mutate simple bodies in every way; yield what breaks exactly one rule that is not yet found."""
    # Which bodies a mutation makes a near miss of is not known beforehand: a rule may hold under conditions,
    # and a mutation may break several rules at once. So every mutation is tried on body after body, until it
    # has broken one rule alone or has failed so often that it will not. The contract itself is the judge.
    rules: set[Any] = set()
    tries: Counter[Any] = Counter()
    for request, mutation, key in _attempts(contract, model, operation):
        if tries[key] >= _most_tries(mutation):
            continue
        tries[key] += 1
        body = apply(request.body, mutation)
        violation = _only_violation(operation, body)
        if violation is None:
            continue
        if mutation.plain:
            tries[key] = _most_tries(mutation)
        label = _label(violation, mutation)
        if (_rule(violation), label) not in rules:
            rules.add((_rule(violation), label))
            yield NearMiss(replace(request, body=body), violation, mutation._replace(label=label))


def _attempts(
    contract: Contract, model: str | None, operation: Operation
) -> Iterator[tuple[SubmitRequest, Mutation, Any]]:
    """Every request with every mutation, and a key that is the same for attempts that are alike."""
    schema = body_schema(contract, operation)
    requests, donors = seeds(contract, model, operation)
    for request in requests:
        for mutation in mutations(contract.document, schema, request.body, donors):
            if not _renames_model(mutation, operation):
                present = pointer.follow(request.body, mutation.path) is not pointer.ABSENT
                value = mark(mutation.value)
                key = (request.model, mutation.path, mutation.label, value, mutation.plain, present)
                yield request, mutation, key


def _label(violation: Violation, mutation: Mutation) -> str:
    """The way a rule is broken, if several ways count: pictures, and values next to listed ones."""
    if violation.keyword == "x-image":
        return mutation.label
    if violation.keyword in ("enum", "const") and mutation.label in (CASED, NEIGHBOUR):
        return mutation.label
    return ""


def _most_tries(mutation: Mutation) -> int:
    return _PICTURE_TRIES if mutation.label.startswith("x-image") else _TRIES


def _renames_model(mutation: Mutation, operation: Operation) -> bool:
    """Whether a mutation makes it a request for another model, to which other rules apply."""
    return not mutation.plain and mutation.path == operation.model_at and mutation.value is not REMOVED


def _only_violation(operation: Operation, body: Any) -> Violation | None:
    """The rule that a body breaks; None if it breaks none or several."""
    assert operation.body is not None
    if operation.body.is_valid(body):
        return None
    violations = operation.body.explain(body)
    return violations[0] if len(violations) == 1 else None


def _rule(violation: Violation) -> tuple[Path, str, str]:
    """What makes two violations the same rule."""
    return general(pointer.parts(violation.pointer)), violation.keyword, violation.clause
