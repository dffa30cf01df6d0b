"""For each kind of change the least edit that makes it, and what the way back is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from mockserver.contract.idle_checks import LIMITED
from tests.kit.diff.edits import DROP, Edit, orbit, schema


class Case(NamedTuple):
    """With `edits` on top of `base`, `there` are the codes of the change, and `back` those of undoing it."""

    there: tuple[str, ...]
    back: tuple[str, ...]
    edits: Sequence[Edit]
    base: Sequence[Edit] = ()


def case(there: str, back: str, *edits: Edit, base: Sequence[Edit] = ()) -> Case:
    """A case; several codes are separated by spaces."""
    return Case(tuple(there.split()), tuple(back.split()), edits, base)


PROVENANCE: Final = "ASSUMED invented for a test"
FIELD: Final = {"type": "string", "x-provenance": PROVENANCE}
START: Final = "/paths/~1v3~1renders/post"
LIST: Final = "/paths/~1v3~1renders/get"
READ: Final = "/paths/~1v3~1renders~1{id}/get"
ABORT: Final = "/paths/~1v3~1renders~1{id}/delete"
STATES: Final = "/x-job/states"
LITE: Final = "/x-job/models/orbit-lite"
RULE: Final = {
    "if": {"properties": {"seconds": {"const": 4}}, "required": ["seconds"]},
    "then": {"required": ["shape"]},
}
OTHER_RULE: Final = {**RULE, "if": {"properties": {"seconds": {"const": 3}}, "required": ["seconds"]}}
PRICE: Final = {"amount": 5, "unit": "credits", "per": "job", "x-provenance": PROVENANCE}


def state(phase: str, *following: str) -> dict[str, Any]:
    return {"phase": phase, "next": list(following), "x-provenance": PROVENANCE}


def widened(family: str, at: str, narrow: Any, wide: Any) -> list[Case]:
    """A keyword of a field that is sent and of one that comes; `at` is below the field.

    The field has the type that the keyword limits: beside another one, the keyword would change nothing.
    """
    base = {**FIELD, "type": "object" if at == "/allOf" else LIMITED.get(at[1:], "string")}
    return [
        Case(
            (f"{way}.{family}-widened",),
            (f"{way}.{family}-narrowed",),
            [schema(name, f"{field}{at}", wide)],
            [schema(name, field, base), schema(name, f"{field}{at}", narrow)],
        )
        for way, name, field in (
            ("request", "lite", "/properties/more"),
            ("response", "render", "/properties/more"),
        )
    ]


def changed(family: str, at: str, first: Any, second: Any) -> list[Case]:
    """The same for a change whose way cannot be decided."""
    return [
        made._replace(there=(f"{way}.{family}-changed",), back=(f"{way}.{family}-changed",))
        for way, made in zip(("request", "response"), widened(family, at, first, second), strict=True)
    ]


PICTURE: Final = {"forms": ["url", "data-uri"], "types": ["png"], "minSide": 10}
KEYWORDS: Final = [
    *widened("type", "/type", "integer", "number"),
    *widened("type", "/type", "string", ["string", "null"]),
    *changed("type", "/type", "string", "integer"),
    *widened("enum", "/enum", ["a"], ["a", "b"]),
    *widened("enum", "/const", "a", DROP),
    *widened("range", "/minLength", 2, 1),
    *widened("range", "/maxLength", 2, 3),
    *widened("range", "/maxLength", 2, DROP),
    *widened("form", "/pattern", "^a", DROP),
    *changed("form", "/pattern", "^a", "^b"),
    *changed("form", "/format", "uri", "uuid"),
    *widened("form", "/multipleOf", 4, 2),
    *widened("form", "/uniqueItems", True, DROP),
    *widened("image", "/x-image", PICTURE, {**PICTURE, "forms": ["url", "data-uri", "base64"]}),
    *widened("image", "/x-image", PICTURE, {**PICTURE, "minSide": 9}),
    *widened("image", "/x-image", {**PICTURE, "maxBytes": 9}, PICTURE),
    *widened("image", "/x-image", PICTURE, {**PICTURE, "empty": True}),
    *widened("image", "/x-image", PICTURE, DROP),
    *widened("keys", "/additionalProperties", False, True),
    *widened("keys", "/unevaluatedProperties", False, DROP),
    *widened("choice", "/anyOf", [{"minLength": 3}], [{"minLength": 3}, {"maxLength": 1}]),
    *widened("choice", "/oneOf", [{"minLength": 3}], DROP),
    *widened("condition", "/allOf", [RULE], []),
    *widened("condition", "/not", {"pattern": "^a"}, DROP),
    *widened("condition", "/dependentSchemas", {"a": {"required": ["b"]}}, {}),
    *changed("condition", "/allOf", [RULE], [OTHER_RULE]),
    *changed("condition", "/not", {"pattern": "^a"}, {"pattern": "^b"}),
    *changed("condition", "/contains", {"const": 1}, {"const": 2}),
    *widened("range", "/items", {"type": "string", "maxLength": 1}, {"type": "string", "maxLength": 2}),
    *widened("range", "/anyOf", [{"maxLength": 1}], [{"maxLength": 2}]),
]

KNOB: Final = {**FIELD, "type": "object", "additionalProperties": False, "properties": {}}
FIELDS: Final = [
    case(
        "request.required-added",
        "request.property-removed",
        schema("lite", "/properties/more", FIELD),
        schema("lite", "/required/-", "more"),
    ),
    case("request.became-required", "request.became-optional", schema("lite", "/required/-", "seconds")),
    case("request.property-added", "request.property-removed", schema("lite", "/properties/more", FIELD)),
    case(
        "request.property-added",
        "request.property-refused",
        schema("lite", "/properties/knob/properties/more", FIELD),
        base=[schema("lite", "/properties/knob", KNOB)],
    ),
    case(
        "request.default-changed", "request.default-changed", schema("lite", "/properties/seconds/default", 3)
    ),
    case("request.default-changed", "request.default-added", schema("lite", "/properties/seconds/default")),
    case("request.deprecated", "request.undeprecated", schema("lite", "/properties/shape/deprecated", True)),
    case("request.type-narrowed", "request.type-widened", schema("lite", "/properties/shape", False)),
    case(
        "request.effect-lost",
        "request.effect-gained",
        schema("lite", "/x-without-effect", [{"if": {"required": ["seconds"]}, "says": "not so"}]),
    ),
    case(
        "request.effect-lost",
        "request.effect-lost",
        schema("lite", "/x-without-effect/0/if", {"required": ["shape"]}),
        base=[schema("lite", "/x-without-effect", [{"if": {"required": ["seconds"]}, "says": "not so"}])],
    ),
    case(
        "response.property-added",
        "response.required-removed",
        schema("engine", "/properties/more", FIELD),
        schema("engine", "/required/-", "more"),
    ),
    case("response.property-added", "response.property-removed", schema("render", "/properties/more", FIELD)),
    case(
        "response.became-optional",
        "response.became-required",
        schema("render", "/properties/film/required", ["href", "still"]),
    ),
    case(
        "response.deprecated", "response.undeprecated", schema("render", "/properties/text/deprecated", True)
    ),
]

JSON: Final = "application/json"
BODY: Final = {"content": {JSON: {"schema": {"type": "object"}}}}
TEXT: Final = {"schema": {"type": "string"}}
ANSWER: Final = {"description": "Nothing.", "x-provenance": PROVENANCE}
WORDS: Final = {"when": ["code-418"], "body": {}}
CALLBACK: Final = {
    "{$request.body#/hook}": {
        "post": {"x-job": {"body": {"id": {"$": "job.id"}}}, "requestBody": BODY, "x-provenance": PROVENANCE}
    }
}
HOOK: Final = f"{START}/callbacks/told/{{$request.body#~1hook}}/post"
ANSWERS: Final = [
    case("response.success-added", "response.success-removed", orbit(f"{READ}/responses/203", ANSWER)),
    case("response.error-added", "response.error-removed", orbit(f"{READ}/responses/418", ANSWER)),
    case(
        "response.media-type-added",
        "response.media-type-removed",
        orbit(f"{READ}/responses/203/content/application~1x-www-form-urlencoded", TEXT),
        # An answer that is sent has one type.
        base=[orbit(f"{READ}/responses/203", {**ANSWER, "content": {"text/plain": TEXT}})],
    ),
    case(
        "answer.status-changed response.error-added response.error-removed",
        "answer.status-changed response.error-added response.error-removed",
        orbit(f"{READ}/responses/402", {"$ref": "#/components/responses/NoKey"}),
        orbit(f"{READ}/responses/401"),
    ),
    case(
        "answer.added response.error-added",
        "answer.removed response.error-removed",
        orbit(f"{READ}/responses/418", {**ANSWER, "x-job": WORDS}),
    ),
    case(
        "answer.header-added",
        "answer.header-removed",
        orbit("/components/responses/Render/x-job/headers", {"x-made-by": "orbit"}),
    ),
    case(
        "answer.header-changed",
        "answer.header-changed",
        orbit("/components/responses/Render/x-job/headers/x-made-by", "max"),
        base=[orbit("/components/responses/Render/x-job/headers", {"x-made-by": "orbit"})],
    ),
    case(
        "answer.body-grown",
        "answer.body-changed",
        orbit("/components/responses/Render/x-job/body/more", {"$": "job.id"}),
    ),
    case(
        "callback.added",
        "callback.removed",
        orbit(f"{START}/callbacks", {"told": CALLBACK}),
        base=[orbit(f"{START}/x-job/callback", "/hook")],
    ),
    case(
        "response.type-changed answer.body-changed",
        "response.type-changed answer.body-changed",
        orbit(f"{HOOK}/requestBody/content/application~1json/schema/type", "array"),
        orbit(f"{HOOK}/x-job/body", []),
        base=[
            orbit(f"{START}/x-job/callback", "/hook"),
            orbit(f"{START}/callbacks", {"told": CALLBACK}),
        ],
    ),
]

HEADER: Final = {"name": "X-Team", "in": "header", "schema": {"type": "string"}, "x-provenance": PROVENANCE}
OPERATIONS: Final = [
    case(
        "parameter.required-added",
        "parameter.removed",
        orbit(f"{LIST}/parameters/-", {**HEADER, "required": True}),
    ),
    case("parameter.added", "parameter.removed", orbit(f"{LIST}/parameters/-", HEADER)),
    case(
        "parameter.became-required",
        "parameter.became-optional",
        orbit(f"{LIST}/parameters/0/required", True),
    ),
    case(
        "request.range-narrowed",
        "request.range-widened",
        orbit(f"{LIST}/parameters/2/schema/maximum", 40),
    ),
    case("request.body-optional", "request.body-required", orbit(f"{START}/requestBody/required", False)),
    case("request.body-added", "request.body-removed", orbit(f"{ABORT}/requestBody", BODY)),
    case(
        "request.media-type-added",
        "request.media-type-removed",
        orbit(f"{START}/requestBody/content/multipart~1form-data", {"schema": {"$ref": "schemas/ask.json"}}),
    ),
    case("operation.removed", "operation.added", orbit(ABORT)),
    case(
        "operation.moved",
        "operation.moved",
        orbit("/paths/~1v4~1engines", {"get": {"$copy": "/paths/~1v3~1engines/get"}}),
        orbit("/paths/~1v3~1engines"),
    ),
    case("operation.renamed", "operation.renamed", orbit(f"{ABORT}/operationId", "stopRender")),
    case("operation.role-changed", "operation.role-changed", orbit(f"{ABORT}/x-job/role", "read")),
    case(
        "operation.key-moved",
        "operation.key-moved",
        orbit(f"{READ}/x-job/key", "query.id"),
        base=[
            orbit(f"{READ}/parameters", [{**HEADER, "name": "id", "in": "query"}]),
            orbit(f"{READ}/responses/400", {"$ref": "#/components/responses/Invalid"}),
        ],
    ),
    case("operation.by-widened", "operation.by-narrowed", orbit(f"{READ}/x-job/by", ["id", "alias"])),
    case("operation.model-moved", "operation.model-moved", orbit(f"{START}/x-job/model", "/text")),
    case(
        "operation.model-moved",
        "operation.model-moved",
        orbit(f"{START}/x-job/model", "header.model"),
        base=[orbit(f"{START}/parameters", [{**HEADER, "name": "model"}])],
    ),
    case(
        "operation.default-model-added",
        "operation.default-model-changed",
        orbit(f"{START}/x-job/default-model", "orbit-lite"),
    ),
    case("operation.alias-added", "operation.alias-changed", orbit(f"{START}/x-job/alias", "/text")),
    case("operation.callback-added", "operation.callback-changed", orbit(f"{START}/x-job/callback", "/text")),
    case(
        "operation.callback-added",
        "operation.callback-changed",
        orbit(f"{START}/x-job/callback", "header.hook"),
        base=[orbit(f"{START}/parameters", [{**HEADER, "name": "hook"}])],
    ),
    case("operation.filter-removed", "operation.filter-added", orbit(f"{LIST}/x-job/filters")),
    case(
        "operation.page-moved",
        "operation.page-moved",
        orbit(f"{LIST}/x-job/page/size"),
    ),
    case("operation.page-shrunk", "operation.page-grown", orbit(f"{LIST}/x-job/page/most", 10)),
    case("security.removed", "security.added", orbit(f"{ABORT}/security", [])),
    case(
        "security.changed",
        "security.changed",
        orbit(
            "/components/securitySchemes/key",
            {"type": "apiKey", "in": "header", "name": "X-Key", "x-provenance": PROVENANCE},
        ),
    ),
    case(
        "operation.of-narrowed",
        "operation.of-widened",
        orbit(f"{READ}/x-job/of", ["startRender"]),
        base=[orbit("/paths/~1v3~1more", {"post": {"$copy": START, "operationId": "startMore"}})],
    ),
]

LIFE: Final = [
    case(
        "state.added-on-way",
        "state.removed",
        orbit(f"{STATES}/CUTTING", state("running", "DONE")),
        orbit(f"{STATES}/RENDERING/next", ["CUTTING", "DONE", "ERROR", "ABORTED"]),
    ),
    case(
        "state.added-end",
        "state.removed-end",
        orbit(f"{STATES}/LOST", state("failed")),
        orbit(f"{STATES}/RENDERING/next/-", "LOST"),
    ),
    case(
        "state.added",
        "state.removed",
        orbit(f"{STATES}/PAUSED", state("waiting", "RENDERING")),
        orbit(f"{STATES}/RENDERING/next/-", "PAUSED"),
    ),
    case("state.phase-changed", "state.phase-changed", orbit(f"{STATES}/RENDERING/phase", "waiting")),
    case("state.word-changed", "state.word-changed", orbit(f"{STATES}/RENDERING/word", "BUSY")),
    case("state.links-added", "state.links-removed", orbit(f"{STATES}/RENDERING/links", True)),
    case("state.seconds-changed", "state.seconds-changed", orbit(f"{STATES}/RENDERING/seconds", 1)),
    case("step.added", "step.removed", orbit(f"{STATES}/PENDING/next/-", "DONE")),
    case(
        "step.added-back",
        "step.removed",
        orbit(f"{STATES}/RENDERING/next/-", "PENDING"),
        base=[
            orbit(f"{STATES}/NEW", state("waiting", "PENDING")),
        ],
    ),
    case(
        "way.changed",
        "way.changed",
        orbit(f"{STATES}/PENDING/next", ["DONE", "RENDERING", "ERROR", "ABORTED"]),
        base=[orbit(f"{STATES}/PENDING/next", ["RENDERING", "DONE", "ERROR", "ABORTED"])],
    ),
]

FACTS: Final = [
    case(
        "server.added",
        "server.removed",
        orbit("/servers/-", {"url": "https://orbit.example.org", "x-provenance": PROVENANCE}),
    ),
    case("model.removed", "model.added", orbit(LITE)),
    case("model.clip-changed", "model.clip-changed", orbit(f"{LITE}/clip/fps", 13)),
    case(
        "model.clip-added",
        "model.clip-removed",
        orbit(f"{LITE}/clips/fast", {"height": 120, "fps": 12, "x-provenance": PROVENANCE}),
        base=[
            orbit(f"{LITE}/clips", {"default": {"height": 240, "fps": 12, "x-provenance": PROVENANCE}}),
            orbit(f"{LITE}/clip"),
        ],
    ),
    case(
        "model.price-raised",
        "model.price-lowered",
        orbit(f"{LITE}/price/amount", 6),
        base=[orbit(f"{LITE}/price", PRICE)],
    ),
    case("model.price-changed", "model.price-changed", orbit(f"{LITE}/price", PRICE)),
    case("media.removed", "media.added", orbit("/x-job/media/sound")),
    case("media.moved", "media.moved", orbit("/x-job/media/sound", "/sound")),
    case("media.added", "media.removed", orbit("/paths/~1v3~1renders/post/x-job/media", {"sound": "/loud"})),
    case("id.kind-changed", "id.kind-changed", orbit("/x-job/id/kind", "digits")),
    case("id.length-changed", "id.length-changed", orbit("/x-job/id/length", 17)),
    case("id.prefix-changed", "id.prefix-changed", orbit("/x-job/id/prefix", "run_")),
    case("time.unit-changed", "time.unit-changed", orbit("/x-job/time", "seconds")),
    case("reason.removed", "reason.added", orbit("/x-job/reasons/policy")),
    case("reason.changed", "reason.changed", orbit("/x-job/reasons/policy/text", "no")),
    case("rules.changed", "rules.changed", orbit("/x-job/rules", "kkiai")),
]

TEXTS: Final = [
    case("text.changed", "text.changed", edit)
    for edit in (
        schema("lite", "/properties/text/description", "Another word."),
        schema("lite", "/properties/text/x-provenance", PROVENANCE),
        schema("render", "/properties/state/examples", ["DONE"]),
        orbit(f"{START}/summary", "Begin."),
        orbit("/components/responses/Render/description", "As it is."),
        orbit("/components/parameters/Id/description", "Which."),
        orbit(f"{LITE}/about", "Small."),
        orbit("/x-job/title", "Orbit 2"),
        orbit("/info/version", "4"),
        orbit("/components/responses/Invalid/x-job/0/says", "No:"),
    )
]

CASES: Final = [*KEYWORDS, *FIELDS, *ANSWERS, *OPERATIONS, *LIFE, *FACTS, *TEXTS]
