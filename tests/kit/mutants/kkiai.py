"""kkiai's contract, wrong in one way each."""

from __future__ import annotations

from typing import Any, Final

from tests.kit.mutants.edit import OPEN, at, drop, lax, move, of, reword, swap

mutant: Final = of("kkiai")
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


def _seconds(name: str) -> Any:
    return {"$": name, "$as": "seconds"}


LIFE: Final = (
    mutant("time-seconds", "every moment in seconds", at("/x-job/time", "seconds"), FREE),
    mutant(
        "list-seconds",
        "updated_at of a list alone in seconds",
        FREE,
        at(f"{LISTED}/data/$do/updated_at", _seconds("job.updated_at")),
    ),
    mutant(
        "callback-seconds",
        "created_at of a callback alone in seconds",
        FREE,
        at(f"{TOLD}/created_at", _seconds("job.created_at")),
    ),
    mutant(
        "callback-moments-swapped",
        "a callback has its moments the other way round",
        swap(OPEN, f"{TOLD}/created_at", f"{TOLD}/updated_at"),
    ),
    mutant(
        "read-moments-swapped",
        "a read has its moments the other way round",
        swap(OPEN, f"{TASK}/data/created_at", f"{TASK}/data/updated_at"),
    ),
    mutant("succeed-reworded", "succeed is called success", reword("succeed", "success")),
    mutant(
        "failed-reworded",
        "failed is called error",
        at("/x-job/states/error", {"phase": "failed", "next": [], "x-provenance": "ASSUMED x"}),
        drop(OPEN, "/x-job/states/failed"),
        at("/x-job/states/submitted/next", ["processing", "error"]),
        at("/x-job/states/processing/next", ["succeed", "error"]),
        FREE,
    ),
    mutant(
        "step-removed",
        "a task is never seen processing",
        drop(OPEN, "/x-job/states/processing"),
        at("/x-job/states/submitted/next", ["succeed", "failed"]),
    ),
    mutant("id-longer", "a task's id has 20 digits", at("/x-job/id/length", 20)),
)

ANSWERED: Final = (
    mutant("code-200", "a good answer has the code 200", FREE, at(f"{TASK}/code", 200)),
    mutant("code-as-text", "a good answer has its code as text", FREE, at(f"{SUBMITTED}/code", "0")),
    mutant("no-request-id", "a read has no request_id", FREE, drop(OPEN, f"{TASK}/request_id")),
    mutant(
        "id-renamed",
        "a submit's answer has its id elsewhere",
        FREE,
        move(OPEN, f"{SUBMITTED}/data/task_id", f"{SUBMITTED}/data/id"),
    ),
    mutant(
        "failed-without-reason", "a task that failed says no reason", at(f"{TASK}/data/task_status_msg", "")
    ),
    mutant("list-without-reason", "a list says no reason", at(f"{LISTED}/data/$do/task_status_msg", "")),
    mutant("callback-without-reason", "a callback says no reason", at(f"{TOLD}/task_status_msg", "")),
    mutant("name-forgotten", "a read leaves out the client's own name", drop(OPEN, f"{TASK}/data/task_info")),
    mutant(
        "name-invented",
        "a read calls a task by its id alone",
        at(f"{TASK}/data/task_info/external_task_id", {"$": "job.id"}),
    ),
    mutant("name-unknown", "a task is not found by the client's own name", at(f"{READ}/x-job/by", ["id"])),
    mutant(
        "succeed-without-clip",
        "a task that succeeded has no link",
        FREE,
        drop(OPEN, f"{TASK}/data{CLIP}/url"),
    ),
    mutant(
        "callback-without-clip", "a callback of success has no link", FREE, drop(OPEN, f"{TOLD}{CLIP}/url")
    ),
    mutant(
        "watermark-forgotten",
        "the watermarked clip that was asked for is nowhere",
        drop(OPEN, f"{TASK}/data{CLIP}/watermark_url"),
    ),
    mutant(
        "clip-length-number",
        "a clip's length is a number",
        FREE,
        at(f"{TASK}/data{CLIP}/duration", {"$": "media.seconds"}),
    ),
    mutant("clip-length-wrong", "a clip's length is always 6", at(f"{TASK}/data{CLIP}/duration", "6")),
    mutant(
        "callback-wrapped",
        "a callback has the envelope of an answer",
        FREE,
        move(OPEN, f"{TOLD}/task_status", f"{TOLD}/status"),
    ),
    mutant(
        "callback-silent",
        "nobody is called back",
        at(f"{SUBMIT}/x-job/callback", "/notify_url"),
        move(
            OPEN,
            f"{SUBMIT}/callbacks/changed/{{$request.body#~1callback_url}}",
            f"{SUBMIT}/callbacks/changed/{{$request.body#~1notify_url}}",
        ),
    ),
    mutant(
        "callback-of-another",
        "a callback names a task that nobody has",
        at(f"{TOLD}/task_id", "850000000000000009"),
    ),
)

