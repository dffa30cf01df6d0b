"""kkiai's contract, wrong in one way each."""

from __future__ import annotations

from typing import Any, Final

from tests.kit.mutants.edit import OPEN, Edit, Mutant, drop, lax, move, put, reword, swap

SUBMIT: Final = "/paths/~1v1~1videos~1image2video/post"
LIST: Final = "/paths/~1v1~1videos~1image2video/get"
READ: Final = "/paths/~1v1~1videos~1image2video~1{task_id}/get"
ANSWERS: Final = "/components/responses"
SUBMITTED: Final = f"{ANSWERS}/Submitted/x-job/body"
TASK: Final = f"{ANSWERS}/Read/x-job/body"
LISTED: Final = f"{ANSWERS}/Listed/x-job/body"
TOLD: Final = f"{SUBMIT}/callbacks/changed/{{$request.body#~1callback_url}}/post/x-job/body"
ASKED: Final = "schemas/image2video.json"
IMAGE: Final = "/properties/image/x-image"
CLIP: Final = "/task_result/$then/videos/0"
FREE: Final = lax("task", "created", "read", "list", "callback")


def mutant(name: str, why: str, *edits: Edit, assumed: bool = False) -> Mutant:
    """One of this provider's."""
    return Mutant("kkiai", name, why, edits, assumed)


def _at(at: str, value: Any) -> Edit:
    return put(OPEN, at, value)


def _seconds(name: str) -> Any:
    return {"$": name, "$as": "seconds"}


LIFE: Final = (
    mutant("time-seconds", "every moment in seconds", _at("/x-job/time", "seconds"), FREE),
    mutant("time-iso", "every moment as text", _at("/x-job/time", "iso8601"), FREE),
    mutant("list-seconds", "updated_at of a list alone in seconds", FREE,
           _at(f"{LISTED}/data/$do/updated_at", _seconds("job.updated_at"))),
    mutant("callback-seconds", "created_at of a callback alone in seconds", FREE,
           _at(f"{TOLD}/created_at", _seconds("job.created_at"))),
    mutant("callback-moments-swapped", "a callback has its moments the other way round",
           swap(OPEN, f"{TOLD}/created_at", f"{TOLD}/updated_at")),
    mutant("read-moments-swapped", "a read has its moments the other way round",
           swap(OPEN, f"{TASK}/data/created_at", f"{TASK}/data/updated_at")),
    mutant("succeed-reworded", "succeed is called success", reword("succeed", "success")),
    mutant("failed-reworded", "failed is called error", _at("/x-job/states/error", {
        "phase": "failed", "next": [], "x-provenance": "ASSUMED x"}), drop(OPEN, "/x-job/states/failed"),
        _at("/x-job/states/submitted/next", ["processing", "error"]),
        _at("/x-job/states/processing/next", ["succeed", "error"]), FREE),
    mutant("step-removed", "a task is never seen processing", drop(OPEN, "/x-job/states/processing"),
           _at("/x-job/states/submitted/next", ["succeed", "failed"])),
    mutant("id-longer", "a task's id has 20 digits", _at("/x-job/id/length", 20)),
    mutant("id-uuid", "a task's id is a UUID",
           _at("/x-job/id", {"kind": "uuid", "x-provenance": "ASSUMED x"})),
)  # fmt: skip

