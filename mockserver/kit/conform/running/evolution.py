"""Answers as they may look tomorrow: drawn from the contract, tried, and reduced to what breaks a client."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, TypeVar

from mockserver.kit.conform.case import Vary
from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.running.mutating_proxy import AnswerMutation, difference
from mockserver.kit.strategies.answers import evolutions
from mockserver.kit.strategies.pool import collect
from mockserver.kit.traffic.call import Call

T = TypeVar("T")
_DRAWS = 60
_BOLD = 2
_DRAWN: dict[tuple[Hashable, ...], list[tuple[AnswerMutation, ...]]] = {}
_LOCK = threading.Lock()


def variants(vary: Vary, seen: Evidence, seed: int) -> list[tuple[AnswerMutation, ...]]:
    """Sets of changes for the answers that a client got in plain weather; the same for the same seed.

    Each has one variant of every kind of answer that was seen. The first two change as many places as can
    be, so that few variants miss little; the others are drawn.
    """
    drawn = random.Random(seed)  # noqa: S311
    pools = [
        _chosen(pool, vary.variants, drawn) for call in _samples(vary, seen) if (pool := _pool(vary, call))
    ]
    sets = [tuple(change for pool in pools for change in pool[number]) for number in range(vary.variants)]
    different = {"\n".join(change.sentence for change in one): one for one in sets if one}
    return list(different.values())


def _chosen(
    pool: Sequence[tuple[AnswerMutation, ...]], count: int, drawn: random.Random
) -> list[tuple[AnswerMutation, ...]]:
    kept: list[tuple[AnswerMutation, ...]] = []
    covered: set[tuple[Any, ...]] = set()
    for _ in range(min(count, _BOLD)):
        kept.append(max(pool, key=lambda changes: len(_places(changes) - covered)))
        covered |= _places(kept[-1])
    return kept + [drawn.choice(pool) for _ in range(count - len(kept))]


def _places(changes: Sequence[AnswerMutation]) -> set[tuple[Any, ...]]:
    return {(one.path, one.kind) for one in changes}


def _samples(vary: Vary, seen: Evidence) -> Iterator[Call]:
    """One answer of each role and phase."""
    met = set()
    for call in seen.of(*vary.roles):
        kind = (seen.role(call), seen.phase(call))
        if call.succeeded and kind not in met:
            met.add(kind)
            yield call


def _pool(vary: Vary, call: Call) -> list[tuple[AnswerMutation, ...]]:
    """Variants of one answer, each as its changes of the wanted kinds; none without any."""
    wanted = [tuple(one for one in changes if one.kind in vary.kinds) for changes in _drawn(call)]
    return [changes for changes in wanted if changes]


def _drawn(call: Call) -> list[tuple[AnswerMutation, ...]]:
    """Variants of an answer of that shape. To draw them takes longer than a case, so it is done once."""
    assert call.operation is not None
    contract, phase = call.contract, next((one.phase for one in call.sightings if one.phase), "") or ""
    shape = (contract.provider, contract.profile, contract.overlays, call.operation.id, phase)
    key = (*shape, _shape(call.answered))
    with _LOCK:
        if key not in _DRAWN:
            bodies = collect(evolutions(call.answered, contract, call.operation.id), _DRAWS)
            _DRAWN[key] = [
                tuple(
                    AnswerMutation(str(call.role), phase, path, value, kind)
                    for path, value, kind in difference(call.answered, body)
                )
                for body in bodies
            ]
    return _DRAWN[key]


def _shape(body: Any) -> str:
    """Names and types of a body, without its values."""
    if isinstance(body, dict):
        return "{" + ",".join(f"{name}:{_shape(value)}" for name, value in sorted(body.items())) + "}"
    return f"[{','.join(map(_shape, body))}]" if isinstance(body, list) else type(body).__name__


def smallest(items: Sequence[T], breaks: Callable[[Sequence[T]], bool]) -> list[T]:
    """Items that break it, of which none can be left out, where all of them do (ddmin, Zeller 2002)."""
    kept, parts = list(items), 2
    while len(kept) >= 2:
        size = -(-len(kept) // parts)
        pieces = [kept[at : at + size] for at in range(0, len(kept), size)]
        rest = next((one for one in _candidates(pieces) if len(one) < len(kept) and breaks(one)), None)
        if rest is not None:
            parts = 2 if rest in pieces else max(parts - 1, 2)
            kept = rest
        elif parts >= len(kept):
            break
        else:
            parts = min(len(kept), parts * 2)
    return kept


def _candidates(pieces: list[list[T]]) -> Iterator[list[T]]:
    yield from pieces
    for left_out in range(len(pieces)):
        yield [item for number, piece in enumerate(pieces) if number != left_out for item in piece]