REFUSALS: Final = (
    mutant(
        "submit-201",
        "a submit is answered with 201",
        move(OPEN, f"{SUBMIT}/responses/200", f"{SUBMIT}/responses/201"),
    ),
    mutant(
        "no-key-403",
        "who has no key is answered with 403",
        drop(OPEN, f"{LIST}/responses/403"),
        move(OPEN, f"{LIST}/responses/401", f"{LIST}/responses/403"),
    ),
    mutant(
        "unknown-400",
        "a task that is not there is answered with 400",
        move(OPEN, f"{READ}/responses/404", f"{READ}/responses/400"),
        assumed=True,
    ),
    mutant(
        "invalid-422",
        "a wrong body is answered with 422",
        move(OPEN, f"{SUBMIT}/responses/400", f"{SUBMIT}/responses/422"),
    ),
    mutant(
        "invalid-1200",
        "a wrong value has the code of an unreadable body",
        at(f"{ANSWERS}/BadRequest/x-job/1/body/code", 1200),
    ),
    mutant(
        "no-key-1103",
        "no key has the code of no right",
        at(f"{ANSWERS}/Unauthenticated/x-job/1/body/code", 1103),
    ),
    mutant(
        "no-key-1000",
        "no key has the code of a failed authentication",
        at(f"{ANSWERS}/Unauthenticated/x-job/1/body/code", 1000),
    ),
    mutant(
        "unknown-1201",
        "a task that is not there has the code of a wrong value",
        at(f"{ANSWERS}/UnknownTask/x-job/0/body/code", 1201),
    ),
    mutant(
        "code-of-refusal-as-text",
        "a refusal has its code as text",
        lax("error"),
        at(f"{ANSWERS}/BadRequest/x-job/1/body/code", "1201"),
    ),
    mutant(
        "refusal-with-data",
        "a refusal has data",
        lax("error"),
        at(f"{ANSWERS}/BadRequest/x-job/1/body/data", None),
    ),
    mutant(
        "refusal-without-message",
        "a refusal has no message",
        lax("error"),
        drop(OPEN, f"{ANSWERS}/UnknownTask/x-job/0/body/message"),
    ),
    mutant("read-open", "a read needs no key", at(f"{READ}/security", [])),
    mutant("size-ignored", "the size of a page is ignored", drop(OPEN, f"{LIST}/x-job/page/size")),
    mutant("number-ignored", "every page is the first", drop(OPEN, f"{LIST}/x-job/page/number")),
    mutant(
        "page-of-one",
        "a page has one task unless asked",
        at(f"{LIST}/x-job/page/most", 1),
        at(f"{LIST}/parameters/1/schema/default", 1),
    ),
    mutant(
        "too-often-503",
        "who asks too often is answered with 503",
        move(OPEN, f"{SUBMIT}/responses/429", f"{SUBMIT}/responses/503"),
    ),
)

FILES: Final = (mutant("mode-ignored", "every mode makes the same clip", drop(OPEN, "/x-job/media/mode")),)

MUTANTS: Final = (*LIFE, *ANSWERED, *REFUSALS, *FILES)