ANSWERED: Final = (
    mutant("code-200", "a good answer has the code 200", FREE, _at(f"{TASK}/code", 200)),
    mutant("code-as-text", "a good answer has its code as text", FREE, _at(f"{SUBMITTED}/code", "0")),
    mutant("no-request-id", "a read has no request_id", FREE, drop(OPEN, f"{TASK}/request_id")),
    mutant("id-renamed", "a submit's answer has its id elsewhere", FREE,
           move(OPEN, f"{SUBMITTED}/data/task_id", f"{SUBMITTED}/data/id")),
    mutant("data-inside", "a read has the task beside the code", FREE,
           *(move(OPEN, f"{TASK}/data/{name}", f"{TASK}/{name}")
             for name in ("task_id", "task_status", "created_at", "updated_at"))),
    mutant("list-deeper", "a list has its tasks below tasks", FREE,
           move(OPEN, f"{LISTED}/data", f"{LISTED}/tasks")),
    mutant("failed-without-reason", "a task that failed says no reason", _at(f"{TASK}/data/task_status_msg", "")),
    mutant("list-without-reason", "a list says no reason",
           _at(f"{LISTED}/data/$do/task_status_msg", "")),
    mutant("callback-without-reason", "a callback says no reason", _at(f"{TOLD}/task_status_msg", "")),
    mutant("name-forgotten", "a read leaves out the client's own name", drop(OPEN, f"{TASK}/data/task_info")),
    mutant("name-invented", "a read calls a task by its id alone",
           _at(f"{TASK}/data/task_info/external_task_id", {"$": "job.id"})),
    mutant("name-unknown", "a task is not found by the client's own name", _at(f"{READ}/x-job/by", ["id"])),
    mutant("succeed-without-clip", "a task that succeeded has no link", FREE,
           drop(OPEN, f"{TASK}/data{CLIP}/url")),
    mutant("list-without-clip", "a list has no link", FREE,
           drop(OPEN, f"{LISTED}/data/$do{CLIP}/url")),
    mutant("callback-without-clip", "a callback of success has no link", FREE,
           drop(OPEN, f"{TOLD}{CLIP}/url")),
    mutant("watermark-forgotten", "the watermarked clip that was asked for is nowhere",
           drop(OPEN, f"{TASK}/data{CLIP}/watermark_url")),
    mutant("clip-length-number", "a clip's length is a number", FREE,
           _at(f"{TASK}/data{CLIP}/duration", {"$": "media.seconds"})),
    mutant("clip-length-wrong", "a clip's length is always 6", _at(f"{TASK}/data{CLIP}/duration", "6")),
    mutant("callback-wrapped", "a callback has the envelope of an answer", FREE,
           move(OPEN, f"{TOLD}/task_status", f"{TOLD}/status")),
    mutant("callback-silent", "nobody is called back", _at(f"{SUBMIT}/x-job/callback", "/notify_url"),
           move(OPEN, f"{SUBMIT}/callbacks/changed/{{$request.body#~1callback_url}}",
                f"{SUBMIT}/callbacks/changed/{{$request.body#~1notify_url}}")),
    mutant("callback-of-another", "a callback names a task that nobody has",
           _at(f"{TOLD}/task_id", "850000000000000009")),
)  # fmt: skip

REFUSALS: Final = (
    mutant("submit-201", "a submit is answered with 201",
           move(OPEN, f"{SUBMIT}/responses/200", f"{SUBMIT}/responses/201")),
    mutant("no-key-403", "who has no key is answered with 403", drop(OPEN, f"{LIST}/responses/403"),
           move(OPEN, f"{LIST}/responses/401", f"{LIST}/responses/403")),
    mutant("unknown-400", "a task that is not there is answered with 400", assumed=True,
           *[move(OPEN, f"{READ}/responses/404", f"{READ}/responses/400")]),
    mutant("invalid-422", "a wrong body is answered with 422",
           move(OPEN, f"{SUBMIT}/responses/400", f"{SUBMIT}/responses/422")),
    mutant("invalid-1200", "a wrong value has the code of an unreadable body",
           _at(f"{ANSWERS}/BadRequest/x-job/1/body/code", 1200)),
    mutant("no-key-1103", "no key has the code of no right",
           _at(f"{ANSWERS}/Unauthenticated/x-job/1/body/code", 1103)),
    mutant("no-key-1000", "no key has the code of a failed authentication",
           _at(f"{ANSWERS}/Unauthenticated/x-job/1/body/code", 1000)),
    mutant("unknown-1201", "a task that is not there has the code of a wrong value",
           _at(f"{ANSWERS}/UnknownTask/x-job/0/body/code", 1201)),
    mutant("code-of-refusal-as-text", "a refusal has its code as text", lax("error"),
           _at(f"{ANSWERS}/BadRequest/x-job/1/body/code", "1201")),
    mutant("refusal-with-data", "a refusal has data", lax("error"),
           _at(f"{ANSWERS}/BadRequest/x-job/1/body/data", None)),
    mutant("refusal-without-message", "a refusal has no message", lax("error"),
           drop(OPEN, f"{ANSWERS}/UnknownTask/x-job/0/body/message")),
    mutant("read-open", "a read needs no key", _at(f"{READ}/security", [])),
    mutant("size-ignored", "the size of a page is ignored", drop(OPEN, f"{LIST}/x-job/page/size")),
    mutant("number-ignored", "every page is the first", drop(OPEN, f"{LIST}/x-job/page/number")),
    mutant("page-of-one", "a page has one task unless asked", _at(f"{LIST}/x-job/page/most", 1),
           _at(f"{LIST}/parameters/1/schema/default", 1)),
    mutant("too-often-503", "who asks too often is answered with 503",
           move(OPEN, f"{SUBMIT}/responses/429", f"{SUBMIT}/responses/503")),
)  # fmt: skip

