"""Every change code: its severity for a client of the first contract, and why.

A valid request must stay valid, so requests may get wider and not narrower. A client must understand every
answer, so answers may get narrower and not wider. What cannot be decided is risky. (These are the rules of
oasdiff's severity model, but milder where clients usually tolerate a change: a wider range or a new value in
an answer is risky and not breaking. The words of states have codes of their own.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from mockserver.kit.diff.change import Severity

BREAKING, RISKY, HARMLESS, TEXT = Severity


class Code(NamedTuple):
    """The severity of a change code, and why."""

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
"""Groups of keywords that are compared alike, each with its name in a sentence."""

_WIDER_ANSWER: Final[Mapping[str, Severity]] = {"type": BREAKING, "choice": BREAKING, "keys": HARMLESS}


def _schema_codes() -> Iterator[tuple[str, Code]]:
    for family, name in FAMILIES.items():
        narrower = f"{name} is narrower: a request that was valid may be refused"
        yield f"request.{family}-narrowed", Code(BREAKING, narrower)
        yield f"request.{family}-widened", Code(HARMLESS, f"{name} is wider: valid requests stay valid")
        yield f"response.{family}-narrowed", Code(HARMLESS, f"{name} is narrower: nothing unknown can occur")
        wider = f"{name} is wider: an answer can hold something that a client does not know"
        yield f"response.{family}-widened", Code(_WIDER_ANSWER.get(family, RISKY), wider)
    for message in ("request", "response"):
        yield f"{message}.type-changed", Code(BREAKING, "the type is another: neither includes the other")
        for family in ("form", "condition"):
            undecided = f"{FAMILIES[family]} is another: which one is wider cannot be decided"
            yield f"{message}.{family}-changed", Code(RISKY, undecided)


CODES: Final[Mapping[str, Code]] = {
    **dict(_schema_codes()),
    "request.required-added": Code(BREAKING, "a client does not send the new required field"),
    "request.became-required": Code(BREAKING, "a client that leaves the field out is refused"),
    "request.became-optional": Code(HARMLESS, "a client may go on sending it"),
    "request.property-added": Code(HARMLESS, "a client that does not know it does not send it"),
    "request.property-removed": Code(RISKY, "a sent value has no effect, or is refused as an unknown key"),
    "request.property-refused": Code(BREAKING, "the field is gone and unnamed keys are refused"),
    "request.default-changed": Code(RISKY, "leaving the field out means something else"),
    "request.default-added": Code(HARMLESS, "the meaning of leaving the field out is now documented"),
    "request.effect-lost": Code(RISKY, "a sent value has no effect any more"),
    "request.effect-gained": Code(HARMLESS, "a sent value has an effect"),
    "request.body-required": Code(BREAKING, "a request without a body is refused"),
    "request.body-optional": Code(HARMLESS, "a client may go on sending a body"),
    "request.body-removed": Code(BREAKING, "a client cannot send the body any more"),
    "request.body-added": Code(HARMLESS, "a body may be sent"),
    "request.media-type-removed": Code(BREAKING, "a body of this type is not accepted"),
    "request.media-type-added": Code(HARMLESS, "one more type of body is accepted"),
    "request.deprecated": Code(RISKY, "the field will be removed, or has no effect"),
    "request.undeprecated": Code(HARMLESS, "the field will stay"),
    "response.required-removed": Code(BREAKING, "a field that was always present is gone"),
    "response.became-optional": Code(BREAKING, "a field that was always present may be missing"),
    "response.became-required": Code(HARMLESS, "a field that could be missing is always present"),
    "response.property-added": Code(HARMLESS, "a client ignores a field that it does not know"),
    "response.property-removed": Code(RISKY, "a field that could be present is not documented any more"),
    "response.deprecated": Code(RISKY, "the field will be removed"),
    "response.undeprecated": Code(HARMLESS, "the field will stay"),
    "response.success-added": Code(RISKY, "a client may know only the former success status"),
    "response.success-removed": Code(BREAKING, "the status that a client takes for success does not occur"),
    "response.error-added": Code(HARMLESS, "clients handle errors by class; answer codes say who meets it"),
    "response.error-removed": Code(HARMLESS, "an error that a client handles does not occur"),
    "response.media-type-removed": Code(BREAKING, "an answer of this type does not occur"),
    "response.media-type-added": Code(RISKY, "an answer may have a type that a client does not read"),
    "answer.status-changed": Code(BREAKING, "a client recognizes this case by its status"),
    "answer.added": Code(RISKY, "a case that had no documented answer can occur"),
    "answer.removed": Code(HARMLESS, "the case does not occur, or is answered as another case"),
    "answer.header-removed": Code(RISKY, "a client may read the header"),
    "answer.header-added": Code(HARMLESS, "a client ignores an unknown header"),
    "answer.header-changed": Code(RISKY, "the header has another value"),
    "answer.body-changed": Code(RISKY, "a field is left out or filled differently, as the schema allows"),
    "answer.body-grown": Code(HARMLESS, "a field that was left out is filled"),
    "callback.added": Code(HARMLESS, "only clients that ask for the callback receive it"),
    "callback.removed": Code(BREAKING, "a client waits for the callback in vain"),
    "callback.phases-narrowed": Code(BREAKING, "a client waits in vain to be told of a phase"),
    "callback.phases-widened": Code(RISKY, "a client is told of phases that it does not expect"),
    "callback.filter-added": Code(HARMLESS, "a client may say what it wants to be told of"),
    "callback.filter-changed": Code(BREAKING, "what a client wants to be told of is read otherwise"),
    "callback.signature-added": Code(HARMLESS, "a client that does not check signatures notices nothing"),
    "callback.signature-changed": Code(BREAKING, "a client that checks signatures refuses the callback"),
    "parameter.required-added": Code(BREAKING, "a client does not send the new required parameter"),
    "parameter.became-required": Code(BREAKING, "a client that leaves the parameter out is refused"),
    "parameter.became-optional": Code(HARMLESS, "a client may go on sending it"),
    "parameter.added": Code(HARMLESS, "a client that does not know it does not send it"),
    "parameter.removed": Code(RISKY, "a sent value has no effect, or is refused"),
    "operation.added": Code(HARMLESS, "a client does not call it"),
    "operation.removed": Code(BREAKING, "a client that calls it gets an error"),
    "operation.moved": Code(BREAKING, "a client calls the old method or path"),
    "operation.renamed": Code(HARMLESS, "the name is not sent; only generated code uses it"),
    "operation.role-changed": Code(BREAKING, "the call does something else to a job"),
    "operation.key-moved": Code(BREAKING, "the job's id is read from another place of the request"),
    "operation.by-narrowed": Code(BREAKING, "a job cannot be addressed in this way any more"),
    "operation.by-widened": Code(HARMLESS, "a job can be addressed in one more way"),
    "operation.of-narrowed": Code(BREAKING, "jobs of a submit operation are not found here any more"),
    "operation.of-widened": Code(HARMLESS, "jobs of one more submit operation are found here"),
    "operation.model-moved": Code(BREAKING, "the model is read from another place of the body"),
    "operation.default-model-changed": Code(RISKY, "a request without a model gets another model, or none"),
    "operation.default-model-added": Code(HARMLESS, "the model may be left out"),
    "operation.alias-changed": Code(
        BREAKING, "a client's own name for a job is read from another place, or not"
    ),
    "operation.alias-added": Code(HARMLESS, "a client may name its jobs itself"),
    "operation.callback-changed": Code(BREAKING, "the callback URL is read from another place, or not"),
    "operation.callback-added": Code(HARMLESS, "a client may ask for callbacks"),
    "operation.filter-removed": Code(RISKY, "the list is not filtered"),
    "operation.filter-added": Code(HARMLESS, "the list can be filtered"),
    "operation.page-moved": Code(BREAKING, "another parameter selects the page"),
    "operation.page-shrunk": Code(RISKY, "a page holds fewer jobs: a client that reads one page misses some"),
    "operation.page-grown": Code(HARMLESS, "a page holds more jobs"),
    "operation.source-added": Code(RISKY, "the job goes on from the clip of another one"),
    "operation.source-removed": Code(BREAKING, "the clip that the job goes on from is not looked at"),
    "operation.source-moved": Code(BREAKING, "the job to go on from is named in another place"),
    "operation.source-narrowed": Code(BREAKING, "the clips of some submit operations are refused here"),
    "operation.source-widened": Code(HARMLESS, "the clips of more submit operations may be gone on from"),
    "operation.source-length-changed": Code(RISKY, "the new clip has another length, or may be too long"),
    "operation.file-changed": Code(BREAKING, "the call sends another file of the job"),
    "operation.makes-changed": Code(
        BREAKING, "a job makes images in place of a clip, or a clip in their place"
    ),
    "operation.wait-changed": Code(RISKY, "an answer that was to wait for the end of its job comes earlier"),
    "operation.credits-changed": Code(HARMLESS, "what an account holds is the mock's own"),
    "operation.upload-moved": Code(BREAKING, "the kind of a file is read from another place of the body"),
    "operation.upload-type-removed": Code(BREAKING, "a file of this kind is not taken"),
    "operation.upload-type-added": Code(HARMLESS, "files of one more kind are taken"),
    "operation.upload-type-changed": Code(BREAKING, "a client sends the file with the former Content-Type"),
    "operation.upload-shortened": Code(RISKY, "a slow client sends its file too late"),
    "operation.upload-lengthened": Code(HARMLESS, "there is more time to send the file"),
    "operation.deprecated": Code(RISKY, "the call, or its parameter, will be removed"),
    "operation.undeprecated": Code(HARMLESS, "the call, or its parameter, will stay"),
    "operation.word-changed": Code(
        RISKY, "the operation is described otherwise, with an effect unknown here"
    ),
    "document.word-changed": Code(RISKY, "the provider is described otherwise, with an effect unknown here"),
    "limit.parallel-changed": Code(RISKY, "jobs at a time are counted by model, or all together"),
    "null.taken": Code(HARMLESS, "null in an optional field counts as not sent"),
    "null.refused": Code(BREAKING, "null in an optional field is refused"),
    "security.key-pair-added": Code(HARMLESS, "a client may sign its keys"),
    "security.key-pair-changed": Code(BREAKING, "a signed key is not taken, or stands for another account"),
    "security.added": Code(BREAKING, "a request without a key is refused"),
    "security.changed": Code(BREAKING, "the key is expected in another place or form"),
    "security.removed": Code(HARMLESS, "a key is not needed any more"),
    "server.added": Code(HARMLESS, "a client calls the address that it knows"),
    "server.removed": Code(BREAKING, "a client calls an address that is not served any more"),
    "state.added-on-way": Code(BREAKING, "every job passes through a state that a client does not know"),
    "state.added-end": Code(BREAKING, "a job can end in a state at which a client polls for ever"),
    "state.added": Code(RISKY, "a job can be in a state that a client does not know"),
    "state.removed-end": Code(BREAKING, "a client waits for an end state that does not occur"),
    "state.removed": Code(RISKY, "a client may wait for the state"),
    "state.phase-changed": Code(BREAKING, "the state means something else"),
    "state.word-changed": Code(BREAKING, "answers show another word for the state"),
    "state.seconds-changed": Code(HARMLESS, "the duration is the mock's own, not the provider's promise"),
    "state.links-added": Code(RISKY, "a link may come before the job has succeeded"),
    "state.links-removed": Code(HARMLESS, "links come with success alone"),
    "step.added": Code(RISKY, "a client that knows the legal transitions meets one more"),
    "step.added-back": Code(BREAKING, "a job can return to a former state: progress is not final any more"),
    "step.removed": Code(RISKY, "a transition that jobs took is gone"),
    "way.changed": Code(RISKY, "a job that nothing goes wrong with has the states in another order"),
    "model.added": Code(HARMLESS, "a client does not ask for the model"),
    "model.removed": Code(BREAKING, "a job of the model is refused"),
    "model.clip-changed": Code(RISKY, "the clip has another size, rate, length or ratio"),
    "model.clip-added": Code(HARMLESS, "the model has one more mode"),
    "model.clip-removed": Code(RISKY, "the mode has no clip of its own"),
    "model.images-changed": Code(RISKY, "the images have another size or ratio"),
    "model.images-added": Code(HARMLESS, "the model makes images in one more mode"),
    "model.images-removed": Code(RISKY, "the mode has no size of images of its own"),
    "model.price-raised": Code(RISKY, "the same job costs more"),
    "model.price-lowered": Code(HARMLESS, "the same job costs less"),
    "model.price-changed": Code(RISKY, "the price has another unit, or one side has no price"),
    "media.moved": Code(BREAKING, "the property of the clip is read from another place of the body"),
    "media.removed": Code(RISKY, "the clip does not follow the request any more"),
    "media.added": Code(HARMLESS, "the clip follows one more property of the request"),
    "id.kind-changed": Code(BREAKING, "a client's column or pattern for ids may not fit"),
    "id.length-changed": Code(RISKY, "a client may have reserved space for the former length"),
    "id.prefix-changed": Code(RISKY, "a client may recognize ids by their prefix"),
    "time.unit-changed": Code(BREAKING, "a client reads times wrongly, or not at all"),
    "reason.added": Code(HARMLESS, "a text for people"),
    "reason.removed": Code(HARMLESS, "a text for people"),
    "reason.changed": Code(HARMLESS, "a text for people; its wording is not promised"),
    "rules.changed": Code(RISKY, "the rules beyond JSON Schema are others, or apply differently"),
    "text.changed": Code(TEXT, "a text for people"),
}
"""Every change code; a change has no other."""
