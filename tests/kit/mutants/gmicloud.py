"""GMI Cloud's contract, wrong in one way each."""

from __future__ import annotations

from typing import Final

from tests.kit.mutants.edit import OPEN, at, drop, lax, move, of, put, reword, swap

mutant: Final = of("gmicloud")
SUBMIT: Final = "/paths/~1requests/post"
LIST: Final = "/paths/~1requests/get"
READ: Final = "/paths/~1requests~1{request_id}/get"
MODELS: Final = "/paths/~1models/get"
MODEL: Final = "/paths/~1models~1{model_id}/get"
BODY: Final = "/responses/200/x-job/body"
ITEM: Final = f"{LIST}{BODY}/requests/$do"
PRO: Final = "schemas/payload-kling-image2video-v1.6-pro.json"
TEXT: Final = "schemas/payload-kling-text2video-v1.6-standard.json"
MASTER: Final = "schemas/payload-kling-image2video-v2-master.json"
IMAGE: Final = "/properties/image/x-image"
SAMPLE: Final = "/x-job/models/Kling-Text2Video-V1.6-Standard/clip"
ANSWERS: Final = lax("record", "submitted", "outcome")

MOMENTS: Final = (
    mutant("time-milliseconds", "every moment in milliseconds", at("/x-job/time", "milliseconds"), ANSWERS),
    mutant("time-iso", "every moment as text", at("/x-job/time", "iso8601"), ANSWERS),
    mutant(
        "read-milliseconds",
        "created_at of a read alone in milliseconds",
        ANSWERS,
        at(f"{READ}{BODY}/created_at", {"$": "job.created_at", "$as": "milliseconds"}),
    ),
    mutant(
        "read-moments-swapped",
        "a read has created_at and updated_at the other way round",
        swap(OPEN, f"{READ}{BODY}/created_at", f"{READ}{BODY}/updated_at"),
    ),
    mutant(
        "list-moments-swapped",
        "a list has created_at and updated_at the other way round",
        swap(OPEN, f"{ITEM}/created_at", f"{ITEM}/updated_at"),
    ),
    mutant(
        "updated-is-now",
        "a read calls every moment that of the last change",
        at(f"{READ}{BODY}/updated_at", {"$": "now"}),
    ),
    mutant(
        "updated-is-created",
        "a read never tells of a change's moment",
        at(f"{READ}{BODY}/updated_at", {"$": "job.created_at"}),
    ),
)

LIFE: Final = (
    mutant("success-reworded", "success is called succeeded", reword("success", "succeeded")),
    mutant("queued-upper-case", "queued is shouted", reword("queued", "QUEUED")),
    mutant(
        "state-added",
        "a job is dispatched before it is processed",
        lax("status"),
        at(
            "/x-job/states/dispatched",
            {
                "phase": "waiting",
                "next": ["processing"],
                "seconds": 2,
                "x-provenance": "VENDOR G2 status",
            },
        ),
        at("/x-job/states/queued/next", ["dispatched", "failed", "cancelled"]),
    ),
    mutant(
        "back-to-queued",
        "a job waits again after it was processed",
        at("/x-job/states/processing/next", ["requeued", "failed"]),
        at(
            "/x-job/states/requeued",
            {
                "phase": "waiting",
                "next": ["success"],
                "seconds": 2,
                "x-provenance": "VENDOR G2 status",
            },
        ),
        lax("status"),
    ),
    mutant(
        "id-digits",
        "a request's id is a number of 18 digits",
        ANSWERS,
        at("/x-job/id", {"kind": "digits", "length": 18, "x-provenance": "ASSUMED x"}),
        drop(OPEN, "/components/parameters/RequestId/schema/format"),
    ),
)

ANSWERED: Final = (
    *(
        mutant(
            f"read-without-{name}", f"a read leaves out {name}", drop(OPEN, f"{READ}{BODY}/{name}"), ANSWERS
        )
        for name in ("org_id", "payload", "status")
    ),
    *(
        mutant(
            f"submit-without-{name}",
            f"a submit's answer leaves out {name}",
            drop(OPEN, f"{SUBMIT}{BODY}/{name}"),
            ANSWERS,
        )
        for name in ("model",)
    ),
    mutant("list-without-model", "a list leaves out the models", drop(OPEN, f"{ITEM}/model"), ANSWERS),
    mutant("list-other-model", "a list calls every model by one name", at(f"{ITEM}/model", "Kling")),
    mutant(
        "list-renamed",
        "a list has its records below items",
        lax("requests"),
        move(OPEN, f"{LIST}{BODY}/requests", f"{LIST}{BODY}/items"),
    ),
    mutant("read-other-model", "a read calls every model by one name", at(f"{READ}{BODY}/model", "Kling")),
    mutant(
        "read-payload-whole",
        "a read repeats the whole body as payload",
        at(f"{READ}{BODY}/payload", {"$": "job.request#"}),
    ),
    mutant("public-as-text", "is_public is a text", at(f"{READ}{BODY}/is_public", "false"), ANSWERS),
    mutant("total-nought", "a list's total is always 0", at(f"{LIST}{BODY}/total", 0)),
    mutant(
        "models-renamed",
        "the models' ids are below models",
        lax("models"),
        move(OPEN, f"{MODELS}{BODY}/model_ids", f"{MODELS}{BODY}/models"),
    ),
    mutant(
        "model-without-parameters",
        "a model does not say what it takes",
        lax("model"),
        drop(OPEN, f"{MODEL}{BODY}/parameters"),
    ),
    mutant("model-not-itself", "a model's answer is about another", at(f"{MODEL}{BODY}/model", "Kling")),
    mutant(
        "success-without-clip",
        "a request that succeeded has no link to the clip",
        ANSWERS,
        drop(OPEN, f"{READ}{BODY}/outcome/$then/video_url"),
    ),
    mutant(
        "success-without-thumbnail",
        "a request that succeeded has no thumbnail",
        ANSWERS,
        drop(OPEN, f"{READ}{BODY}/outcome/$then/thumbnail_image_url"),
    ),
    mutant(
        "files-swapped",
        "the clip's link leads to the thumbnail",
        swap(
            OPEN, f"{READ}{BODY}/outcome/$then/video_url", f"{READ}{BODY}/outcome/$then/thumbnail_image_url"
        ),
    ),
    mutant(
        "failed-without-reason",
        "a request that failed says no reason",
        ANSWERS,
        at(f"{READ}{BODY}/outcome/$else/$then", {}),
    ),
    mutant(
        "failed-empty-reason",
        "a request that failed says an empty reason",
        at(f"{READ}{BODY}/outcome/$else/$then/error", ""),
    ),
    mutant(
        "pending-outcome",
        "a request that goes on has an empty outcome",
        ANSWERS,
        at(f"{READ}{BODY}/outcome/$else/$else", {}),
    ),
)

