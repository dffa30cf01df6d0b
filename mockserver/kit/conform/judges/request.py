"""Requests: valid, with the key in its place, and what was asked arrives."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from functools import cache
from typing import Any

from mockserver.contract.pointer import ABSENT
from mockserver.contract.router import Router
from mockserver.kit import contracts
from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.judges.base import JudgeBreach, judge
from mockserver.kit.traffic.call import Call

_NOTHING = frozenset({"", "none", "null", "nil", "undefined", "nan", "false", "[object object]"})


@judge("valid-requests", "Every request keeps the provider's contract.", always="MUST")
def valid_requests(seen: Evidence) -> Iterator[JudgeBreach]:
    """The path is one of the provider's, its parameters and body keep their schemas."""
    for call in seen.of("submit", "read", "list", "cancel", "models", "model"):
        if call.violations:
            told = "; ".join(one.text() for one in call.violations[:2])
            yield JudgeBreach("a request that keeps the contract", told, (call.number,))
            return
    for call in seen.calls:
        if seen.role(call) is None and call.exchange.status in (404, 405):
            what = f"{call.exchange.method} {call.exchange.path} is none of its operations{_elsewhere(call)}"
            yield JudgeBreach("an operation of the provider's", what, (call.number,))
            return


@judge("key-in-its-place", "The key is where the provider takes it, in every call of the API.", always="MUST")
def key_in_its_place(seen: Evidence) -> Iterator[JudgeBreach]:
    """No call was refused for want of a key, unless the case refused it."""
    keyless = tuple(
        call.number for call in seen.calls if call.exchange.status == 401 and not seen.faults(call)
    )
    if keyless:
        yield JudgeBreach("Authorization: Bearer KEY", "the key was missing or in another place", keyless)


@judge("sends-json", "A body is sent as application/json.")
def sends_json(seen: Evidence) -> Iterator[JudgeBreach]:
    """The content type of every submit."""
    for call in seen.of("submit"):
        kind = (call.exchange.asked("content-type") or "none").partition(";")[0].strip().lower()
        if kind != "application/json":
            yield JudgeBreach("content-type: application/json", f"content-type: {kind}", (call.number,))
            return


@judge("prompt-arrives", "The prompt arrives as it was given, letter by letter.")
def prompt_arrives(seen: Evidence) -> Iterator[JudgeBreach]:
    """In every submit that was read."""
    for call in seen.of("submit"):
        prompt = call.submitted("prompt")
        if prompt != seen.task.prompt and not call.exchange.cut:
            shown = "no prompt" if prompt is ABSENT else repr(prompt)[:200]
            yield JudgeBreach(f"the prompt {seen.task.prompt!r:.200}", shown, (call.number,))
            return


@judge("image-arrives", "The picture arrives byte for byte.")
def image_arrives(seen: Evidence) -> Iterator[JudgeBreach]:
    """In every submit, as Base64; a link cannot be judged and passes."""
    for call in seen.of("submit"):
        sent = call.submitted("first")
        if isinstance(sent, str) and sent[:4].lower() == "http":
            continue
        if _bytes(sent) != seen.picture and not call.exchange.cut:
            yield JudgeBreach(f"the picture of {len(seen.picture)} bytes", _picture(sent), (call.number,))
            return


@judge("model-arrives", "The model is the one that was asked for.")
def model_arrives(seen: Evidence) -> Iterator[JudgeBreach]:
    """In every submit."""
    for call in seen.of("submit"):
        if call.model != seen.task.model:
            yield JudgeBreach(f"the model {seen.task.model!r}", f"{call.model!r}", (call.number,))
            return


@judge("asks-for-a-job", "A client asks for a job by its id, not by the word for having none.")
def asks_for_a_job(seen: Evidence) -> Iterator[JudgeBreach]:
    """No read names its job by nothing, or by what a language prints for nothing."""
    asked = [call for call in seen.of("read") if (call.asked_for or "").lower() in _NOTHING]
    if asked:
        told = f"{len(asked)} for {asked[0].asked_for!r}"
        yield JudgeBreach("reads of a job by its id", told, tuple(call.number for call in asked))


@judge("callback-asked-for", "The submit names the callback URL.")
def callback_asked_for(seen: Evidence) -> Iterator[JudgeBreach]:
    """As it was given."""
    for call in seen.of("submit"):
        if seen.task.callback_url not in _texts(call):
            yield JudgeBreach(
                f"the callback URL {seen.task.callback_url}", "it is not in the submit", (call.number,)
            )
            return


def _elsewhere(call: Call) -> str:
    asked, contract = call.exchange, call.contract
    found = [one for one in contract.profiles if _knows(contract.provider, one, asked.method, asked.path)]
    return f"; it is one with --profile {found[0]}" if found else ""


@cache
def _knows(provider: str, profile: str, method: str, path: str) -> bool:
    match = Router([contracts.load(provider, profile=profile)]).find(method, path)
    return match is not None and match.operation is not None


def _texts(call: Call) -> set[Any]:
    found: set[Any] = set()
    if isinstance(call.sent, dict):
        found = {value for value in call.sent.values() if isinstance(value, str)}
    return found


def _bytes(sent: Any) -> bytes | None:
    if not isinstance(sent, str):
        return None
    try:
        return base64.b64decode(sent.partition(",")[2] if sent[:5].lower() == "data:" else sent)
    except (binascii.Error, ValueError):
        return None


def _picture(sent: Any) -> str:
    if sent is ABSENT:
        return "no picture"
    data = _bytes(sent)
    return "no Base64" if data is None else f"another picture, of {len(data)} bytes"
