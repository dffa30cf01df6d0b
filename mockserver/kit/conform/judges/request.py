"""Requests: they are valid, the key is in its place, and prompt, picture and model arrive."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args
from urllib.parse import unquote

from mockserver.contract import registry
from mockserver.contract.carriage import places_in_words
from mockserver.contract.loader import compile_contract
from mockserver.contract.pointer import ABSENT
from mockserver.contract.router import Router
from mockserver.kit.conform.evidence import CaseExchange, Evidence
from mockserver.kit.conform.judges.base import JudgeBreach, NothingToJudge, judge
from mockserver.kit.traffic.call import Call
from mockserver.media.picture import measure
from mockserver.numerals import plural
from mockserver.terms import Role

_NO_ID = frozenset({"", "none", "null", "nil", "undefined", "nan", "false", "[object object]"})


@judge("valid-requests", "Every request keeps the provider's contract.", always="MUST")
def valid_requests(evidence: Evidence) -> Iterator[JudgeBreach]:
    """The path is one of the provider's, and parameters and body keep their schemas.

    A contract may know less than the provider serves. So what a client that submits asks besides, such as the
    state of its account, is no breach; a request that names its job is one.
    """
    for exchange in evidence.of(*get_args(Role)):
        violations = exchange.call.violations
        if violations:
            problems = "; ".join(violation.text() for violation in violations[:2])
            yield JudgeBreach("a request that keeps the contract", problems, (exchange.number,))
            return
    for exchange in evidence.exchanges:
        unknown = exchange.role is None and exchange.status in (404, 405)
        if unknown and (not evidence.of("submit") or _names_a_job(evidence, exchange)):
            yield JudgeBreach("an operation of the provider's", _unknown(exchange.call), (exchange.number,))
            return


@judge("key-in-its-place", "The key is where the provider takes it, in every call of the API.", always="MUST")
def key_in_its_place(evidence: Evidence) -> Iterator[JudgeBreach]:
    """No request was refused because its key was missing, unless the case refused it."""
    keyless = tuple(
        exchange.number for exchange in evidence.exchanges if exchange.status == 401 and not exchange.faults
    )
    if keyless:
        operations = evidence.contract.operations.values()
        needed = next((each.credentials for each in operations if each.credential is not None), ())
        actual = "the key was missing or in another place"
        yield JudgeBreach(places_in_words(needed) or "no key at all", actual, keyless)


@judge("sends-json", "A body is sent as application/json.")
def sends_json(evidence: Evidence) -> Iterator[JudgeBreach]:
    """Every submit has this content type."""
    for submit in _submits(evidence):
        header = submit.call.exchange.request_header("content-type") or "none"
        content_type = header.partition(";")[0].strip().lower()
        if content_type != "application/json":
            yield JudgeBreach(
                "content-type: application/json", f"content-type: {content_type}", (submit.number,)
            )
            return


@judge("prompt-arrives", "The prompt arrives as it was given, letter by letter.")
def prompt_arrives(evidence: Evidence) -> Iterator[JudgeBreach]:
    """Every submit has it; a submit that the journal cut is not judged."""
    wanted = evidence.task.prompt
    for submit in _submits(evidence):
        prompt = submit.call.media_value("prompt")
        if prompt != wanted and not submit.call.exchange.cut:
            shown = "no prompt" if prompt is ABSENT else repr(prompt)[:200]
            yield JudgeBreach(f"the prompt {wanted!r:.200}", shown, (submit.number,))
            return


@judge("image-arrives", "The picture arrives byte for byte.")
def image_arrives(evidence: Evidence) -> Iterator[JudgeBreach]:
    """Every submit has it as Base64; a link cannot be judged."""
    wanted = evidence.picture
    for submit in _submits(evidence):
        picture = submit.call.media_value("first")
        if isinstance(picture, str) and picture[:4].lower() == "http":
            raise NothingToJudge("it sent a link to the picture")
        if _decoded(picture) != wanted and not submit.call.exchange.cut:
            yield JudgeBreach(
                f"the picture of {plural(len(wanted), 'byte')}", _described(picture), (submit.number,)
            )
            return


@judge("model-arrives", "The model is the one that was asked for.")
def model_arrives(evidence: Evidence) -> Iterator[JudgeBreach]:
    """Every submit names it."""
    wanted = evidence.task.model
    for submit in _submits(evidence):
        if submit.call.model != wanted:
            yield JudgeBreach(f"the model {wanted!r}", f"{submit.call.model!r}", (submit.number,))
            return


@judge("asks-for-a-job", "A client asks for a job by its id, not by the word for having none.")
def asks_for_a_job(evidence: Evidence) -> Iterator[JudgeBreach]:
    """No read has, in place of an id, the empty text or a programming language's word for nothing."""
    reads = [read for read in evidence.of("read") if (read.call.object_id or "").lower() in _NO_ID]
    if reads:
        actual = f"{len(reads)} for {reads[0].call.object_id!r}"
        yield JudgeBreach("reads of a job by its id", actual, tuple(read.number for read in reads))


@judge("callback-asked-for", "The submit names the callback URL.")
def callback_asked_for(evidence: Evidence) -> Iterator[JudgeBreach]:
    """The URL is the one that the client was given."""
    wanted = evidence.task.callback_url
    for submit in _submits(evidence):
        if wanted not in _texts(submit):
            yield JudgeBreach(f"the callback URL {wanted}", "it is not in the submit", (submit.number,))
            return


def _submits(evidence: Evidence) -> list[CaseExchange]:
    submits = evidence.of("submit")
    if not submits:
        raise NothingToJudge("it sent no submit")
    return submits


def _names_a_job(evidence: Evidence, exchange: CaseExchange) -> bool:
    url = unquote(exchange.call.exchange.url)
    return any(job in url for job in evidence.reported_job_ids)


def _unknown(call: Call) -> str:
    """A request that no operation of the contract answers; another profile of the contract may have one."""
    exchange, contract = call.exchange, call.contract
    request = f"{exchange.method} {exchange.path}"
    for profile in contract.profiles:
        place = registry.place(contract.provider)
        if _has_operation(place, profile, exchange.method, exchange.path):
            return f"{request} is not one of its operations; it is one with --profile {profile}"
    return f"{request} is not one of its operations"


@cache
def _has_operation(place: registry.Placement, profile: str, method: str, path: str) -> bool:
    match = Router([compile_contract(place.read(), measure=measure, profile=profile)]).find(method, path)
    return match is not None and match.operation is not None


def _texts(submit: CaseExchange) -> set[str]:
    body = submit.call.request_json
    if not isinstance(body, dict):
        return set()
    return {value for value in body.values() if isinstance(value, str)}


def _decoded(picture: Any) -> bytes | None:
    """The picture's bytes, from Base64 or a data URL."""
    if not isinstance(picture, str):
        return None
    if picture[:5].lower() == "data:":
        picture = picture.partition(",")[2]
    try:
        return base64.b64decode(picture)
    except (binascii.Error, ValueError):
        return None


def _described(picture: Any) -> str:
    if picture is ABSENT:
        return "no picture"
    data = _decoded(picture)
    if data is None:
        return "no Base64"
    return f"another picture, of {plural(len(data), 'byte')}"
