"""Answers as they may look tomorrow: drawn from the contract, tried, and reduced to what breaks a client."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, TypeVar

from mockserver.kit.conform.case import FieldNames, Vary
from mockserver.kit.conform.evidence import CaseExchange, Evidence
from mockserver.kit.conform.running.mutating_proxy import AnswerMutation, difference, phase_of
from mockserver.kit.strategies.answers import RESERVED_NAMES, USUAL_NAMES, evolutions
from mockserver.kit.strategies.pool import collect
from mockserver.kit.traffic.call import Call

T = TypeVar("T")
Changes = tuple[AnswerMutation, ...]
_DRAWS: Final = 60
_BOLD: Final = 2
"""Variants that change as many places as possible."""
_LOCK: Final = threading.Lock()
"""Cases run in threads, and to draw takes longer than a case: only one thread may draw."""


def variants(vary: Vary, evidence: Evidence, seed: int) -> list[Changes]:
    """Sets of changes for the responses that a client got without any; the same for the same seed.

    Each set has one variant of every kind of response in the evidence. The first two change as many places as
    possible, so that few sets miss little; the others are drawn.
    """
    chance = random.Random(seed)  # noqa: S311
    samples = [_selected(pool, vary.variants, chance) for pool in _pools(vary, evidence)]
    sets = [_joined(sample[number] for sample in samples) for number in range(vary.variants)]
    different = {"\n".join(change.sentence for change in changes): changes for changes in sets if changes}
    return list(different.values())


def _joined(parts: Iterator[Changes]) -> Changes:
    return tuple(change for changes in parts for change in changes)


def _selected(pool: Sequence[Changes], count: int, chance: random.Random) -> list[Changes]:
    selected: list[Changes] = []
    covered: set[tuple[Any, ...]] = set()
    for _ in range(min(count, _BOLD)):
        selected.append(max(pool, key=lambda changes: len(_places(changes) - covered)))
        covered |= _places(selected[-1])
    return selected + [chance.choice(pool) for _ in range(count - len(selected))]


def _places(changes: Sequence[AnswerMutation]) -> set[tuple[Any, ...]]:
    return {(change.path, change.kind) for change in changes}


def _pools(vary: Vary, evidence: Evidence) -> Iterator[list[Changes]]:
    """The variants of each response, where it has some, as their changes of the wanted kinds."""
    for exchange in _samples(vary, evidence):
        wanted = [
            tuple(change for change in changes if change.kind in vary.kinds)
            for changes in _drawn(exchange.call, vary.names)
        ]
        pool = [changes for changes in wanted if changes]
        if pool:
            yield pool


def _samples(vary: Vary, evidence: Evidence) -> Iterator[CaseExchange]:
    """One successful exchange of each role and phase."""
    sampled = set()
    for exchange in evidence.of(*vary.roles):
        kind = (exchange.role, exchange.phase)
        if exchange.call.succeeded and kind not in sampled:
            sampled.add(kind)
            yield exchange


@dataclass(frozen=True, slots=True)
class _Response:
    """A response. Two of the same operation, phase and shape are equal: their variants serve both."""

    provider: str
    profile: str
    overlays: tuple[str, ...]
    operation: str
    phase: str
    shape: str
    names: FieldNames
    call: Call = field(compare=False)


def _drawn(call: Call, names: FieldNames) -> tuple[Changes, ...]:
    assert call.operation is not None
    contract = call.contract
    response = _Response(
        provider=contract.provider,
        profile=contract.profile,
        overlays=contract.overlays,
        operation=call.operation.id,
        phase=phase_of(call),
        shape=_shape(call.response_json),
        names=names,
        call=call,
    )
    with _LOCK:
        return _variants_of(response)


@lru_cache(maxsize=256)
def _variants_of(response: _Response) -> tuple[Changes, ...]:
    """Variants of a response, each as its changes."""
    call, body = response.call, response.call.response_json
    names = RESERVED_NAMES if response.names == "reserved" else USUAL_NAMES
    drawn = evolutions(body, call.contract, response.operation, names=names)
    return tuple(
        tuple(
            AnswerMutation(str(call.role), response.phase, path, value, kind)
            for path, value, kind in difference(body, variant)
        )
        for variant in collect(drawn, _DRAWS)
    )


def _shape(body: Any) -> str:
    """The names and types of a body, without its values."""
    if isinstance(body, dict):
        return "{" + ",".join(f"{name}:{_shape(value)}" for name, value in sorted(body.items())) + "}"
    if isinstance(body, list):
        return f"[{','.join(map(_shape, body))}]"
    return type(body).__name__


def smallest(changes: Sequence[T], breaks: Callable[[Sequence[T]], bool]) -> list[T]:
    """The fewest changes that still break it, if all of them do: none of them can be left out."""
    # Delta debugging (ddmin, Zeller and Hildebrandt 2002). Cut the changes into parts, and go on with a part
    # that breaks it alone, or with all but one part if that breaks it. If neither does, cut finer; when every
    # part is a single change, none of them can be left out.
    fewest, parts = list(changes), 2
    while len(fewest) >= 2:
        size = -(-len(fewest) // parts)
        pieces = [fewest[start : start + size] for start in range(0, len(fewest), size)]
        smaller = _first_that_breaks(pieces, len(fewest), breaks)
        if smaller is not None:
            parts = 2 if smaller in pieces else max(parts - 1, 2)
            fewest = smaller
        elif parts >= len(fewest):
            break
        else:
            parts = min(len(fewest), parts * 2)
    return fewest


def _first_that_breaks(
    pieces: list[list[T]], size: int, breaks: Callable[[Sequence[T]], bool]
) -> list[T] | None:
    """The first piece, or rest without one piece, that is smaller than `size` and breaks it."""
    for candidate in (*pieces, *_rests(pieces)):
        if len(candidate) < size and breaks(candidate):
            return candidate
    return None


def _rests(pieces: list[list[T]]) -> Iterator[list[T]]:
    """All changes but those of one piece, for each piece."""
    for left_out in range(len(pieces)):
        yield [change for piece in (*pieces[:left_out], *pieces[left_out + 1 :]) for change in piece]
