"""Response templates: JSON as it will be sent, with a few marked places.

    {"$": NAME}                               a value of the view; absent removes the key
    {"$": NAME, "$as": FORM}                  as seconds, milliseconds, iso8601, string, integer, number
    {"$": "job.request#/payload"}             a pointer into the submitted body
    {"$when": [PHASE...], "$then": T, "$else": T}   by the job's phase
    {"$each": "jobs", "$do": T}               once for each job of a list

No other loop, no arithmetic, no string building.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final, Protocol

from mockserver.contract import pointer
from mockserver.contract.pointer import ABSENT
from mockserver.errors import ContractError

NAMES: Final = frozenset({
    "job.id", "job.model", "job.state", "job.reason", "job.alias", "job.created_at", "job.updated_at",
    "media.video", "media.thumbnail", "media.watermarked", "media.seconds",
    "tenant.id", "request.id", "request.path", "request.target", "now",
    "error.message", "error.status", "jobs.count",
    "models.ids", "model.id", "model.title", "model.about", "model.parameters",
})  # fmt: skip
STEADY: Final = frozenset(name for name in NAMES if name.startswith(("job.", "media."))) | {"tenant.id"}
"""Names that tell of nothing but a job and its state."""
MOMENTS: Final = frozenset({"job.created_at", "job.updated_at", "now"})
NUMBERS: Final = MOMENTS | {"media.seconds", "error.status", "jobs.count"}
PHASES: Final = frozenset({"waiting", "running", "succeeded", "failed", "cancelled"})
_KEYS: Final = {
    "$": frozenset({"$", "$as"}),
    "$when": frozenset({"$when", "$then", "$else"}),
    "$each": frozenset({"$each", "$do"}),
}


class TemplateView(Protocol):
    """What a template sees: each name of NAMES as an attribute with `_` for `.`; None is absent."""

    @property
    def job_phase(self) -> str: ...
    @property
    def job_request(self) -> dict[str, Any]: ...
    @property
    def jobs(self) -> Sequence[TemplateView]: ...


Project = Callable[[Any], Any]


def compile_template(template: Any, time: str, at: str = "") -> Project:
    """A function from a view to the body.

    `time` is how moments are written by default; `at` is the template's own JSON pointer.
    Raises ContractError where the template says something this module does not know.
    """
    if isinstance(template, dict):
        for marker, known in _KEYS.items():
            if marker in template:
                _refuse_extra(template, known, at)
                return _MARKED[marker](template, time, at)
        return _object(template, time, at)
    if isinstance(template, list):
        items = [compile_template(item, time, f"{at}/{index}") for index, item in enumerate(template)]
        return lambda view: [value for item in items if (value := item(view)) is not ABSENT]
    return lambda view: template


def _refuse_extra(template: dict[str, Any], known: frozenset[str], at: str) -> None:
    extra = sorted(set(template) - known)
    if extra:
        raise ContractError(f"{extra[0]!r} cannot stand beside {', '.join(sorted(known))}", pointer=at)


def _object(template: dict[str, Any], time: str, at: str) -> Project:
    stray = next((key for key in template if key.startswith("$")), None)
    if stray is not None:
        raise ContractError(
            f"{stray!r} is no word of a template: $, $as, $when, $then, $else, $each, $do", pointer=at
        )
    parts = [
        (key, compile_template(value, time, at + pointer.write((key,)))) for key, value in template.items()
    ]

    def project(view: Any) -> dict[str, Any]:
        body = {}
        for key, part in parts:
            value = part(view)
            if value is not ABSENT:
                body[key] = value
        return body

    return project


def _value(template: dict[str, Any], time: str, at: str) -> Project:
    name = template["$"]
    if isinstance(name, str) and name.startswith("job.request#"):
        if "$as" in template:
            raise ContractError("a value of the submitted body is given as it came, without $as", pointer=at)
        return _submitted(name.partition("#")[2], at)
    if not isinstance(name, str) or name not in NAMES:
        raise ContractError(
            f"{name!r} is no name a template may use; names: {', '.join(sorted(NAMES))}", pointer=at
        )
    form = template.get("$as", time if name in MOMENTS else "as it is")
    get = attrgetter(name.replace(".", "_"))
    _refuse_form(name, form, at)
    write = _FORMS.get(form)
    if write is None:
        return lambda view: ABSENT if (value := get(view)) is None else value
    return lambda view: ABSENT if (value := get(view)) is None else write(value)


def _refuse_form(name: str, form: Any, at: str) -> None:
    for forms, names in _TAKEN.items():
        if form in forms and name not in names:
            raise ContractError(f"{name} cannot be written $as {form!r}", pointer=at)
    if form not in ("as it is", "string") and not any(form in forms for forms in _TAKEN):
        known = ", ".join(("string", *(form for forms in _TAKEN for form in forms)))
        raise ContractError(f"$as {form!r} is none of {known}", pointer=at)


def _submitted(text: str, at: str) -> Project:
    if text and not text.startswith("/"):
        raise ContractError(f"{text!r} is no JSON pointer: job.request#/field", pointer=at)
    path = pointer.parts(text)
    if len(path) == 1:
        key = path[0]
        return lambda view: view.job_request.get(key, ABSENT)
    return lambda view: pointer.follow(view.job_request, path)


def _when(template: dict[str, Any], time: str, at: str) -> Project:
    named = template["$when"] if isinstance(template["$when"], list) else [template["$when"]]
    phases = frozenset(phase for phase in named if isinstance(phase, str))
    if len(phases) < len(named) or not phases <= PHASES:
        raise ContractError(f"$when takes phases: {', '.join(sorted(PHASES))}", pointer=f"{at}/$when")
    then = compile_template(template["$then"], time, f"{at}/$then") if "$then" in template else _absent
    other = compile_template(template["$else"], time, f"{at}/$else") if "$else" in template else _absent
    return lambda view: then(view) if view.job_phase in phases else other(view)


def _each(template: dict[str, Any], time: str, at: str) -> Project:
    if template["$each"] != "jobs" or "$do" not in template:
        raise ContractError('a loop is {"$each": "jobs", "$do": ...}', pointer=at)
    do = compile_template(template["$do"], time, f"{at}/$do")
    return lambda view: [do(item) for item in view.jobs]


def names_in(template: Any) -> frozenset[str]:
    """The names a template uses, `jobs` for a loop."""
    if isinstance(template, list):
        return frozenset(name for item in template for name in names_in(item))
    if not isinstance(template, dict):
        return frozenset()
    if "$" in template:
        name = str(template["$"])
        return frozenset() if name.startswith("job.request#") else frozenset({name})
    inner = frozenset(name for value in template.values() for name in names_in(value))
    return inner | {"jobs"} if "$each" in template else inner


def _absent(view: Any) -> Any:
    return ABSENT


def iso8601(moment: int) -> str:
    """Unix milliseconds as `2026-01-02T03:04:05.678Z`."""
    text = datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


_MARKED: Final = {"$": _value, "$when": _when, "$each": _each}
_FORMS: Final[dict[str, Callable[[Any], Any]]] = {
    "seconds": lambda moment: moment // 1000,
    "iso8601": iso8601,
    "string": str,
    "integer": int,
    "number": float,
}
_TAKEN: Final = {("seconds", "milliseconds", "iso8601"): MOMENTS, ("integer", "number"): NUMBERS}
