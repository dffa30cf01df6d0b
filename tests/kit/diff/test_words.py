"""Every word of x-job is compared, or stands here with the reason why a change of it breaks no client."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any, Final

import pytest

from mockserver.contract import pointer
from mockserver.contract.model import Contract, Price
from mockserver.contract.other_ids import OtherId
from mockserver.kit.diff.codes import CODES
from mockserver.kit.diff.compare import compare
from mockserver.kit.diff.side import Side, read
from tests.kit.diff.cases import (
    CALLBACK,
    CASES,
    HOOK,
    LIST,
    LITE,
    PROVENANCE,
    READ,
    START,
    Case,
    case,
)
from tests.kit.diff.edits import DROP, ORBIT, Edit, filled, orbit, put
from tests.serving import ROOT

SOURCE: Final = {"video": "/text", "of": ["startRender", "more"], "adds": 5, "most": 9}
WAIT: Final = {"at": "header.prefer", "word": "wait", "seconds": 60}
UPLOAD: Final = {"kind": "/kind", "types": {"png": "image/png"}, "seconds": 60}
UNKNOWN: Final = {"status": 404, "response": {"$ref": "#/components/responses/WrongVerb"}}
CLIP: Final = (
    *("last", "pictures", "video", "mode", "watermark", "count", "size", "width", "height"),
    *("camera", "moving", "still", "shots", "several", "voices", "wanted"),
)
"""Words for what a clip shows of which the provider has none."""
SIZE: Final = {"height": 240, "x-provenance": PROVENANCE}
OF_SOURCE: Final = f"{START}/x-job/source"
OF_UPLOAD: Final = f"{START}/x-job/upload"
KEY: Final = "/components/securitySchemes/key"
HOOKED: Final = [
    orbit(f"{START}/x-job/callback", "/hook"),
    orbit(f"{START}/callbacks", {"told": CALLBACK}),
]
WORDS: Final = [
    case("operation.source-added", "operation.source-removed", orbit(OF_SOURCE, SOURCE)),
    case("operation.makes-changed", "operation.makes-changed", orbit(f"{START}/x-job/makes", "images")),
    case("operation.file-changed", "operation.file-changed", orbit(f"{READ}/x-job/file", "thumbnail")),
    case("operation.wait-changed", "operation.wait-changed", orbit(f"{START}/x-job/wait", WAIT)),
    *(
        case(
            "operation.wait-changed",
            "operation.wait-changed",
            orbit(f"{START}/x-job/wait/{key}", value),
            base=[orbit(f"{START}/x-job/wait", WAIT)],
        )
        for key, value in (("at", "header.x-wait"), ("word", "stay"), ("seconds", 5))
    ),
    case("rules.changed", "rules.changed", orbit(f"{START}/x-job/rules", False)),
    case("operation.credits-changed", "operation.credits-changed", orbit(f"{READ}/x-job/credits", 5)),
    case("operation.word-changed", "operation.word-changed", orbit(f"{READ}/x-job/later", 5)),
    case("document.word-changed", "document.word-changed", orbit("/x-job/later", {"a": 1})),
    case("operation.deprecated", "operation.undeprecated", orbit(f"{READ}/deprecated", True)),
    case("operation.deprecated", "operation.undeprecated", orbit(f"{LIST}/parameters/0/deprecated", True)),
    case("limit.parallel-changed", "limit.parallel-changed", orbit("/x-job/parallel", "model")),
    case("null.taken", "null.refused", orbit("/x-job/null", "absent")),
    case("answer.added", "answer.removed", orbit("/x-job/unknown-path", UNKNOWN)),
    case("model.images-added", "model.images-removed", orbit(f"{LITE}/images", {"default": SIZE})),
    case(
        "security.key-pair-added",
        "security.key-pair-changed",
        orbit(f"{KEY}/x-key-pair", {"caller": "iss"}),
    ),
    *(
        case("media.added", "media.removed", orbit(f"/x-job/media/{key}", "/other"))
        for key in CLIP
    ),
    *(
        case("media.moved", "media.moved", orbit(f"/x-job/media/{key}", "/other"))
        for key in ("prompt", "seconds", "ratio", "first")
    ),
    case("reason.changed", "reason.changed", orbit("/x-job/reasons/policy/code", "no_way")),
    case("reason.changed", "reason.changed", orbit("/x-job/reasons/policy/when", "masks-differ")),
    *(
        case(code, code, orbit(f"{OF_SOURCE}/{key}", value), base=[orbit(OF_SOURCE, SOURCE)])
        for code, key, value in (
            ("operation.source-moved", "video", "/frame"),
            ("operation.source-length-changed", "adds", 6),
            ("operation.source-length-changed", "most", 8),
        )
    ),
    case(
        "operation.source-widened",
        "operation.source-narrowed",
        orbit(f"{OF_SOURCE}/of"),
        base=[orbit(OF_SOURCE, SOURCE)],
    ),
    case(
        "operation.source-narrowed",
        "operation.source-widened",
        orbit(f"{OF_SOURCE}/of", ["more"]),
        base=[orbit(OF_SOURCE, SOURCE)],
    ),
    *(
        case(there, back, orbit(f"{OF_UPLOAD}/{key}", value), base=[orbit(OF_UPLOAD, UPLOAD)])
        for there, back, key, value in (
            ("operation.upload-moved", "operation.upload-moved", "kind", "/sort"),
            ("operation.upload-type-added", "operation.upload-type-removed", "types/mp4", "video/mp4"),
            ("operation.upload-type-changed", "operation.upload-type-changed", "types/png", "image/x-png"),
            ("operation.upload-shortened", "operation.upload-lengthened", "seconds", 5),
        )
    ),
    *(
        case("model.images-changed", "model.images-changed", orbit(f"{LITE}/images/default/{key}", value),
             base=[orbit(f"{LITE}/images", {"default": SIZE})])
        for key, value in (("height", 360), ("ratio", "1:1"))
    ),
    case(
        "answer.status-changed",
        "answer.status-changed",
        orbit("/x-job/unknown-path/status", 410),
        base=[orbit("/x-job/unknown-path", UNKNOWN)],
    ),
    case(
        "answer.body-changed",
        "answer.body-changed",
        orbit("/x-job/unknown-path/response", {"$ref": "#/components/responses/Unpaid"}),
        base=[orbit("/x-job/unknown-path", UNKNOWN)],
    ),
    case(
        "answer.body-changed",
        "answer.body-changed",
        orbit("/x-job/answers/method/response", {"$ref": "#/components/responses/Unpaid"}),
    ),
    case(
        "callback.phases-narrowed",
        "callback.phases-widened",
        orbit(f"{HOOK}/x-job/on", ["failed"]),
        base=HOOKED,
    ),
    case(
        "callback.filter-added",
        "callback.filter-changed",
        orbit(f"{HOOK}/x-job/filter", {"at": "/on", "words": {"end": ["failed"]}}),
        base=HOOKED,
    ),
    case(
        "callback.filter-changed",
        "callback.filter-changed",
        orbit(f"{HOOK}/x-job/filter/at", "/other"),
        orbit(f"{HOOK}/x-job/filter/words", {"end": ["succeeded"]}),
        base=[*HOOKED, orbit(f"{HOOK}/x-job/filter", {"at": "/on", "words": {"end": ["failed"]}})],
    ),
    case(
        "callback.signature-added",
        "callback.signature-changed",
        orbit(f"{HOOK}/x-job/signature", "standard-webhooks"),
        base=HOOKED,
    ),
    case(
        "security.key-pair-changed",
        "security.key-pair-changed",
        orbit(f"{KEY}/x-key-pair/caller", "sub"),
        base=[orbit(f"{KEY}/x-key-pair", {"caller": "iss"})],
    ),
]  # fmt: skip
"""Edits of one word, of a contract that is loaded already."""


def as_it_is(contract: Contract) -> Contract:
    return contract


def of_model(contract: Contract, **changed: Any) -> Contract:
    """The contract with members of its smaller model changed."""
    model = contract.models["orbit-lite"]
    return replace(contract, models={**contract.models, "orbit-lite": model._replace(**changed)})


def of_clip(contract: Contract, **changed: Any) -> Contract:
    """The same for members of that model's clip."""
    clips = contract.models["orbit-lite"].clips
    return of_model(contract, clips={mode: clip._replace(**changed) for mode, clip in clips.items()})


