"""Writes one operation of a draft: its role, parameters, body and answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from mockserver.contract.names import MOVING, STEADY, names_in
from mockserver.contract.samples import Sampler
from mockserver.contract.unchecked import object_in
from mockserver.kit.draft import submits
from mockserver.kit.draft.answers import AnswerWriter
from mockserver.kit.draft.description import FORM, JSON, DescribedOperation, Description
from mockserver.kit.draft.dialect import modern
from mockserver.kit.draft.refusals import Refusals
from mockserver.kit.draft.roles import GuessedRole
from mockserver.kit.draft.schema_files import SchemaFiles
from mockserver.kit.draft.submits import SubmitBody
from mockserver.kit.draft.todo import Todo, todo
from mockserver.kit.draft.vocabulary import plain

_PLACE: Final = re.compile(r"\{([^}]+)\}")
_OF_HTTP: Final = frozenset({"authorization", "content-type", "accept", "user-agent"})
_PAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "number": ("page", "pagenum", "pagenumber", "pageno", "pageindex"),
    "offset": ("offset", "skip"),
    "size": ("limit", "pagesize", "perpage", "size", "count", "maxresults", "take"),
}
_MOST_EXAMPLES: Final = 5
_MOST_NAMED: Final = 8


def place_name(name: str) -> str:
    """The name of a place of a path as x-job takes it: `video-id` as `video_id`."""
    text = re.sub(r"\W", "_", name)
    if text.isidentifier():
        return text
    return f"p_{text}"


def path_of(operation: DescribedOperation) -> str:
    """The path with names of places that x-job takes."""
    return _PLACE.sub(lambda match: f"{{{place_name(match[1])}}}", operation.path)


def paths_at(operation: DescribedOperation) -> tuple[str, ...]:
    """Where an operation stands in the contract."""
    return "paths", path_of(operation), operation.method


class OperationWriter:
    """Writes the operations of a contract, and notes what is missing."""

    def __init__(
        self,
        description: Description,
        files: SchemaFiles,
        answers: AnswerWriter,
        refusals: Refusals,
        source: str,
        key_headers: frozenset[str],
    ) -> None:
        self._description = description
        self._files = files
        self._answers = answers
        self._refusals = refusals
        self._source = source
        self._key_headers = key_headers
        self.todos: list[Todo] = []

    def write(
        self, guess: GuessedRole, identity: str, body: SubmitBody | None, default: str
    ) -> dict[str, Any]:
        """The operation. `body` is what a submit's says, `default` the model where it names none."""
        operation = guess.operation
        at = paths_at(operation)
        parameters = [*self._parameters(operation, at)]
        job: dict[str, Any] = {"role": guess.role}
        if guess.key:
            kind, _, name = guess.key.partition(".")
            job["key"] = f"{kind}.{place_name(name) if kind == 'path' else name}"
        if body is not None:
            job |= _submit_job(body, default)
        if guess.role == "list":
            job |= self._page(parameters)
        node: dict[str, Any] = {"operationId": identity}
        summary = operation.node.get("summary")
        if isinstance(summary, str) and summary:
            node["summary"] = summary
        node["x-job"] = {**job, "x-provenance": self._source}
        if operation.node.get("security") == []:
            node["security"] = []
        if parameters:
            node["parameters"] = parameters
        if guess.role == "submit":
            node["requestBody"] = self._body(operation, at)
        node["responses"] = self._responses(guess, at)
        return node

    def callback(self, place: str, read: DescribedOperation, at: tuple[str, ...]) -> dict[str, Any]:
        """The `callbacks` of a submit whose body has a URL at `place`: to it goes what the read answers.

        Empty where that says more than a callback knows, as the id of a request.
        """
        if read.answer is None:
            return {}
        body = self._answers.write(read.answer).body
        if not names_in(body) <= STEADY | MOVING:
            self.todos.append(todo(at, "the body names where to call back; say what is sent there"))
            return {}
        self.todos.append(todo(at, "what is called back, and in which states, is assumed: the read's answer"))
        schema = {key: part for key, part in object_in(read.answer).items() if key != "examples"}
        content = {JSON: {"schema": self._files.message(schema, f"{read.method} {read.path} answer")}}
        post = {
            "x-job": {"body": body, "x-provenance": "ASSUMED by the draft"},
            "requestBody": {"content": content},
            "responses": {"200": {"description": "Taken."}},
        }
        return {"callbacks": {"news": {f"{{$request.body#{place}}}": {"post": post}}}}

    def _parameters(self, operation: DescribedOperation, at: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        declared = set()
        for parameter in operation.parameters:
            name, place = str(parameter.get("name")), parameter.get("in")
            if place not in ("path", "query", "header") or name.lower() in _OF_HTTP | self._key_headers:
                continue
            if "schema" not in parameter:
                self.todos.append(todo((*at, "parameters"), f"{name!r} has no schema; say what it may be"))
            schema = modern(parameter.get("schema", {}), old=self._description.origin.old)
            written = place_name(name) if place == "path" else name
            if place == "path" and f"{{{name}}}" not in operation.path:
                continue
            declared.add(written if place == "path" else "")
            yield self._parameter(parameter, written, place, schema)
        for name in map(place_name, _PLACE.findall(operation.path)):
            if name not in declared:
                yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}

    def _parameter(self, parameter: Mapping[str, Any], name: str, place: str, schema: Any) -> dict[str, Any]:
        schema = {key: value for key, value in object_in(schema).items() if key != "examples"}
        required = place == "path" or bool(parameter.get("required"))
        written = {"name": name, "in": place, "required": required, "schema": self._files.inline(schema)}
        if isinstance(parameter.get("description"), str) and parameter["description"]:
            written["description"] = parameter["description"]
        return written

    def _page(self, parameters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        page: dict[str, Any] = {}
        filters: dict[str, str] = {}
        for parameter in parameters:
            name = plain(parameter["name"])
            if parameter["in"] == "query" and name in ("model", "modelid", "modelname"):
                filters[f"query.{parameter['name']}"] = "model"
            for what, names in _PAGES.items():
                if (
                    name in names
                    and parameter["schema"].get("type") == "integer"
                    and parameter["in"] == "query"
                ):
                    page.setdefault(what, f"query.{parameter['name']}")
                    default = parameter["schema"].get("default")
                    if what == "size" and isinstance(default, int) and default > 0:
                        page["most"] = default
        if "number" in page:
            page.pop("offset", None)
        return {key: part for key, part in (("page", page), ("filters", filters)) if part}

    def _body(self, operation: DescribedOperation, at: tuple[str, ...]) -> dict[str, Any]:
        schema = operation.body if isinstance(operation.body, dict) else {"type": "object"}
        bare = {key: value for key, value in schema.items() if key != "examples"}
        name = f"{operation.path} request"
        entry: dict[str, Any] = {"schema": self._files.message(bare, name)}
        sampled = self._sampled(bare)
        shown = [self._completed(value, sampled) for value in submits.examples(self._description, operation)]
        if not shown:
            shown = sampled
            self.todos.append(
                todo((*at, "requestBody"), "the document shows no body; the example is made up")
            )
        if shown:
            entry["examples"] = {
                f"example-{number}": {"value": body} for number, body in enumerate(shown[:_MOST_EXAMPLES], 1)
            }
        if operation.forms and FORM in operation.forms and JSON not in operation.forms:
            text = "the document takes a form here and no JSON; the mock takes JSON with the same fields"
            self.todos.append(todo((*at, "requestBody"), text))
        # Documents often forget to say that a body is required which must have fields.
        needed = all(form.get("required") for form in self._description.branches(bare))
        return {"required": operation.body_required or needed, "content": {JSON: entry}}

    def _sampled(self, schema: Any) -> list[dict[str, Any]]:
        """Bodies that are made up, one for each form that the schema has."""
        sampler = Sampler(self._description.schema_at)
        forms = self._description.branches(schema)
        values = [sampler.value({key: form[key] for key in form if key != "examples"}) for form in forms]
        return [
            value
            for index, value in enumerate(values)
            if isinstance(value, dict) and value not in values[:index]
        ]

    def _completed(self, shown: dict[str, Any], sampled: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """A body that the document shows, with what its schema requires beside it."""
        if len(sampled) == 1:
            return {**sampled[0], **shown}
        return shown

    def _responses(self, guess: GuessedRole, at: tuple[str, ...]) -> dict[str, Any]:
        operation = guess.operation
        at = (*at, "responses", operation.status)
        return {
            operation.status: self._good(guess, at),
            **dict(self._refusals.of_operation(operation, guess.role)),
        }

    def _good(self, guess: GuessedRole, at: tuple[str, ...]) -> dict[str, Any]:
        operation = guess.operation
        response: dict[str, Any] = {"description": f"What {guess.role} answers when it goes well."}
        if guess.role == "content":
            response["content"] = {name: {} for name in operation.media if not name.endswith("json")}
            response["x-job"] = {"when": ["default"], "body": None}
            return response
        if operation.answer is None or operation.status == "204":
            response["x-job"] = {"when": ["default"], "body": None}
            return response
        bare = {key: value for key, value in object_in(operation.answer).items() if key != "examples"}
        name = f"{operation.method} {operation.path} answer"
        response["content"] = {JSON: {"schema": self._files.message(bare, name)}}
        written = self._answers.write(operation.answer, lists=guess.role == "list")
        response["x-job"] = {"when": ["default"], "body": written.body}
        self._note_constants([".".join(constant.path) for constant in written.constants], at)
        return response

    def _note_constants(self, names: Sequence[str], at: tuple[str, ...]) -> None:
        if names:
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            text = "these are constants, as no fact of a job is known for them: "
            self.todos.append(todo((*at, "x-job", "body"), text + ", ".join(names[:_MOST_NAMED]) + more))


def _submit_job(body: SubmitBody, default: str) -> dict[str, Any]:
    job: dict[str, Any] = {}
    if body.model:
        job["model"] = body.model
    if default:
        job["default-model"] = default
    if body.callback:
        job["callback"] = body.callback
    return job
