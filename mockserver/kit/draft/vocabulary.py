"""What the field calls things: names of fields and words of states, in small letters and without signs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from mockserver.terms import Phase

IDS: Final = (
    "taskid", "jobid", "generationid", "predictionid", "videoid", "renderid", "operationid", "inferenceid",
    "projectid", "id", "uuid", "requestid", "task", "job", "name",
)  # fmt: skip
"""Names of a job's id, the surest first."""
STATUSES: Final = ("status", "state", "taskstatus", "jobstatus", "taskstate", "phase")
MODELS: Final = ("model", "modelname", "modelid", "engine", "engineid", "modelversion")
CREATED: Final = (
    "createdat", "created", "createtime", "createdtime", "submittedat", "submittime", "datecreated",
    "creationtime",
)  # fmt: skip
UPDATED: Final = ("updatedat", "updated", "updatetime", "updatedtime", "modifiedat", "lastupdated")
STARTED: Final = ("startedat", "starttime", "started", "processingstartedat")
ENDED_AT: Final = ("completedat", "finishedat", "endedat", "endtime", "finishtime", "completed", "finished")
PROGRESS: Final = ("progress", "percent", "percentage", "progresspercent", "percentcomplete")
QUEUED: Final = ("queueposition", "position", "queue")
FAILURES: Final = (
    "error", "errors", "failure", "failurereason", "failreason", "errormessage", "errormsg", "failuremessage",
    "taskstatusmsg", "reason", "errordetail", "errorreason", "failmsg", "failuredetails", "rawerror",
)  # fmt: skip
MESSAGES: Final = (
    "message", "msg", "detail", "details", "description", "error", "title", "reason", "errormessage",
    "statusmsg", "text", "errormsg", "rawmessage",
)  # fmt: skip
FAILURE_CODES: Final = ("failurecode", "failcode", "errorcode", "errcode")
FIELDS: Final = ("param", "parameter", "field", "fieldname", "loc", "path", "location", "property")
"""Names of what a refusal is about."""
CODES: Final = ("status", "statuscode", "code", "httpstatus")
DONE: Final = ("done", "iscompleted", "isdone", "completed", "finished")
LENGTHS: Final = (
    "duration",
    "seconds",
    "durationseconds",
    "durations",
    "length",
    "videolength",
    "videoduration",
)
LINKS: Final = (
    "url", "videourl", "video", "videos", "output", "outputs", "uri", "href", "downloadurl", "resulturl",
    "videourls", "urls", "outputurl", "mp4", "link", "downloadlink", "fileurl", "result", "videouri",
    "videouri", "signedurl", "download", "src", "urlvideo", "videolink",
)  # fmt: skip
STILLS: Final = (
    "thumbnail", "thumbnailurl", "cover", "coverurl", "poster", "preview", "previewurl", "thumb", "image",
    "imageurl", "posterurl", "coverimageurl", "previewimage", "lastframeurl", "videocoverurl",
)  # fmt: skip
COUNTS: Final = ("total", "count", "totalcount", "totalitems", "totalresults")
MORE: Final = ("hasmore", "hasnext", "hasnextpage", "more")

MEDIA: Final[Mapping[str, tuple[str, ...]]] = {
    "prompt": ("prompt", "prompttext", "textprompt", "text", "textinput", "description", "script"),
    "seconds": LENGTHS,
    "ratio": ("aspectratio", "ratio", "aspect"),
    "size": ("size", "resolution", "videosize", "outputsize", "dimensions"),
    "first": (
        "promptimage", "firstframeimage", "firstframe", "firstframeurl", "startimage", "startframe",
        "startimageurl", "image", "imageurl", "inputimage", "inputimageurl", "imgurl", "initimage",
        "firstimage", "inputreference", "frame0", "startkeyframeurl",
    ),
    "last": (
        "lastframeimage", "lastframe", "lastframeurl", "endimage", "endframe", "imagetail", "tailimage",
        "endimageurl", "tailimageurl", "lastimage", "frame1", "endkeyframeurl",
    ),
    "sound": ("sound", "audio", "generateaudio", "withaudio", "enableaudio", "withsound"),
    "watermark": ("watermark", "addwatermark", "withwatermark", "watermarkenabled"),
}  # fmt: skip
"""What the clip must show, with the names that fields of a submitted body have for it."""
CALLBACKS: Final = (
    "callbackurl", "webhookurl", "webhook", "callback", "notifyurl", "notifyhook", "hookurl", "webhookuri",
)  # fmt: skip

_WAITING: Final = (
    "notstarted", "created", "submitted", "accepted", "queued", "inqueue", "queueing", "queuing", "enqueued",
    "waiting", "pending", "scheduled", "draft", "new", "init", "initialized", "starting", "preparing",
    "throttled", "paused", "onhold", "staged",
)  # fmt: skip
_RUNNING: Final = (
    "started", "fetching", "downloading", "preprocessing", "processing", "inprogress", "running", "working",
    "active", "generating", "dreaming", "rendering", "encoding", "uploading", "postprocessing", "finalizing",
    "saving",
)  # fmt: skip
_SUCCEEDED: Final = (
    "succeeded", "succeed", "success", "successful", "completed", "complete", "done", "finished", "ready",
    "ok", "generated",
)  # fmt: skip
_FAILED: Final = (
    "failed", "fail", "failure", "error", "errored", "rejected", "timeout", "timedout", "expired",
    "moderated", "contentmoderated", "requestmoderated", "dead", "aborted", "tasknotfound", "incomplete",
    "deleted",
)  # fmt: skip
_CANCELLED: Final = ("cancelled", "canceled", "cancelling", "canceling", "stopped", "revoked", "terminated")
PHASES: Final[Mapping[str, Phase]] = {
    **dict.fromkeys(_WAITING, "waiting"),
    **dict.fromkeys(_RUNNING, "running"),
    **dict.fromkeys(_SUCCEEDED, "succeeded"),
    **dict.fromkeys(_FAILED, "failed"),
    **dict.fromkeys(_CANCELLED, "cancelled"),
}
"""The phase that a word of a state stands for. Within a phase the order is that of a job's life."""
ASIDE: Final = frozenset({"throttled", "paused", "onhold", "draft", "staged"})
"""Words of states that most jobs never have."""
_SIGNS: Final = re.compile(r"[^a-z0-9]+")
_PREFIXES: Final = ("taskstatus", "jobstatus", "jobstate", "taskstate", "videostatus", "status", "state")


def plain(name: str) -> str:
    """`task_id`, `taskId` and `task-id` as `taskid`."""
    return _SIGNS.sub("", name.lower())


def phase_of(word: str) -> Phase | None:
    """What a state's word means; None for a word that the field does not use. `JOB_STATE_QUEUED` is known."""
    text = plain(word)
    for prefix in _PREFIXES:
        if text not in PHASES and text.startswith(prefix):
            text = text.removeprefix(prefix)
    return PHASES.get(text)


def slug(text: str, most: int = 60) -> str:
    """A text as the name of a file: small letters, digits and dashes."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text)
    return re.sub(r"[^a-z0-9]+", "-", spaced.lower()).strip("-")[:most].strip("-") or "schema"


ORDER: Final = ("waiting", "running", "succeeded", "failed", "cancelled")
"""The phases in the order of a job's life."""