def of_list(contract: Contract, **changed: Any) -> Contract:
    """The contract with members of its list's paging changed."""
    listing = next(each for each in contract.operations.values() if each.role == "list")
    other = replace(listing, page=listing.page._replace(**changed))
    return replace(contract, operations={**contract.operations, listing.id: other})


COST: Final = Price(5, "credits", "job")
READINGS: Final[dict[str, tuple[str, Callable[[Contract], Contract], Callable[[Contract], Contract]]]] = {
    "clip/height": ("model.clip-changed", as_it_is, lambda contract: of_clip(contract, height=100)),
    "clip/seconds": ("model.clip-changed", as_it_is, lambda contract: of_clip(contract, seconds=9.0)),
    "clip/ratio": ("model.clip-changed", as_it_is, lambda contract: of_clip(contract, ratio="3:1")),
    "price/unit": (
        "model.price-changed",
        lambda contract: of_model(contract, price=COST),
        lambda contract: of_model(contract, price=COST._replace(unit="USD")),
    ),
    "price/per": (
        "model.price-changed",
        lambda contract: of_model(contract, price=COST),
        lambda contract: of_model(contract, price=COST._replace(per="second")),
    ),
    "document/models/title": ("text.changed", as_it_is, lambda contract: of_model(contract, title="Other")),
    "document/ids/prefix": (
        "id.prefix-changed",
        as_it_is,
        lambda contract: replace(contract, ids={"file": OtherId("file", "file_", "token", "job_")}),
    ),
    "operation/page/number": ("operation.page-moved", as_it_is, partial(of_list, number="other")),
    "operation/page/cursor": ("operation.page-moved", as_it_is, partial(of_list, cursor="other")),
    "operation/page/offset": ("operation.page-moved", as_it_is, partial(of_list, offset="other")),
    "operation/page/order": ("operation.page-moved", as_it_is, partial(of_list, order="other")),
}
"""Words that are compared as they were read: the code, and both contracts."""

