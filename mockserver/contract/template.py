"""Response templates: the JSON that will be sent, with a few placeholders.

    {"$": NAME}                               a value of the view; an absent one removes the key
    {"$": NAME, "$as": FORM}                  as seconds, milliseconds, iso8601, string, integer, number
    {"$": "error.field", "$as": FORM}         a[0].b as steps: ["a", 0, "b"], or as loc: ["body", "a", 0, "b"]
    {"$": "job.request#/payload"}             a pointer into the submitted body
    {"$": NAME, "$default": T}                what stands there where the value is absent
    {"$link": OPERATION, "$as": FORM}         its path filled in, as url, path or name
    {"$when": [PHASE...], "$then": T, "$else": T}   by the job's phase
    {"$each": "jobs", "$do": T}               once for each job of a list, or with "models" for each model
    {"$each": "images", "$do": T}             once for each image of a job that makes images

No other loop, no arithmetic, no other string building.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple, Protocol

from mockserver.contract import pointer
from mockserver.contract.links import Link, Links
from mockserver.contract.names import MOMENTS, NAMES, NUMBERS, OF_IDS, PHASES
from mockserver.contract.pointer import ABSENT
from mockserver.contract.source import USE
from mockserver.contract.unchecked import one_or_more
from mockserver.errors import ContractError
from mockserver.numerals import integer

_COMPANIONS: Final = {
    "$": frozenset({"$", "$as", "$default"}),
    "$link": frozenset({"$link", "$as"}),
    "$when": frozenset({"$when", "$then", "$else"}),
    "$each": frozenset({"$each", "$do"}),
}
_KEYWORDS: Final = ("$", "$as", "$default", "$link", "$when", "$then", "$else", "$each", "$do", USE)
_LOOPS: Final = {"jobs": "each_job", "models": "each_model", "images": "each_image"}

_FIELD: Final = "error.field"
"""What a refusal is about: a view has it as steps, of which the first is the place, such as `body`."""

Render = Callable[[Any], Any]


class TemplateView(Protocol):
    """The values that a template can use: each of NAMES is an attribute with `_` for `.`; None is absent."""

    @property
    def job_phase(self) -> str: ...
    @property
    def job_request(self) -> dict[str, Any]: ...
    def named_id(self, name: str) -> str | None: ...
    def link(self, link: Link) -> str | None: ...
    def each_job(self, do: Render) -> Any: ...
    def each_model(self, do: Render) -> Any: ...
    def each_image(self, do: Render) -> Any: ...


class Writing(NamedTuple):
    """How a contract's templates are written: how moments are by default, what compiles their links, and
    the names of a job's further ids."""

    time: str
    links: Links
    ids: frozenset[str]


def compile_template(template: Any, writing: Writing, at: str = "") -> Render:
    """A function from a view to the body; `at` is the template's own JSON pointer.

    Raises ContractError where the template is not in the language above.
    """
    # Each node becomes a closure once, when the contract is loaded, so that an answer costs a few calls and
    # no look at the template. Names, forms and phases are checked here: what compiles cannot fail to render.
    # A node without a value gives ABSENT, and the object or list around it leaves the place out.
    if isinstance(template, dict):
        for marker, known in _COMPANIONS.items():
            if marker in template:
                _refuse_extra(template, known, at)
                return _COMPILERS[marker](template, writing, at)
        return _object(template, writing, at)
    if isinstance(template, list):
        children = [compile_template(child, writing, f"{at}/{index}") for index, child in enumerate(template)]
        return lambda view: [value for child in children if (value := child(view)) is not ABSENT]
    return lambda view: template


def _refuse_extra(template: dict[str, Any], known: frozenset[str], at: str) -> None:
    extra = sorted(set(template) - known)
    if extra:
        raise ContractError(f"{extra[0]!r} cannot stand beside {', '.join(sorted(known))}", pointer=at)


def _object(template: dict[str, Any], writing: Writing, at: str) -> Render:
    stray = next((key for key in template if key.startswith("$")), None)
    if stray == USE:
        raise ContractError(f"there are no x-job.bodies, so none is named {template[USE]!r}", pointer=at)
    if stray is not None:
        raise ContractError(
            f"{stray!r} is not a template keyword; keywords: {', '.join(_KEYWORDS)}", pointer=at
        )
    parts = [
        (key, compile_template(value, writing, at + pointer.write((key,)))) for key, value in template.items()
    ]

    def render(view: Any) -> dict[str, Any]:
        body = {}
        for key, part in parts:
            value = part(view)
            if value is not ABSENT:
                body[key] = value
        return body

    return render


def _value(template: dict[str, Any], writing: Writing, at: str) -> Render:
    value = _fact(template, writing, at)
    if "$default" not in template:
        return value
    other = compile_template(template["$default"], writing, f"{at}/$default")

    def render(view: Any) -> Any:
        shown = value(view)
        return other(view) if shown is ABSENT else shown

    return render


def _link(template: dict[str, Any], writing: Writing, at: str) -> Render:
    link = writing.links.compile(template, at)
    return lambda view: ABSENT if (value := view.link(link)) is None else value