REQUESTS: Final = (
    *(mutant(f"{name}-not-required", f"{name} may be left out",
             put(ASKED, "/required", [one for one in ("model_name", "image", "mode", "duration") if one != name]))
      for name in ("image", "mode", "duration")),
    mutant("mode-more", "a further mode is taken", put(ASKED, "/properties/mode/enum", ["std", "pro", "4k"])),
    mutant("mode-any", "any mode is taken", drop(ASKED, "/properties/mode/enum")),
    mutant("duration-any", "any length is taken", drop(ASKED, "/properties/duration/enum")),
    mutant("duration-text-alone", "a length has to be text",
           put(ASKED, "/properties/duration", {"type": "string", "enum": ["5", "10"],
                                               "x-provenance": "DOCUMENTED S5 Body Parameters: duration"})),
    mutant("prompt-longer", "a prompt may be longer", put(ASKED, "/properties/prompt/maxLength", 2600)),
    mutant("guidance-everywhere", "cfg_scale is taken by every model",
           put(ASKED, "/$defs/guidance/then/properties/cfg_scale",
               {"x-provenance": "DOCUMENTED S5 Body Parameters: cfg_scale"})),
    mutant("sound-everywhere", "sound is taken by every model",
           put(ASKED, "/$defs/sound/else/properties/sound/enum", ["on", "off", ""])),
    mutant("sound-not-empty", "an empty sound is refused", put(ASKED, "/properties/sound/enum", ["on", "off"])),
    mutant("masks-more", "more masks are taken", put(ASKED, "/properties/dynamic_masks/maxItems", 7)),
    mutant("path-of-one", "a path of one point is taken",
           put(ASKED, "/properties/dynamic_masks/items/properties/trajectories/minItems", 1)),
    mutant("camera-further", "the camera goes further",
           put(ASKED, "/properties/camera_control/properties/config/properties/zoom/maximum", 20)),
    mutant("camera-without-type", "a camera needs no type", drop(ASKED, "/properties/camera_control/required")),
    mutant("shots-more", "more shots are taken", put(ASKED, "/properties/multi_prompt/maxItems", 9)),
    mutant("shot-longer", "a shot's prompt may be longer",
           put(ASKED, "/properties/multi_prompt/items/properties/prompt/maxLength", 600)),
    mutant("shot-without-index", "a shot needs no number",
           put(ASKED, "/properties/multi_prompt/items/required", ["prompt", "duration"])),
    mutant("picture-smaller", "a smaller picture is taken", put(ASKED, f"{IMAGE}/minSide", 100)),
    mutant("picture-taller", "a taller picture is taken", put(ASKED, f"{IMAGE}/minRatio", 0.2)),
    mutant("picture-data-uri", "a picture in a data URI is taken",
           put(ASKED, f"{IMAGE}/forms", ["url", "base64", "data-uri"])),
    mutant("tail-not-empty", "an empty last frame is refused",
           put(ASKED, "/properties/image_tail/x-image/empty", False)),
    mutant("callback-any", "a callback URL may be anything", assumed=True,
           *[drop(ASKED, "/properties/callback_url/then/pattern")]),
    mutant("size-more", "a larger page is taken", _at(f"{LIST}/parameters/1/schema/maximum", 501)),
    mutant("number-nought", "a page of number 0 is taken", _at(f"{LIST}/parameters/0/schema/minimum", 0)),
    mutant("model-forgotten", "the newest model is refused", drop(OPEN, "/x-job/models/kling-v3"),
           drop(ASKED, "/properties/model_name/enum/8"),
           put(ASKED, "/$defs/sound/if/properties/model_name/enum", ["kling-v2-6"]),
           drop(OPEN, f"{SUBMIT}/requestBody/content/application~1json/examples/shots")),
)  # fmt: skip

FILES: Final = (
    mutant("mode-ignored", "every mode makes the same clip", drop(OPEN, "/x-job/media/mode")),
    mutant("length-ignored", "the asked length is ignored", drop(OPEN, "/x-job/media/seconds")),
    mutant("master-smaller", "a master's clip is higher than said",
           _at("/x-job/models/kling-v2-master/clip/height", 1080)),
)  # fmt: skip

MUTANTS: Final = (*LIFE, *ANSWERED, *REFUSALS, *REQUESTS, *FILES)