PLACES: Final = {
    "document": "/x-job/W",
    "document/id": "/x-job/id/W",
    "document/ids": "/x-job/ids/[^/]+/W",
    "document/states": "/x-job/states/[^/]+/W",
    "document/models": "/x-job/models/[^/]+/W",
    "document/reasons": "/x-job/reasons/[^/]+/W",
    "document/answers": "/x-job/answers/[^/]+/W",
    "document/unknown-path": "/x-job/unknown-path/W",
    "media": "(/x-job|/paths/.*/x-job)/media/W",
    "image-size": "/x-job/models/[^/]+/images/[^/]+/W",
    "clip": "/x-job/models/[^/]+/(clip|clips/[^/]+)/W",
    "price": "/x-job/models/[^/]+/price/W",
    "source": "/paths/.*/x-job/source/W",
    "operation": "/paths/.*/x-job/W",
    "operation/wait": "/paths/.*/x-job/wait/W",
    "operation/upload": "/paths/.*/x-job/upload/W(/.*)?",
    "operation/page": "/paths/.*/x-job/page/W",
    "answer": "/(components|paths)/.*/x-job(/[0-9]+)?/W(/.*)?",
    "callback/filter": "/paths/.*/callbacks/.*/x-job/filter/W",
    "callback": "/paths/.*/callbacks/.*/x-job/W",
    "key-pair": ".*/x-key-pair/W",
    "without-effect": ".*/x-without-effect/0/W",
}
"""Where a word stands, by what holds it in x-job.schema.json."""

