"""Which fact of a job a field of an answer shows, by the field's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from mockserver.contract.unchecked import list_in
from mockserver.kit.draft import vocabulary
from mockserver.kit.draft.description import types_of
from mockserver.kit.draft.phases import LEFT_OUT
from mockserver.kit.draft.vocabulary import plain
from mockserver.terms import ENDED

_TIMES: Final[Mapping[str, tuple[str, ...]]] = {
    "job.created_at": vocabulary.CREATED,
    "job.updated_at": vocabulary.UPDATED,
    "job.started_at": vocabulary.STARTED,
    "job.ended_at": vocabulary.ENDED_AT,
}
_FROM: Final[Mapping[str, frozenset[str]]] = {
    "job.started_at": frozenset({"running", *ENDED}),
    "job.ended_at": ENDED,
}
"""The phases in which a moment has come."""
_LINKED: Final = {
    "get": "read", "self": "read", "status": "read", "response": "read", "result": "read", "cancel": "cancel"
}  # fmt: skip
"""The role of the operation to which a link of that name leads."""
_OF_LISTS: Final[Mapping[str, tuple[tuple[str, ...], frozenset[str]]]] = {
    "jobs.count": (vocabulary.COUNTS, frozenset({"integer", "number"})),
    "jobs.more": (vocabulary.MORE, frozenset({"boolean"})),
    "jobs.first": (("firstid",), frozenset({"string"})),
    "jobs.last": (("lastid",), frozenset({"string"})),
    "jobs.cursor": (("nextcursor", "nextpagetoken", "cursor", "after"), frozenset({"string"})),
    "jobs.next": (("next", "nexturl", "nextpage"), frozenset({"string"})),
}
"""What an answer says beside the jobs of a list: the fact, names of its field, types."""
_AS_SENT: Final = frozenset({"request", "input", "params", "parameters", "config"})
"""Objects that repeat what was sent: in them a name says nothing of the job."""
_MILLISECONDS: Final = 10**11
"""Moments above are no seconds."""
_TEXT: Final = frozenset({"string"})
_NUMBER: Final = frozenset({"integer", "number"})


class SentField(NamedTuple):
    """A field of a submitted body: its pointer, the types that it may have, the words that it lists, and
    whether each body has it.
    """

    at: str
    types: frozenset[str]
    words: frozenset[str]
    is_required: bool


class Facts:
    """What is known of a job: the names that an answer's fields have for it.

    `id_name` is the plain name of its id, `states` the phase of each word, `time` how moments are written,
    `sent` the fields of a submitted body by their plain names,
    `operations` the operation that each role's link leads to. `code` is what failures have beside their text,
    where some field shows it.
    """

    def __init__(
        self,
        id_name: str,
        states: Mapping[str, str],
        time: str,
        sent: Mapping[str, SentField],
        operations: Mapping[str, str],
    ) -> None:
        self.id_name = id_name
        self.states = states
        self.time = time
        self._sent = sent
        self._operations = operations
        self.code: str | int | None = None
        self.phases = tuple(phase for phase in vocabulary.ORDER if phase in states.values())

    def of_name(self, name: str) -> Any:
        """The fact that a required field without a schema shows; None for an unknown name."""
        fact = self.of_field((name,), {}, "succeeded")
        if fact is LEFT_OUT:
            return None
        return fact

    def of_field(self, path: tuple[str, ...], form: Mapping[str, Any], phase: str) -> Any:
        """The template of a field in a phase, or LEFT_OUT where its name says nothing."""
        if not path or any(plain(step) in _AS_SENT for step in path[:-1]):
            return LEFT_OUT
        kinds = frozenset(types_of(form))
        for rule in (self._identity, self._moment, self._course, self._code, self._outcome):
            fact = rule(path, form, phase, kinds or _TEXT)
            if fact is not LEFT_OUT:
                return fact
        return LEFT_OUT

    def _identity(
        self, path: tuple[str, ...], form: Mapping[str, Any], phase: str, kinds: frozenset[str]
    ) -> Any:
        name = plain(path[-1])
        if "const" in form or not kinds & _TEXT:
            is_status = name in vocabulary.STATUSES and form.get("const") in self.states
            if is_status:
                return {"$": "job.state"}
            return LEFT_OUT
        if name == self.id_name or (name == "id" and len(path) == 1):
            return {"$": "job.id"}
        if name in vocabulary.STATUSES and _speaks_of(form, self.states):
            return {"$": "job.state"}
        if name in vocabulary.MODELS and len(path) < 3:
            return {"$": "job.model"}
        if name == "requestid":
            return {"$": "request.id"}
        return self._link(path)

    def _link(self, path: tuple[str, ...]) -> Any:
        """A link to one of the contract's own operations: `urls.get`, `status_url`, `cancel_url`."""
        name = plain(path[-1])
        if len(path) > 1 and plain(path[-2]) in ("urls", "links"):
            role = _LINKED.get(name)
        else:
            role = _LINKED.get(name.removesuffix("url")) if name.endswith("url") else None
        operation = self._operations.get(role or "")
        if operation:
            return {"$link": operation}
        return LEFT_OUT

    def _moment(
        self, path: tuple[str, ...], form: Mapping[str, Any], phase: str, kinds: frozenset[str]
    ) -> Any:
        name = plain(path[-1])
        fact = next((fact for fact, names in _TIMES.items() if name in names), None)
        if fact is None or not kinds & (_TEXT | _NUMBER):
            return LEFT_OUT
        if phase not in _FROM.get(fact, (phase,)):
            return LEFT_OUT
        written = moment_form(form)
        if written == self.time:
            return {"$": fact}
        return {"$": fact, "$as": written}

    def _course(
        self, path: tuple[str, ...], form: Mapping[str, Any], phase: str, kinds: frozenset[str]
    ) -> Any:
        name = plain(path[-1])
        if name in vocabulary.DONE and "boolean" in kinds:
            return phase in ENDED
        if name in vocabulary.PROGRESS and kinds & _NUMBER:
            if form.get("maximum") == 1:
                return {"$": "job.progress", "$as": "fraction"}
            return {"$": "job.progress"}
        if name in vocabulary.QUEUED and kinds & _NUMBER:
            if phase == "waiting":
                return {"$": "job.queue_position"}
            return LEFT_OUT
        return LEFT_OUT

    def _code(self, path: tuple[str, ...], form: Mapping[str, Any], phase: str, kinds: frozenset[str]) -> Any:
        """The code of a failure: one that the document lists or shows, the same at each of its places."""
        name, outer = plain(path[-1]), {plain(step) for step in path[:-1]}
        is_code = name in vocabulary.FAILURE_CODES or (name == "code" and outer & set(vocabulary.FAILURES))
        if not is_code or phase != "failed" or not kinds & {"string", "integer"}:
            return LEFT_OUT
        words = [*list_in(form.get("enum")), *list_in(form.get("examples"))]
        words = [form["const"]] if "const" in form else words
        instead = "failed" if kinds & _TEXT else 1
        first = next((word for word in words if isinstance(word, (str, int))), instead)
        if self.code is None:
            self.code = first
        return {"$": "job.code"} if self.code == first else LEFT_OUT

    def _outcome(
        self, path: tuple[str, ...], form: Mapping[str, Any], phase: str, kinds: frozenset[str]
    ) -> Any:
        """What there is only at the end: the links of a success, the reason of a failure."""
        name = plain(path[-1])
        outer = {plain(step) for step in path[:-1]}
        if not kinds & _TEXT or "enum" in form or "const" in form:
            return self._length(name, kinds)
        in_failure = bool(outer & set(vocabulary.FAILURES))
        if name in vocabulary.FAILURES or (in_failure and name in vocabulary.MESSAGES):
            if phase == "failed":
                return {"$": "job.reason"}
            return LEFT_OUT
        if name in vocabulary.LENGTHS and not in_failure:
            return {"$": "media.seconds", "$as": "string"}
        if in_failure or phase != "succeeded":
            return LEFT_OUT
        if name in vocabulary.STILLS:
            return {"$": "media.thumbnail"}
        if name in vocabulary.LINKS:
            still = outer & set(vocabulary.STILLS)
            return {"$": "media.thumbnail" if still else "media.video"}
        return LEFT_OUT

    def _length(self, name: str, kinds: frozenset[str]) -> Any:
        if name not in vocabulary.LENGTHS or not kinds & _NUMBER:
            return LEFT_OUT
        if "number" in kinds:
            return {"$": "media.seconds"}
        return {"$": "media.seconds", "$as": "integer"}

    def of_list(self, path: tuple[str, ...], form: Mapping[str, Any], *, nullable: bool) -> Any:
        """The template of a field beside the jobs of a list, or LEFT_OUT. A list of none has no first job."""
        kinds, name = frozenset(types_of(form)), plain(path[-1]) if path else ""
        for fact, (names, types) in _OF_LISTS.items():
            if name in names and kinds & types:
                if nullable:
                    return {"$": fact, "$default": None}
                return {"$": fact}
        return LEFT_OUT

    def echo(self, path: tuple[str, ...], form: Mapping[str, Any], instead: Any) -> Any:
        """What was sent under the same name and of the same types, or LEFT_OUT.

        `instead` stands there where nothing was sent; LEFT_OUT for a field that may be missing then.
        """
        sent = self._sent.get(plain(path[-1])) if path else None
        kinds, words = frozenset(types_of(form)), set(list_in(form.get("enum")))
        if sent is None or not sent.types <= kinds or "const" in form or "format" in form:
            return LEFT_OUT
        if words and not (sent.words and sent.words <= words):
            return LEFT_OUT
        shown = {"$": f"job.request#{sent.at}"}
        if instead is LEFT_OUT or sent.is_required:
            return shown
        return {**shown, "$default": instead}


def _speaks_of(form: Mapping[str, Any], states: Mapping[str, str]) -> bool:
    """Whether a field that is called a status may hold the words of a job's state."""
    words = list_in(form.get("enum"))
    return not words or any(word in states for word in words)


def moment_form(form: Mapping[str, Any]) -> str:
    """How a moment is written: `iso8601`, `seconds` or `milliseconds`."""
    if "string" in types_of(form):
        return "iso8601"
    numbers = [value for value in list_in(form.get("examples")) if isinstance(value, (int, float))]
    long = any(value > _MILLISECONDS for value in numbers) or "millisecond" in str(
        form.get("description", "")
    )
    if long:
        return "milliseconds"
    return "seconds"
