"""AI/ML API's contract, wrong in one way each."""

from __future__ import annotations

from typing import Final

from tests.kit.mutants.edit import OPEN, at, drop, lax, move, of, put, reword

mutant: Final = of("aimlapi")
PATH: Final = "/paths/~1v2~1generate~1video~1kling~1generation"
ANSWERS: Final = "/components/responses"
CREATED: Final = f"{ANSWERS}/Created/x-job/body"
FETCHED: Final = f"{ANSWERS}/Fetched/x-job/body"
REFUSED: Final = f"{ANSWERS}/InvalidBody/x-job/0/body"
UNKNOWN: Final = f"{ANSWERS}/Unknown/x-job/body"
ASKED: Final = "schemas/create.json"
STANDARD: Final = "/x-job/models/kling-video~1v1~1standard~1image-to-video/clip"
SIXTEEN: Final = "/x-job/models/kling-video~1v1.6~1standard~1image-to-video/clip"
FREE: Final = lax("generation")

ANSWERED: Final = (
    mutant("id-shorter", "an id has 16 characters", at("/x-job/id/length", 16)),
    mutant(
        "completed-reworded",
        "completed is called succeeded",
        reword("completed", "succeeded"),
        reword("#/$defs/completed", "#/$defs/succeeded"),
    ),
    mutant("generating-reworded", "generating is called processing", reword("generating", "processing")),
    mutant(
        "created-without-status", "a create's answer has no status", FREE, drop(OPEN, f"{CREATED}/status")
    ),
    mutant(
        "id-renamed",
        "a create's answer has its id elsewhere",
        FREE,
        move(OPEN, f"{CREATED}/id", f"{CREATED}/generation_id"),
        at(f"{ANSWERS}/Created/links/fetch/parameters/generation_id", "$response.body#/generation_id"),
    ),
    mutant("fetched-other-id", "a fetch answers with an id of its own", at(f"{FETCHED}/id", "x" * 21)),
    mutant(
        "created-is-done",
        "a create is answered as if the clip were there",
        at(f"{CREATED}/status", "completed"),
        FREE,
        assumed=True,
    ),
    mutant(
        "completed-without-clip", "a completed generation has no video", FREE, drop(OPEN, f"{FETCHED}/video")
    ),
    mutant(
        "video-is-text",
        "the video is the link itself",
        FREE,
        at(f"{FETCHED}/video", {"$when": ["succeeded"], "$then": {"$": "media.video"}}),
    ),
    mutant(
        "video-is-relative",
        "the link is no whole address",
        FREE,
        at(f"{FETCHED}/video/$then/url", "/media/clip.mp4"),
    ),
    mutant(
        "error-without-reason",
        "a failed generation says no reason",
        FREE,
        drop(OPEN, f"{FETCHED}/error/$then/message"),
    ),
    mutant(
        "error-without-name",
        "a failed generation's error has no name",
        FREE,
        drop(OPEN, f"{FETCHED}/error/$then/name"),
    ),
    mutant(
        "error-is-text",
        "a failed generation's error is a text",
        FREE,
        at(f"{FETCHED}/error/$then", {"$": "job.reason"}),
    ),
)

REFUSALS: Final = (
    mutant(
        "created-200",
        "a create is answered with 200",
        move(OPEN, f"{PATH}/post/responses/201", f"{PATH}/post/responses/200"),
    ),
    mutant(
        "unknown-410",
        "what is not there is answered with 410",
        move(OPEN, f"{PATH}/get/responses/404", f"{PATH}/get/responses/410"),
    ),
    mutant(
        "invalid-422",
        "a wrong body is answered with 422",
        move(OPEN, f"{PATH}/post/responses/400", f"{PATH}/post/responses/422"),
    ),
    mutant(
        "media-type-422",
        "a body of another type is answered with 422",
        move(OPEN, f"{PATH}/post/responses/415", f"{PATH}/post/responses/422"),
        assumed=True,
    ),
    mutant(
        "status-number",
        "a refusal repeats its status as a number",
        lax("error"),
        at(f"{REFUSED}/statusCode", {"$": "error.status"}),
    ),
    mutant("status-wrong", "a refusal repeats another status", at(f"{REFUSED}/statusCode", "500")),
    mutant(
        "timestamp-seconds",
        "a refusal's moment is in seconds",
        lax("error"),
        at(f"{UNKNOWN}/timestamp", {"$": "now", "$as": "seconds"}),
    ),
    mutant(
        "request-id-no-uuid",
        "a refusal's requestId is no UUID",
        lax("error"),
        at(f"{UNKNOWN}/requestId", "request-1"),
    ),
    mutant(
        "message-list",
        "a refusal's message is a list",
        lax("error"),
        at(f"{REFUSED}/message", [{"$": "error.message"}]),
    ),
    mutant(
        "path-forgotten",
        "a refusal has no path",
        lax("error"),
        drop(OPEN, f"{ANSWERS}/Unauthenticated/x-job/body/path"),
    ),
    mutant("fetch-open", "a fetch needs no key", at(f"{PATH}/get/security", [])),
    mutant("create-open", "a create needs no key", at(f"{PATH}/post/security", [])),
    mutant(
        "key-renamed",
        "a fetch takes the id by another name",
        at("/components/parameters/GenerationId/name", "id"),
        at(f"{PATH}/get/x-job/key", "query.id"),
        drop(OPEN, f"{ANSWERS}/Created/links"),
    ),
)

REQUESTS: Final = (
    mutant(
        "prompt-not-required", "a prompt may be left out", put(ASKED, "/required", ["model", "image_url"])
    ),
    mutant("picture-not-required", "a picture may be left out", put(ASKED, "/required", ["model", "prompt"])),
    mutant(
        "tail-required",
        "a last frame has to be there",
        put(ASKED, "/required", ["model", "image_url", "prompt", "tail_image_url"]),
        drop(OPEN, f"{PATH}/post/requestBody/content/application~1json/examples/least"),
    ),
    mutant(
        "prompt-limited",
        "a prompt may have 10 characters",
        put(ASKED, "/properties/prompt/maxLength", 10),
        drop(OPEN, f"{PATH}/post/requestBody/content/application~1json/examples"),
    ),
    mutant(
        "duration-more", "fifteen seconds are taken", put(ASKED, "/properties/duration/enum", [5, 10, 15])
    ),
    mutant("duration-any", "any length is taken", drop(ASKED, "/properties/duration/enum")),
    mutant(
        "duration-text",
        "a length may be text",
        drop(ASKED, "/properties/duration/type"),
        put(ASKED, "/properties/duration/enum", [5, 10, "5", "10"]),
    ),
    mutant("guidance-any", "cfg_scale has no upper end", drop(ASKED, "/properties/cfg_scale/maximum")),
    mutant(
        "picture-raw",
        "a picture without a prefix is taken",
        put(ASKED, "/properties/image_url/x-image/forms", ["url", "data-uri", "base64"]),
        drop(ASKED, "/properties/image_url/format"),
    ),
    mutant(
        "tail-link-alone",
        "a last frame has to be a link",
        put(ASKED, "/properties/tail_image_url/x-image/forms", ["url"]),
    ),
    mutant("jpeg-refused", "a JPEG is refused", put(ASKED, "/properties/image_url/x-image/types", ["png"])),
)

FILES: Final = (
    mutant("clip-shorter", "a clip is shorter where nobody said how long", at(f"{STANDARD}/seconds", 3)),
    mutant("picture-ignored", "the picture's ratio is ignored", drop(OPEN, "/x-job/media/first")),
)

MUTANTS: Final = (*ANSWERED, *REFUSALS, *REQUESTS, *FILES)
