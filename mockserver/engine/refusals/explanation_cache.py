"""Caches the explanations of refused bodies, as a client often repeats its mistake."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import orjson

from mockserver.contract import pointer
from mockserver.contract.length_thresholds import length_thresholds
from mockserver.contract.model import Contract, Path
from mockserver.contract.violation import Violation
from mockserver.engine.refusals.refusal import ContractLookup, Field
from mockserver.engine.request_context import RequestContext

_MAX_ENTRIES: Final = 512
_MAX_BODY: Final = 4096
"""Bytes of a body whose refusal is cached."""
_Key = tuple[str, str, int, bytes]


class RefusalText(NamedTuple):
    """A refusal's text, its violations, and the field that it is about."""

    message: str
    violations: tuple[str, ...]
    field: Field | None


class RefusalCache:
    """Caches explanations by body, as explaining is what costs most in a refusal.

    Bodies that differ only in the prompt share an entry when no schema looks inside the prompt and the
    message does not quote it: prompts are what differs from request to request. Each path has entries of its
    own, as not every profile serves every path.
    """

    def __init__(self, lookup: ContractLookup) -> None:
        self._lookup = lookup
        self._texts: dict[_Key, RefusalText] = {}
        self._thresholds: dict[tuple[str, str], Sequence[float] | None] = {}

    def find(self, context: RequestContext) -> RefusalText | None:
        """The text for a body like the request's, or None."""
        if len(context.request.body) > _MAX_BODY:
            return None
        shared = self._shared_key(context)
        if shared in self._texts:
            return self._texts[shared]
        return self._texts.get(_own_key(context))

    def add(self, context: RequestContext, violations: Sequence[Violation], text: RefusalText) -> None:
        """Cache the text for the request's body."""
        if len(context.request.body) > _MAX_BODY:
            return
        if len(self._texts) >= _MAX_ENTRIES:
            self._texts.clear()
        key = self._shared_key(context)
        if key is None or any(_quotes(violation, _prompt(context)) for violation in violations):
            key = _own_key(context)
        self._texts[key] = text

    def _shared_key(self, context: RequestContext) -> _Key | None:
        """The key that bodies share which differ only in the prompt; None where they cannot share one.

        Schemas may limit the prompt's length, so only prompts between the same two limits are alike.
        """
        path = _prompt(context)
        # A schema of a list may compare its items, and so look at more of a prompt in it than the length.
        if not path or any(map(str.isdigit, path)):
            return None
        prompt = pointer.follow(context.body, path)
        if not isinstance(prompt, str):
            return None
        thresholds = self._prompt_thresholds(context, path[-1])
        if thresholds is None:
            return None
        rest = orjson.dumps(_without(context.body, path))
        return context.contract.provider, context.request.path, bisect_right(thresholds, len(prompt)), rest

    def _prompt_thresholds(self, context: RequestContext, name: str) -> Sequence[float] | None:
        """The prompt lengths at which a profile's verdict can change; None where more than length counts."""
        field = context.contract.provider, name
        if field not in self._thresholds:
            body = context.operation.body
            if body is not None and body.has_rules:
                self._thresholds[field] = None
            else:
                self._thresholds[field] = self._read_thresholds(context.contract, name)
        return self._thresholds[field]

    def _read_thresholds(self, contract: Contract, name: str) -> Sequence[float] | None:
        others = [self._lookup(contract.provider, profile) for profile in contract.profiles]
        thresholds: set[float] = set()
        for reading in (contract, *others):
            lengths = length_thresholds(reading.document, name)
            if lengths is None:
                return None
            thresholds |= lengths
        return sorted(thresholds)


def _own_key(context: RequestContext) -> _Key:
    return context.contract.provider, context.request.path, -1, bytes(context.request.body)


def _prompt(context: RequestContext) -> Path:
    return context.operation.media.path(context.body, "prompt") or ()


def _quotes(violation: Violation, prompt: Path) -> bool:
    """Whether the text of a violation may quote the prompt."""
    whole = isinstance(violation.sent, dict | list) or bool(violation.says)
    return whole or violation.pointer == pointer.write(prompt)


def _without(body: Any, path: Path) -> dict[str, Any]:
    """A body with nothing in place of the prompt."""
    name, rest = path[0], path[1:]
    if not rest:
        return {**body, name: None}
    return {**body, name: _without(body[name], rest)}
