"""What refused bodies were told, so that a client which makes its mistake again is told from memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import orjson

from mockserver.contract import pointer
from mockserver.contract.length_thresholds import turns
from mockserver.contract.model import Contract, Path
from mockserver.contract.violation import Violation
from mockserver.engine.refusals.refusal import Sibling
from mockserver.engine.request_context import RequestContext

_KEPT: Final = 512
_SHORT: Final = 4096
"""Bytes of a body whose refusal is remembered."""
_Key = tuple[str, str, int, bytes]


class RefusalText(NamedTuple):
    """A refusal's text and its violations."""

    message: str
    violations: tuple[str, ...]


class RefusalCache:
    """Refusals by their bodies. Bodies that differ in the prompt alone are alike where no profile's schema
    can tell their prompts apart and nothing that was said shows the prompt: explaining is the dearest thing
    a refusal does, and prompts are what differs from request to request.
    """

    def __init__(self, sibling: Sibling) -> None:
        self._sibling = sibling
        self._kept: dict[_Key, RefusalText] = {}
        self._turns: dict[str, Sequence[float] | None] = {}

    def find(self, call: RequestContext) -> RefusalText | None:
        """What a body like the call's was told, or None."""
        if len(call.request.body) > _SHORT:
            return None
        alike = self._alike(call)
        return (alike and self._kept.get(alike)) or self._kept.get(_same(call))

    def keep(self, call: RequestContext, violations: Sequence[Violation], words: RefusalText) -> None:
        """Remember what the call's body is told."""
        if len(call.request.body) > _SHORT:
            return
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        hidden = not any(_shows(violation, _prompt(call)) for violation in violations)
        self._kept[(hidden and self._alike(call)) or _same(call)] = words

    def _alike(self, call: RequestContext) -> _Key | None:
        """What a body has in common with others that differ in the prompt, None where that is nothing."""
        path = _prompt(call)
        text = pointer.follow(call.body, path) if path else None
        if not isinstance(text, str) or (turning := self._turning(call, path[-1])) is None:
            return None
        rest = orjson.dumps(_without(call.body, path))
        return call.contract.provider, call.operation.id, bisect_right(turning, len(text)), rest

    def _turning(self, call: RequestContext, name: str) -> Sequence[float] | None:
        """The lengths at which a profile turns its mind about a prompt; None where there is more to it."""
        provider = call.contract.provider
        if provider not in self._turns:
            ruled = call.operation.body is not None and call.operation.body.ruled
            self._turns[provider] = None if ruled else self._read_turns(call.contract, name)
        return self._turns[provider]

    def _read_turns(self, contract: Contract, name: str) -> Sequence[float] | None:
        siblings = [self._sibling(contract.provider, profile) for profile in contract.profiles]
        found = [turns(one.document, name) for one in (contract, *siblings)]
        known = [one for one in found if one is not None]
        return sorted(frozenset().union(*known)) if len(known) == len(found) else None


def _same(call: RequestContext) -> _Key:
    return call.contract.provider, call.operation.id, -1, call.request.body


def _prompt(call: RequestContext) -> Path:
    return call.contract.media.get("prompt", ())


def _shows(violation: Violation, prompt: Path) -> bool:
    """Whether the text of a violation may tell of the prompt."""
    return isinstance(violation.sent, dict | list) or violation.pointer == pointer.write(prompt)


def _without(body: Any, path: Path) -> dict[str, Any]:
    """A body with nothing in place of the prompt."""
    name, rest = path[0], path[1:]
    return {**body, name: _without(body[name], rest) if rest else None}
