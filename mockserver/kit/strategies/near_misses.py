"""Submit requests that break exactly one rule, and which: pointer, keyword, who says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from hypothesis import strategies as st

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Operation
from mockserver.contract.violation import Violation
from mockserver.errors import SettingsError
from mockserver.kit import contracts
from mockserver.kit.strategies import subschemas
from mockserver.kit.strategies.instances import Draw, matching
from mockserver.kit.strategies.mutations import (
    CASED,
    NEIGHBOUR,
    REMOVED,
    Mutation,
    Path,
    apply,
    general,
    mutations,
    paths,
)
from mockserver.kit.strategies.pool import collect, pool
from mockserver.kit.strategies.submit_requests import SubmitRequest, body_schema, from_contract, submits

_BODIES: Final = 24
_OTHERS: Final = 60
_OF_A_MODEL: Final = 100
_OF_A_KIND: Final = 6
_KEPT: Final = 64
_LONG: Final = 120
_TRIES: Final = 100
"""How often to try a change on the bodies of one model: what several of them survive, the rest will."""
_OF_PICTURES: Final = 4
_OFTEN: Final = 2


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A request that would be valid but for `broken`; `change` is what was done to it."""

    asked: SubmitRequest
    broken: Violation
    change: Mutation

    @property
    def pointer(self) -> str:
        """JSON pointer of the value to blame in the body."""
        return self.broken.pointer

    @property
    def keyword(self) -> str:
        """The broken keyword, or the name of the rule (`x-…`)."""
        return self.broken.keyword

    @property
    def source(self) -> str:
        """Who says so: tag, page and row."""
        return self.broken.source

    @property
    def expected(self) -> str:
        """What the contract allows there, in words."""
        return self.broken.expected

    def __str__(self) -> str:
        return f"{self.asked.operation} {self.asked.model}: {self.broken.text()}"


def near_misses(
    contract: Contract | str,
    model: str | None = None,
    *,
    profile: str = "documented",
    operation: str | None = None,
    keywords: Iterable[str] | None = None,
    requests: st.SearchStrategy[SubmitRequest] | None = None,
) -> st.SearchStrategy[NearMiss]:
    """Requests that break exactly one rule of the contract, any rule as often as another.

    `keywords` narrows it to those (`required`, `x-image`, ...); `requests` are the valid ones to spoil.
    Raises SettingsError as `from_contract` does, and where no rule is left.
    """
    loaded = contracts.given(contract, profile)
    known = every_near_miss(loaded, model, operation=operation)
    wanted = None if keywords is None else frozenset(keywords)
    chosen = [miss for miss in known if wanted is None or miss.keyword in wanted]
    if not chosen:
        raise SettingsError(f"no rule of {loaded.provider} has a keyword of {sorted(wanted or ())}")

    @st.composite
    def spoilt(draw: Draw) -> NearMiss:
        return _spoilt(draw, loaded, chosen[draw(st.integers(0, len(chosen) - 1))], requests)

    return spoilt()


def _spoilt(
    draw: Draw, contract: Contract, miss: NearMiss, requests: st.SearchStrategy[SubmitRequest] | None
) -> NearMiss:
    """The change of a known near miss, done to another request where it breaks the same rule alone."""
    asked = miss.asked
    if requests is None:
        requests = from_contract(contract, asked.model, operation=asked.operation)
    fresh = draw(requests)
    try:
        body = apply(fresh.body, miss.change)
    except LookupError:
        return miss
    broken = _broken(contract.operations[fresh.operation], body)
    if broken is None or _rule(broken) != _rule(miss.broken):
        return miss
    return NearMiss(replace(fresh, body=body), broken, miss.change)


def every_near_miss(
    contract: Contract | str,
    model: str | None = None,
    *,
    profile: str = "documented",
    operation: str | None = None,
) -> tuple[NearMiss, ...]:
    """One near miss for each rule that can be broken alone, always the same, by pointer.

    A rule is a keyword at a place of a body by one clause of the contract; each thing that `x-image` asks
    for counts, and of a list of words also another case and a neighbour: `change.label` tells them apart.
    Without `model`, a rule that holds for several models comes once.
    """
    loaded = contracts.given(contract, profile)
    found: dict[Any, NearMiss] = {}
    for entry in submits(loaded, model):
        if operation in (None, entry.id):
            for miss in _every(loaded, model, entry):
                found.setdefault((entry.id, _rule(miss.broken), miss.change.label), miss)
    return tuple(found.values())


_made: dict[tuple[int, str | None, str], tuple[Contract, tuple[NearMiss, ...]]] = {}


def _every(contract: Contract, model: str | None, operation: Operation) -> tuple[NearMiss, ...]:
    """The operation's near misses, remembered: the contract is kept beside them, so its id stays its own."""
    key = (id(contract), model, operation.id)
    if key not in _made:
        if len(_made) >= _KEPT:
            _made.clear()
        _made[key] = (contract, tuple(_sorted(_search(contract, model, operation))))
    return _made[key][1]


