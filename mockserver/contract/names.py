"""The names of values that a response template can use, and which of them a template does use."""

from __future__ import annotations

from typing import Any, Final

NAMES: Final = frozenset({
    "job.id", "job.model", "job.state", "job.reason", "job.alias", "job.created_at", "job.updated_at",
    "job.progress", "job.queue_position", "job.started_at", "job.ended_at", "job.run_seconds", "job.code",
    "media.width", "media.height",
    "source.id", "source.video", "source.seconds",
    "media.image", "media.watermarked_image", "image.index",
    "media.video", "media.thumbnail", "media.watermarked", "media.seconds", "media.milliseconds",
    "tenant.id", "request.id", "request.path", "request.target", "now",
    "error.message", "error.status", "error.field", "jobs.count",
    "jobs.first", "jobs.last", "jobs.more", "jobs.cursor", "jobs.next",
    "models.ids", "model.id", "model.title", "model.about", "model.parameters",
    "account.credits", "account.left", "upload.target", "upload.link",
})  # fmt: skip
_OF_A_JOB: Final = ("job.", "media.", "source.", "image.")
MOVING: Final = frozenset({"job.progress", "job.queue_position"})
"""Names of a job whose values change while its state stays."""
STEADY: Final = frozenset(name for name in NAMES if name.startswith(_OF_A_JOB)) - MOVING | {"tenant.id"}
"""Names whose values depend only on a job and its state."""
_OF_A_LIST: Final = frozenset({
    "jobs", "jobs.count", "jobs.first", "jobs.last", "jobs.more", "jobs.cursor", "jobs.next",
    "error.message", "error.status",
})  # fmt: skip
MOMENTS: Final = frozenset({"job.created_at", "job.updated_at", "job.started_at", "job.ended_at", "now"})
NUMBERS: Final = MOMENTS | {
    "media.seconds", "media.milliseconds", "source.seconds", "image.index", "error.status", "jobs.count",
    "account.credits", "account.left",
    "job.progress", "job.queue_position", "job.run_seconds", "media.width", "media.height",
}  # fmt: skip
PHASES: Final = frozenset({"waiting", "running", "succeeded", "failed", "cancelled"})


OF_IDS: Final = "job.ids."
"""What the names of a job's further ids begin with; the contract says what follows."""


def is_steady(template: Any) -> bool:
    """Whether what a template shows depends only on a job and its state."""
    return all(name in STEADY or name.startswith(OF_IDS) for name in names_in(template))


def is_of_error(template: Any) -> bool:
    """Whether what a template shows depends only on the text, the field and the status of an error."""
    return names_in(template) <= {"error.message", "error.field", "error.status"} and not (
        shows_requests(template) or links_in(template) or has_phases(template)
    )


def lists_steadily(template: Any) -> bool:
    """Whether what a list shows of each job depends only on that job and its state."""
    shown = _each_job(template)
    return bool(shown) and all(map(is_steady, shown))


def is_list_alone(template: Any) -> bool:
    """Whether a list shows nothing but its jobs, and facts of the list."""
    return names_in(template) <= STEADY | _OF_A_LIST


def _each_job(template: Any) -> list[Any]:
    """What a template shows for each job."""
    if isinstance(template, list):
        return [shown for node in template for shown in _each_job(node)]
    if not isinstance(template, dict):
        return []
    if template.get("$each") == "jobs":
        return [template.get("$do")]
    return _each_job([*template.values()])


def has_phases(template: Any) -> bool:
    """Whether what a template shows depends on a job's phase, or is a list."""
    if isinstance(template, list):
        return any(map(has_phases, template))
    if not isinstance(template, dict):
        return False
    return "$when" in template or "$each" in template or has_phases([*template.values()])


def names_in(template: Any) -> frozenset[str]:
    """The names that a template uses; a loop of jobs or models counts as what it is over."""
    if isinstance(template, list):
        return frozenset[str]().union(*map(names_in, template))
    if not isinstance(template, dict):
        return frozenset()
    if "$" in template:
        name, other = str(template["$"]), names_in(template.get("$default"))
        return other if name.startswith("job.request#") else other | {name}
    names = names_in(list(template.values()))
    if template.get("$each") in ("jobs", "models"):
        names |= {str(template["$each"])}
    return names


def shows_requests(template: Any) -> bool:
    """Whether what a template shows of a job depends on the request that submitted it."""
    if isinstance(template, list):
        return any(map(shows_requests, template))
    if not isinstance(template, dict):
        return False
    name = str(template.get("$", ""))
    return (
        name.startswith(("job.request#", "source."))
        or name in ("media.watermarked", "media.seconds", "media.milliseconds", "media.width", "media.height")
        or template.get("$each") == "images"
        or shows_requests([value for key, value in template.items() if key != "$"])
    )


def links_in(template: Any) -> frozenset[str]:
    """The operations that a template links to."""
    if isinstance(template, list):
        return frozenset[str]().union(*map(links_in, template))
    if not isinstance(template, dict):
        return frozenset()
    return frozenset({template["$link"]}) if "$link" in template else links_in([*template.values()])
