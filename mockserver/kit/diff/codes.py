"""Every kind of change: its code, what it means for a client of the first contract, and why.

The law: a request that was right must stay right, so what is asked may widen and not narrow; an answer
must stay what a client was written for, so what is said may narrow and not widen. What cannot be decided
is risky. (The law of oasdiff's severity model; milder where a tolerant reader is the rule: a wider range
or a new word in an answer is risky and not breaking, as the states' own words are judged apart.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from mockserver.kit.diff.change import Severity

BREAKING, RISKY, HARMLESS, TEXT = Severity


class Kind(NamedTuple):
    """What a code stands for."""

    severity: Severity
    why: str


FAMILIES: Final[Mapping[str, str]] = {
    "type": "the type",
    "enum": "the list of values",
    "range": "a limit",
    "form": "the form (pattern, format, step, uniqueness)",
    "image": "what a picture may be",
    "keys": "the rule for unnamed keys",
    "choice": "the list of alternatives",
    "condition": "a rule that binds fields together",
}
"""Groups of keywords that are compared alike, each with its words."""

_WIDER_ANSWER: Final[Mapping[str, Severity]] = {"type": BREAKING, "choice": BREAKING, "keys": HARMLESS}
_OTHER: Final[Mapping[tuple[str, str], Severity]] = {
    ("request", "type"): BREAKING,
    ("response", "type"): BREAKING,
}


def _schema_kinds() -> Iterator[tuple[str, Kind]]:
    for family, words in FAMILIES.items():
        narrow = f"{words} is narrower: a request that was right may be refused"
        yield f"request.{family}-narrowed", Kind(BREAKING, narrow)
        yield f"request.{family}-widened", Kind(HARMLESS, f"{words} is wider: what was right stays right")
        yield f"response.{family}-narrowed", Kind(HARMLESS, f"{words} is narrower: nothing unknown can come")
        wider = f"{words} is wider: something can come that a client was not written for"
        yield f"response.{family}-widened", Kind(_WIDER_ANSWER.get(family, RISKY), wider)
        if family in ("type", "form", "condition"):
            for side in ("request", "response"):
                severity = _OTHER.get((side, family), RISKY)
                said = "neither holds the other" if severity is BREAKING else "which way cannot be decided"
                yield f"{side}.{family}-changed", Kind(severity, f"{words} is another: {said}")


CODES: Final[Mapping[str, Kind]] = {
    **dict(_schema_kinds()),
    "request.required-added": Kind(BREAKING, "a client does not send a field that is new and must be sent"),
    "request.became-required": Kind(BREAKING, "a client that leaves the field out is refused"),
    "request.became-optional": Kind(HARMLESS, "a client goes on sending it"),
    "request.property-added": Kind(HARMLESS, "a client that does not know it leaves it out"),
    "request.property-removed": Kind(RISKY, "a sent value has no effect, or is refused as an unknown key"),
    "request.property-refused": Kind(BREAKING, "the field is gone and unnamed keys are refused"),
    "request.default-changed": Kind(RISKY, "leaving the field out means something else"),
    "request.default-added": Kind(HARMLESS, "what leaving it out means is said now"),
    "request.body-required": Kind(BREAKING, "a request without a body is refused"),
    "request.body-optional": Kind(HARMLESS, "a client goes on sending a body"),
    "request.body-removed": Kind(BREAKING, "what the body said cannot be said any more"),
    "request.body-added": Kind(HARMLESS, "a body may be sent"),
    "request.media-type-removed": Kind(BREAKING, "a body of this type is not taken"),
    "request.media-type-added": Kind(HARMLESS, "one more type of body is taken"),
    "request.deprecated": Kind(RISKY, "the field is meant to go, or has no effect"),
    "request.undeprecated": Kind(HARMLESS, "the field is meant to stay"),
    "response.required-removed": Kind(BREAKING, "a field that always came is gone"),
    "response.became-optional": Kind(BREAKING, "a field that always came may be missing"),
    "response.became-required": Kind(HARMLESS, "a field that could be missing always comes"),
    "response.property-added": Kind(HARMLESS, "a client passes over a field that it does not know"),
    "response.property-removed": Kind(RISKY, "a field that could come is promised no more"),
    "response.deprecated": Kind(RISKY, "the field is meant to go"),
    "response.undeprecated": Kind(HARMLESS, "the field is meant to stay"),
    "response.success-added": Kind(RISKY, "a client may know only the status of success there was"),
    "response.success-removed": Kind(BREAKING, "the status a client takes for success does not come"),
    "response.error-added": Kind(HARMLESS, "errors are handled by their class; who meets it is said apart"),
    "response.error-removed": Kind(HARMLESS, "a handled error does not come"),
    "response.media-type-removed": Kind(BREAKING, "an answer of this type does not come"),
    "response.media-type-added": Kind(RISKY, "an answer may be of a type a client does not read"),
    "answer.status-changed": Kind(BREAKING, "a client tells this case by its status"),
    "answer.added": Kind(RISKY, "a case that was not answered for can come about"),
    "answer.removed": Kind(HARMLESS, "a case does not come about, or as another"),
    "answer.header-removed": Kind(RISKY, "a client may read the header"),
    "answer.header-added": Kind(HARMLESS, "an unknown header is passed over"),
    "answer.header-changed": Kind(RISKY, "the header says something else"),
    "answer.body-changed": Kind(RISKY, "a field is left out or filled otherwise, as the schema lets it"),
    "answer.body-grown": Kind(HARMLESS, "a field is filled that was left out"),
    "callback.added": Kind(HARMLESS, "it comes only to those who ask for it"),
    "callback.removed": Kind(BREAKING, "a client waits to be told in vain"),
    "parameter.required-added": Kind(BREAKING, "a client does not send a parameter that is new and required"),
    "parameter.became-required": Kind(BREAKING, "a client that leaves the parameter out is refused"),
    "parameter.became-optional": Kind(HARMLESS, "a client goes on sending it"),
    "parameter.added": Kind(HARMLESS, "a client that does not know it leaves it out"),
    "parameter.removed": Kind(RISKY, "a sent value has no effect, or is refused"),
    "operation.added": Kind(HARMLESS, "a client does not call it"),
    "operation.removed": Kind(BREAKING, "a client that calls it gets an error"),
    "operation.moved": Kind(BREAKING, "a client calls the old method or path"),
    "operation.renamed": Kind(HARMLESS, "the name is not sent; only generated code has it"),
    "operation.role-changed": Kind(BREAKING, "the call does something else to a job"),
    "operation.key-moved": Kind(BREAKING, "a job is named at another place of the request"),
    "operation.by-narrowed": Kind(BREAKING, "a job cannot be named in this way any more"),
    "operation.by-widened": Kind(HARMLESS, "a job can be named in one more way"),
    "operation.of-narrowed": Kind(BREAKING, "jobs of a submit operation are not found here any more"),
    "operation.of-widened": Kind(HARMLESS, "jobs of one more submit operation are found here"),
    "operation.model-moved": Kind(BREAKING, "the model is named at another place of the body"),
    "operation.default-model-changed": Kind(RISKY, "leaving the model out means another model, or none"),
    "operation.default-model-added": Kind(HARMLESS, "the model may be left out"),
    "operation.alias-changed": Kind(BREAKING, "a client's own name for a job is not read where it stands"),
    "operation.alias-added": Kind(HARMLESS, "a client may name its jobs itself"),
    "operation.callback-changed": Kind(BREAKING, "a callback URL is not read where it stands"),
    "operation.callback-added": Kind(HARMLESS, "a client may ask to be told"),
    "operation.filter-removed": Kind(RISKY, "the list is not filtered"),
    "operation.filter-added": Kind(HARMLESS, "the list can be filtered"),
    "operation.page-moved": Kind(BREAKING, "the page is asked for by another parameter"),
    "operation.page-shrunk": Kind(RISKY, "one answer holds fewer: a client that reads one page misses some"),
    "operation.page-grown": Kind(HARMLESS, "one answer holds more"),
    "security.added": Kind(BREAKING, "a request without a key is refused"),
    "security.changed": Kind(BREAKING, "the key is not found where a client sends it"),
    "security.removed": Kind(HARMLESS, "a sent key is not needed"),
    "server.added": Kind(HARMLESS, "a client calls the one it knows"),
    "server.removed": Kind(BREAKING, "a client calls an address that is served no more"),
    "state.added-on-way": Kind(BREAKING, "every job goes through a word that a client does not know"),
    "state.added-end": Kind(BREAKING, "a job can end in a word that a client polls on at for ever"),
    "state.added": Kind(RISKY, "a job can be in a word that a client does not know"),
    "state.removed-end": Kind(BREAKING, "a client waits for an end that does not come"),
    "state.removed": Kind(RISKY, "a client may wait to see the word"),
    "state.phase-changed": Kind(BREAKING, "the word means something else"),
    "state.seconds-changed": Kind(HARMLESS, "our own dwell, not the provider's promise"),
    "step.added": Kind(RISKY, "a client that knows the legal steps meets one more"),
    "step.added-back": Kind(BREAKING, "a job can return to where it was: progress is no progress any more"),
    "step.removed": Kind(RISKY, "a way that jobs took is closed"),
    "way.changed": Kind(RISKY, "when nothing goes wrong, the known words come in another order"),
    "model.added": Kind(HARMLESS, "a client does not ask for it"),
    "model.removed": Kind(BREAKING, "a job of the model is refused"),
    "model.clip-changed": Kind(RISKY, "the clip has another size, rate, length or ratio"),
    "model.clip-added": Kind(HARMLESS, "a clip can be had in one more mode"),
    "model.clip-removed": Kind(RISKY, "the mode has no clip of its own"),
    "model.price-raised": Kind(RISKY, "the same job costs more"),
    "model.price-lowered": Kind(HARMLESS, "the same job costs less"),
    "model.price-changed": Kind(RISKY, "the price is counted otherwise, or is not known on one side"),
    "media.moved": Kind(BREAKING, "what the clip must show is read at another place of the body"),
    "media.removed": Kind(RISKY, "the clip does not follow what is asked"),
    "media.added": Kind(HARMLESS, "the clip follows one thing more"),
    "id.kind-changed": Kind(BREAKING, "a client's column or pattern for ids does not fit"),
    "id.length-changed": Kind(RISKY, "a client may have kept room for the old length"),
    "id.prefix-changed": Kind(RISKY, "a client may tell ids by their prefix"),
    "time.unit-changed": Kind(BREAKING, "a moment is read wrongly, by a factor or not at all"),
    "reason.added": Kind(HARMLESS, "a text for people"),
    "reason.removed": Kind(HARMLESS, "a text for people"),
    "reason.changed": Kind(HARMLESS, "a text for people; nothing promises its words"),
    "rules.changed": Kind(RISKY, "rules that JSON Schema cannot say are others, or read otherwise"),
    "text.changed": Kind(TEXT, "words for people"),
}
"""Code to what it stands for; a change has no other codes."""