def _search(contract: Contract, model: str | None, operation: Operation) -> Iterator[NearMiss]:
    """Spoil simple bodies first, in every way, and keep what breaks exactly one rule not seen yet."""
    assert operation.body is not None
    schema, seen = body_schema(contract, operation), set()
    tried: Counter[Any] = Counter()
    requests = pool(contract, model, operation.id, _BODIES if model is None else _OF_A_MODEL)
    donors = _donors([*requests, *_others(contract, model, operation)])
    for path, text in _hinted(contract, schema):
        donors.setdefault(path, []).append(text)
    bodies = _plain(operation, requests, donors)
    for asked in bodies:
        for change in mutations(contract.document, schema, asked.body, donors):
            there = pointer.follow(asked.body, change.path) is not pointer.ABSENT
            once = (asked.model, change.path, change.label, _mark(change.value), change.plain, there)
            if tried[once] >= _most(change) or _renames(change, operation):
                continue
            tried[once] += 1
            body = apply(asked.body, change)
            broken = _broken(operation, body)
            if broken is None:
                continue
            if change.plain:
                tried[once] = _most(change)
            rule = (_rule(broken), _told(broken, change))
            if rule not in seen:
                seen.add(rule)
                yield NearMiss(replace(asked, body=body), broken, change._replace(label=rule[1]))


def _plain(
    operation: Operation, requests: Iterable[SubmitRequest], donors: Mapping[Path, Sequence[Any]]
) -> list[SubmitRequest]:
    """The requests with short texts in place of long ones, where they are valid so: a picture takes long to
    read, and a link will do for whatever else is broken."""
    found: dict[bytes, SubmitRequest] = {}
    for asked in requests:
        body = asked.body
        for path, value in list(paths(body)):
            if isinstance(value, str) and len(value) > _LONG:
                body = _shortened(operation, body, path, donors)
        found.setdefault(orjson.dumps(body), replace(asked, body=body))
    return _chosen(found[key] for key in sorted(found, key=lambda key: (len(key), key)))


def _chosen(requests: Iterable[SubmitRequest]) -> list[SubmitRequest]:
    """Those that have something new, or seldom seen: a field of a model, or one of few values."""
    met: Counter[Any] = Counter()
    found = []
    for asked in requests:
        traits = set(_traits(asked))
        if any(met[trait] < _OFTEN for trait in traits):
            met.update(traits)
            found.append(asked)
    return found


def _traits(asked: SubmitRequest) -> Iterator[Any]:
    for path, value in paths(asked.body):
        yield asked.model, general(path)
        if not isinstance(value, dict | list | float):
            yield general(path), _mark(value)


def _shortened(operation: Operation, body: Any, path: Path, donors: Mapping[Path, Sequence[Any]]) -> Any:
    assert operation.body is not None
    for donor in donors.get(general(path), ()):
        shorter = apply(body, Mutation(path, donor))
        if isinstance(donor, str) and operation.body.is_valid(shorter):
            return shorter
    return body


def _told(broken: Violation, change: Mutation) -> str:
    """The way a rule is broken, where each of several counts: pictures, and words that almost are listed."""
    near = broken.keyword in ("enum", "const") and change.label in (CASED, NEIGHBOUR)
    return change.label if near or broken.keyword == "x-image" else ""


def _most(change: Mutation) -> int:
    return _OF_PICTURES if change.label.startswith("x-image") else _TRIES


def _renames(change: Mutation, operation: Operation) -> bool:
    """Whether a change makes it a request of another model, whose rules are not meant."""
    return not change.plain and change.path == operation.model_at and change.value is not REMOVED


def _mark(value: Any) -> Any:
    """What tells values apart well enough; pictures are long."""
    return (len(value), value[:60]) if isinstance(value, str) else repr(value)


def _broken(operation: Operation, body: Any) -> Violation | None:
    """The one rule that a body breaks; None where it breaks none or several."""
    assert operation.body is not None
    if operation.body.is_valid(body):
        return None
    found = operation.body.explain(body)
    return found[0] if len(found) == 1 else None


def _rule(broken: Violation) -> tuple[Path, str, str]:
    """What makes two violations the same rule."""
    return general(pointer.parts(broken.pointer)), broken.keyword, broken.clause


def _donors(requests: Iterable[SubmitRequest]) -> dict[Path, list[Any]]:
    """A few different values for each place of a body, the simplest first."""
    found: dict[Path, dict[Any, Any]] = {}
    for asked in requests:
        for path, value in paths(asked.body):
            found.setdefault(general(path), {}).setdefault(_mark(value), value)
    return {
        path: [values[key] for key in sorted(values, key=_length)[:_OF_A_KIND]]
        for path, values in found.items()
    }


def _others(contract: Contract, model: str | None, operation: Operation) -> list[SubmitRequest]:
    """Requests for other models, whose fields may break a rule of this one."""
    if model is None:
        return []
    strategies = [
        from_contract(contract, operation=operation.id, complete=full, short=True) for full in (False, True)
    ]
    return [asked for strategy in strategies for asked in collect(strategy, _OTHERS)]


def _hinted(contract: Contract, schema: Any) -> Iterator[tuple[Path, str]]:
    """Texts of the body that some condition looks for, and by chance are seldom met."""
    for name in subschemas.names(contract.document, [schema]):
        for text in subschemas.hints(contract.document, [schema], name):
            yield from (((name,), found) for found in collect(matching(text), 1))


def _length(mark: Any) -> tuple[int, str]:
    return (len(mark), mark) if isinstance(mark, str) else (mark[0], mark[1])


def _sorted(found: Iterable[NearMiss]) -> list[NearMiss]:
    return sorted(found, key=lambda miss: (miss.pointer, miss.keyword, miss.broken.clause, miss.change.label))