REFUSALS: Final = (
    mutant(
        "read-unknown-400",
        "who asks for a stranger's id is answered with 400",
        move(OPEN, f"{READ}/responses/404", f"{READ}/responses/400"),
        assumed=True,
    ),
    mutant(
        "no-key-403",
        "who has no key is answered with 403",
        drop(OPEN, f"{READ}/responses/403"),
        move(OPEN, f"{READ}/responses/401", f"{READ}/responses/403"),
    ),
    mutant(
        "error-renamed",
        "a refusal's text is below message",
        lax("error"),
        move(
            OPEN,
            "/components/responses/Unauthenticated/x-job/body/error",
            "/components/responses/Unauthenticated/x-job/body/message",
        ),
    ),
    mutant(
        "error-deeper",
        "a refusal's text is an object",
        lax("error"),
        at("/components/responses/Refused/x-job/0/body/error", {"message": {"$": "error.message"}}),
    ),
    mutant("list-open", "a list needs no key", at(f"{LIST}/security", [])),
    mutant(
        "key-elsewhere",
        "the key is taken from a header of its own",
        at(
            "/components/securitySchemes/key",
            {"type": "apiKey", "in": "header", "name": "X-API-Key", "x-provenance": "ASSUMED x"},
        ),
    ),
    mutant(
        "method-404",
        "a wrong verb is answered with 404",
        at("/x-job/answers/method/status", 404),
        assumed=True,
    ),
    mutant(
        "retry-soon",
        "who asks too often is told to wait for a word",
        at("/components/responses/Limited/x-job/0/headers/Retry-After", "soon"),
        at("/components/responses/Limited/headers/Retry-After/schema", {"type": "string"}),
    ),
    mutant("filter-ignored", "a list is never narrowed", drop(OPEN, f"{LIST}/x-job/filters")),
    mutant("page-of-one", "a list shows one request", at(f"{LIST}/x-job/page/most", 1)),
)

REQUESTS: Final = (
    mutant("prompt-longer", "a prompt may be longer", put(PRO, "/properties/prompt/maxLength", 5000)),
    mutant("prompt-shorter", "a prompt has to be shorter", put(TEXT, "/properties/prompt/maxLength", 20)),
    mutant("duration-any-text", "a length may be any text", drop(PRO, "/properties/duration/enum")),
    mutant("duration-fewer", "ten seconds are refused", put(TEXT, "/properties/duration/enum", ["5"])),
    mutant(
        "ratio-more",
        "a further ratio is taken",
        put(TEXT, "/properties/aspect_ratio/enum", ["16:9", "9:16", "1:1", "4:3"]),
    ),
    mutant(
        "ratio-fewer", "squares are refused", put(TEXT, "/properties/aspect_ratio/enum", ["16:9", "9:16"])
    ),
    mutant("guidance-doubled", "cfg_scale goes up to 2", put(PRO, "/properties/cfg_scale/maximum", 2)),
    mutant("image-not-required", "a picture may be left out", drop(PRO, "/required")),
    mutant("picture-smaller", "a smaller picture is taken", put(PRO, f"{IMAGE}/minSide", 200)),
    mutant("picture-longer", "a picture of more bytes is taken", put(PRO, f"{IMAGE}/maxBytes", 20971520)),
    mutant("picture-wider", "a wider picture is taken", put(MASTER, f"{IMAGE}/maxRatio", 4)),
    mutant("picture-links-alone", "a picture has to be a link", put(PRO, f"{IMAGE}/forms", ["url"])),
    mutant("payload-any", "a payload may be left out", put("schemas/submit.json", "/required", ["model"])),
)

FILES: Final = (
    mutant("clip-smaller", "a clip is less high than its model's", at(f"{SAMPLE}/height", 540)),
    mutant("clip-longer", "a clip is longer where nobody said how long", at(f"{SAMPLE}/seconds", 8)),
    mutant("clip-square", "a clip is square where nobody said how wide", at(f"{SAMPLE}/ratio", "1:1")),
    mutant("ratio-ignored", "the asked ratio is ignored", drop(OPEN, "/x-job/media/ratio")),
    mutant("duration-ignored", "the asked length is ignored", drop(OPEN, "/x-job/media/seconds")),
    mutant("picture-ignored", "the picture's ratio is ignored", drop(OPEN, "/x-job/media/first")),
)

MUTANTS: Final = (*MOMENTS, *LIFE, *ANSWERED, *REFUSALS, *REQUESTS, *FILES)