HARMLESS: Final = {
    "x-provenance": "it says where a fact comes from, not what it is",
    "reference/$ref": "what it leads to is compared",
    "document/provider": "the name of the folder, which no request carries",
    "document/sources": "what the codes of x-provenance stand for",
    "document/profiles": "a profile is chosen before contracts are compared, and its overlays are laid over",
    "document/bodies": "put in their places before contracts are compared",
    "document/models/payload": "the schema that it leads to is compared",
    "document/answers/status": "compared as the answers of each operation: answer.status-changed",
    "answer/when": "compared as the cases of each operation: answer.added, answer.removed",
    "document/states/next": "the test of steps: step.added, step.removed, way.changed",
    "image": "compared as a keyword of schemas: request.image-narrowed and its kin",
    "overlay": "laid over before contracts are compared; what it patches is compared",
    "without-effect/says": "the text of a warning, for people",
}
"""Words, or holders of words, whose change no client notices, or which are compared by another way."""


@cache
def loaded() -> Side:
    return read(str(ORBIT))


def edited(edits: list[Edit]) -> Side:
    """The provider with the edits made in its loaded document."""
    side = loaded()
    document: Any = copy.deepcopy(dict(side.contract.document))
    for edit in edits:
        put(
            document,
            pointer.parts(edit.at),
            filled(document, copy.deepcopy(edit.value)) if edit.value is not DROP else DROP,
        )
    return side._replace(contract=replace(side.contract, document=document))


@pytest.mark.parametrize("changed", WORDS, ids=lambda changed: changed.edits[0].at)
def test_a_word_is_compared_both_ways(changed: Case) -> None:
    before, after = edited([*changed.base]), edited([*changed.base, *changed.edits])

    assert [change.code for change in compare(before, after)] == [*changed.there]
    assert [change.code for change in compare(after, before)] == [*changed.back]


@pytest.mark.parametrize("word", READINGS)
def test_a_word_that_was_read_is_compared(word: str) -> None:
    code, *both = READINGS[word]
    before, after = (loaded()._replace(contract=change(loaded().contract)) for change in both)

    assert [change.code for change in compare(before, after)] == [code]


def words(node: dict[str, Any], holder: str) -> Iterator[tuple[str, str]]:
    """Holder and name of each word that a part of the schema describes."""
    for word, described in node.get("properties", {}).items():
        yield holder, word
        yield from words(described, f"{holder}/{word}")
    for part in ("additionalProperties", "items"):
        if isinstance(node.get(part), dict):
            yield from words(node[part], holder)


def every_word() -> list[tuple[str, str]]:
    schema = json.loads((ROOT / "contracts/x-job.schema.json").read_text())
    return [word for name, node in schema["$defs"].items() for word in words(node, name)]


def is_changed(holder: str, word: str) -> bool:
    """Whether some case changes that word, or words that it is made of are words themselves."""
    name = f"{holder}/{word}"
    if name in READINGS or {name, word, word.rstrip("s")} & PLACES.keys():
        return True
    place = re.compile(PLACES[holder].replace("W", re.escape(word), 1)) if holder in PLACES else None
    edits = (edit for each in (*CASES, *WORDS) for edit in each.edits)
    return place is not None and any(place.fullmatch(edit.at) for edit in edits)


def test_no_word_of_the_language_is_left_out() -> None:
    reasons = {*HARMLESS}
    admitted = [
        (holder, word) for holder, word in every_word() if {word, holder, f"{holder}/{word}"} & reasons
    ]
    rest = [each for each in every_word() if each not in admitted]

    assert [f"{holder}/{word}" for holder, word in rest if not is_changed(holder, word)] == []


def test_no_reason_is_given_for_nothing() -> None:
    names = {name for holder, word in every_word() for name in (word, holder, f"{holder}/{word}")}
    assert HARMLESS.keys() <= names


def test_the_cases_know_every_code() -> None:
    assert {code for each in (*CASES, *WORDS) for code in (*each.there, *each.back)} == CODES.keys()