def _fact(template: dict[str, Any], writing: Writing, at: str) -> Render:
    name = template["$"]
    if isinstance(name, str) and name.startswith("job.request#"):
        if "$as" in template:
            raise ContractError(
                "a value of the submitted body is copied as it is; $as cannot be used with it", pointer=at
            )
        return _submitted(name.partition("#")[2], at)
    if isinstance(name, str) and name.removeprefix(OF_IDS) in writing.ids:
        return _id(name, template.get("$as", "as it is"), at)
    if not isinstance(name, str) or name not in NAMES:
        nearest = _nearest(str(name), NAMES | {f"{OF_IDS}{each}" for each in writing.ids})
        raise ContractError(f"{name!r} is not a name that a template can use; {nearest}", pointer=at)
    form = template.get("$as", _default_form(name, writing))
    _refuse_form(name, form, at)
    # A length that was sent as a text is that text, which no number can tell.
    as_sent = (name, form) == ("media.seconds", "string")
    get = attrgetter("media_seconds_text" if as_sent else name.replace(".", "_"))
    write = _FORMS_OF_NAMES.get(name, _FORMS).get(form)
    if write is None:
        return lambda view: ABSENT if (value := get(view)) is None else value
    return lambda view: ABSENT if (value := get(view)) is None else write(value)


def _default_form(name: str, writing: Writing) -> str:
    if name in MOMENTS:
        return writing.time
    return "string" if name == _FIELD else "as it is"


def _id(name: str, form: Any, at: str) -> Render:
    """A further id of the job."""
    _refuse_form(name, form, at)
    further, write = name.removeprefix(OF_IDS), _FORMS_OF_IDS.get(form, str)
    return lambda view: ABSENT if (value := view.named_id(further)) is None else write(value)


def _digits(text: str) -> int | str:
    """An id of digits alone as a number; any other id as it is."""
    number = integer(text)
    if number is None:
        return text
    return number


def _nearest(name: str, names: Collection[str]) -> str:
    """The names most like one that is none. Imported here, as most contracts need it not."""
    from difflib import get_close_matches

    return f"the nearest are {', '.join(get_close_matches(name, sorted(names), 5, 0))}"


def _refuse_form(name: str, form: Any, at: str) -> None:
    if form in tuple(_FORMS_OF_IDS) and (name == "job.id" or name.startswith(OF_IDS)):
        return
    for forms, names in _NAMES_BY_FORMS.items():
        if form in forms and name not in names:
            raise ContractError(f"{name} cannot be written $as {form!r}", pointer=at)
    if form not in ("as it is", "string") and not any(form in forms for forms in _NAMES_BY_FORMS):
        known = ", ".join(("string", *(form for forms in _NAMES_BY_FORMS for form in forms)))
        raise ContractError(f"$as {form!r} is not one of {known}", pointer=at)


def _submitted(text: str, at: str) -> Render:
    if text and not text.startswith("/"):
        raise ContractError(f"{text!r} is not a JSON pointer; write job.request#/field", pointer=at)
    path = pointer.parts(text)
    if len(path) == 1:
        key = path[0]
        return lambda view: view.job_request.get(key, ABSENT)
    return lambda view: pointer.follow(view.job_request, path)


def _when(template: dict[str, Any], writing: Writing, at: str) -> Render:
    named = one_or_more(template["$when"])
    phases = frozenset(phase for phase in named if isinstance(phase, str))
    if len(phases) < len(named) or not phases <= PHASES:
        raise ContractError(f"$when takes only phases: {', '.join(sorted(PHASES))}", pointer=f"{at}/$when")
    then, other = (_branch(template, key, writing, at) for key in ("$then", "$else"))
    return lambda view: then(view) if view.job_phase in phases else other(view)


def _branch(template: dict[str, Any], key: str, writing: Writing, at: str) -> Render:
    if key not in template:
        return _absent
    return compile_template(template[key], writing, f"{at}/{key}")


def _each(template: dict[str, Any], writing: Writing, at: str) -> Render:
    each = _LOOPS.get(str(template["$each"]))
    if each is None or "$do" not in template:
        raise ContractError('a loop is {"$each": "jobs", "models" or "images", "$do": ...}', pointer=at)
    do = compile_template(template["$do"], writing, f"{at}/$do")
    return lambda view: getattr(view, each)(do)


def _text(value: Any) -> str:
    """A value as text; a whole number of seconds without the point that sums bring."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _absent(view: Any) -> Any:
    return ABSENT


def iso8601(moment: int) -> str:
    """Unix milliseconds as `2026-01-02T03:04:05.678Z`."""
    text = datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


_COMPILERS: Final = {"$": _value, "$link": _link, "$when": _when, "$each": _each}
_FORMS: Final[dict[str, Callable[[Any], Any]]] = {
    "seconds": lambda moment: moment // 1000,
    "iso8601": iso8601,
    "string": _text,
    "integer": int,
    "number": float,
    "fraction": lambda percent: percent / 100,
}
_FORMS_OF_IDS: Final[dict[str, Callable[[str], Any]]] = {"integer": _digits, "string": str}
_FORMS_OF_FIELDS: Final[dict[str, Callable[[Sequence[str | int]], Any]]] = {
    "string": lambda steps: pointer.dotted(pointer.write(steps[1:])),
    "steps": lambda steps: [*steps[1:]],
    "loc": list,
}
_FORMS_OF_NAMES: Final[dict[str, dict[str, Callable[[Any], Any]]]] = {
    "job.id": _FORMS_OF_IDS,
    _FIELD: _FORMS_OF_FIELDS,
}
_NAMES_BY_FORMS: Final = {
    ("seconds", "milliseconds", "iso8601"): MOMENTS,
    ("integer", "number"): NUMBERS,
    ("fraction",): frozenset({"job.progress"}),
    ("steps", "loc"): frozenset({_FIELD}),
}
