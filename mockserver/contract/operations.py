"""Operations of a bundled document: parameters, bodies, answers, all compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final

from mockserver.contract import pointer, source
from mockserver.contract.bundled import Bundled
from mockserver.contract.callbacks import read_callback
from mockserver.contract.model import AnswerTemplate, Credential, Operation, Paging
from mockserver.contract.nodes import METHODS
from mockserver.contract.rules.base import BrokenRule
from mockserver.contract.template import STEADY, compile_template, names_in
from mockserver.contract.validate import Body, Parameters, Rules, Validator, may_refuse
from mockserver.contract.violation import Violation, cite
from mockserver.errors import ContractError

NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "submit": ("default", "invalid", "media-type", "too-large", "unauthenticated"),
    "read": ("default", "unknown", "unauthenticated"),
    "cancel": ("default", "unknown", "unauthenticated"),
    "list": ("default", "unauthenticated"),
    "models": ("default", "unauthenticated"),
    "model": ("default", "unknown-model", "unauthenticated"),
}


KIN: Final[Mapping[str, str]] = {
    "bad-credentials": "unauthenticated",
    "malformed": "invalid",
    "policy": "invalid",
    "busy": "limited",
    "upstream": "error",
    "unavailable": "error",
    "timeout": "error",
}
"""Which answer stands in for one that a contract does not tell apart."""


class Operations:
    """Compiles what `paths` and `x-job.answers` say. Raises ContractError."""

    def __init__(self, bundled: Bundled) -> None:
        self.bundled = bundled
        self._read: dict[str, list[tuple[str, AnswerTemplate]]] = {}
        self._shared = dict(self.fallback_answers())

    def operations(self) -> dict[str, Operation]:
        found: dict[str, Operation] = {}
        for path, item in self.bundled.document.get("paths", {}).items():
            for method in METHODS:
                if method in item:
                    at = f"/paths{pointer.write((path, method))}"
                    operation = self.operation(path, method, item[method], at, item.get("parameters", []))
                    if operation.id in found:
                        raise self.bundled.fail(
                            f"operationId {operation.id!r} stands twice", f"{at}/operationId"
                        )
                    found[operation.id] = operation
        roles = {operation.role for operation in found.values()}
        for role in ("submit", "read"):
            if role not in roles:
                raise self.bundled.fail(f"no operation has the role {role}", "/paths")
        self._check_of(found)
        return found

    def _check_of(self, found: Mapping[str, Operation]) -> None:
        submits = [operation.id for operation in found.values() if operation.role == "submit"]
        for operation in found.values():
            for index, name in enumerate(operation.of or ()):
                if name not in submits:
                    at = pointer.write(
                        ("paths", operation.path, operation.method.lower(), "x-job", "of", index)
                    )
                    said = f"{name!r} is no submit operation; submit operations: {', '.join(submits)}"
                    raise self.bundled.fail(said, at)

    def operation(
        self, path: str, method: str, node: dict[str, Any], at: str, shared: list[Any]
    ) -> Operation:
        if not isinstance(node.get("x-job"), dict):
            raise self.bundled.fail("x-job is missing: what does this operation do to a job?", at)
        job = node["x-job"]
        self.bundled.conform(job, "operation", f"{at}/x-job")
        if "operationId" not in node:
            raise self.bundled.fail("operationId is missing", at)
        answers = self.answers(node.get("responses", {}), f"{at}/responses")
        credential = self.credential(node.get("security", self.bundled.document.get("security")), at)
        parameters = [
            source.resolve(self.bundled.document, entry) for entry in (*shared, *node.get("parameters", []))
        ]
        self._check_answers(
            job["role"],
            answers,
            at,
            secured=credential is not None,
            refuses=any(map(may_refuse, parameters)),
        )
        return Operation(
            id=node["operationId"],
            method=method.upper(),
            path=path,
            role=job["role"],
            credential=credential,
            parameters=self.parameters(parameters, job, at),
            body=self.body(node, at) if job["role"] == "submit" else None,
            answers=self._complete(answers),
            key=_place(job.get("key")),
            by=tuple(job.get("by", ("id",))),
            of=tuple(job["of"]) if "of" in job else None,
            model_at=pointer.parts(job.get("model", "")),
            default_model=job.get("default-model"),
            alias_at=pointer.parts(job["alias"]) if "alias" in job else None,
            callback_at=pointer.parts(job["callback"]) if "callback" in job else None,
            callback=read_callback(self.bundled, node, at),
            filters={place.partition(".")[2]: field for place, field in job.get("filters", {}).items()},
            page=_page(job.get("page", {})),
        )

    def credential(self, security: list[dict[str, Any]] | None, at: str) -> Credential | None:
        """The first scheme of the first requirement; none where there is nothing to satisfy."""
        name = next(iter(security[0]), None) if security else None
        if name is None:
            return None
        scheme = pointer.follow(self.bundled.document, ("components", "securitySchemes", name))
        match scheme:
            case {"type": "http", "scheme": str(word)} if word.lower() == "bearer":
                return Credential(b"authorization", "bearer")
            case {"type": "apiKey", "in": "header", "name": str(header)}:
                return Credential(header.lower().encode(), "")
        said = f"security scheme {name!r} is neither http bearer nor an apiKey in a header"
        raise self.bundled.fail(said, f"{at}/security")

    def _complete(self, answers: Mapping[str, AnswerTemplate]) -> Mapping[str, AnswerTemplate]:
        """The operation's answers, then the document's, then the next of kin."""
        complete = {**self._shared, **answers}
        kin = {when: complete[other] for when, other in KIN.items() if other in complete}
        return {**kin, **complete}

    def _check_answers(
        self, role: str, answers: Mapping[str, AnswerTemplate], at: str, *, secured: bool, refuses: bool
    ) -> None:
        listed = {*answers, *self.bundled.job.get("answers", {})}
        needed = {*NEEDED[role], "invalid"} if refuses else {*NEEDED[role]}
        unneeded = listed if secured else {*listed, "unauthenticated"}
        for when in sorted(needed - unneeded):
            raise self.bundled.fail(
                f"no response says how to answer {when!r} (x-job.when)", f"{at}/responses"
            )

    def parameters(self, nodes: list[Any], job: dict[str, Any], at: str) -> Parameters:
        schemas: dict[tuple[str, str], Mapping[str, Any]] = {}
        required: dict[str, list[str]] = {"path": [], "query": [], "header": []}
        for node in nodes:
            place = node["in"]
            if place not in required:
                continue
            name = node["name"].lower() if place == "header" else node["name"]
            schemas[place, name] = {"x-provenance": node.get("x-provenance", ""), **node.get("schema", {})}
            if node.get("required") and name not in required[place]:
                required[place].append(name)
        self._check_places(schemas, job, at)
        if not schemas:
            return Parameters({}, None)
        return Parameters(schemas, self._parameter_validator(schemas, required, f"{at}/parameters"))

    def _check_places(self, schemas: Mapping[tuple[str, str], Any], job: dict[str, Any], at: str) -> None:
        page = job.get("page", {})
        places = [job.get("key"), *job.get("filters", {}), page.get("number"), page.get("size")]
        for place in filter(None, places):
            if _place(place) not in schemas:
                raise self.bundled.fail(f"{place} is no parameter of this operation", f"{at}/x-job")
        for word in ("number", "size"):
            counted = _place(page.get(word))
            if counted is not None and schemas[counted].get("type") != "integer":
                raise self.bundled.fail(f"{page[word]} must be an integer", f"{at}/x-job/page/{word}")

    def _parameter_validator(
        self, schemas: Mapping[tuple[str, str], Any], required: Mapping[str, list[str]], at: str
    ) -> Validator:
        groups = {
            place: {
                "type": "object",
                "required": names,
                "properties": {name: schema for (where, name), schema in schemas.items() if where == place},
            }
            for place, names in required.items()
        }
        return self.bundled.inline({"type": "object", "properties": groups}, at)

    def body(self, node: dict[str, Any], at: str) -> Body:
        content = node.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            raise self.bundled.fail("a submit needs requestBody.content['application/json'].schema", at)
        where = f"{at}/requestBody/content/application~1json/schema"
        required = bool(node["requestBody"].get("required"))
        return Body(self.bundled.validator(where), self.rules(), required=required)

    def rules(self) -> Rules | None:
        if "rules" not in self.bundled.job:
            return None
        name = f"mockserver.contract.rules.{self.bundled.job['rules']}"
        try:
            check: Callable[[Any, frozenset[str]], Iterator[BrokenRule]] = import_module(name).check
        except ModuleNotFoundError:
            raise self.bundled.fail(f"there is no module {name}", "/x-job/rules") from None
        overlays = frozenset(self.bundled.overlays)

        def rules(body: Any) -> Iterator[Violation]:
            for broken in check(body, overlays):
                sent = pointer.follow(body, pointer.parts(broken.pointer))
                sent = None if sent is pointer.ABSENT else sent
                cited = cite(broken.source, self.bundled.job["sources"])
                yield Violation("body", broken.pointer, broken.keyword, sent, broken.expected, cited)

        return rules

    def answers(self, responses: Mapping[str, Any], at: str) -> dict[str, AnswerTemplate]:
        found: dict[str, AnswerTemplate] = {}
        for status, response in responses.items():
            here = at + pointer.write((status,))
            for when, answer in self.response_answers(int(status), response, here):
                if when in found:
                    raise self.bundled.fail(
                        f"{when!r} has an answer already, of status {found[when].status}", here
                    )
                found[when] = answer
        return found

    def fallback_answers(self) -> Iterator[tuple[str, AnswerTemplate]]:
        for when, entry in self.bundled.job.get("answers", {}).items():
            at = f"/x-job/answers/{when}/response"
            found = dict(self.response_answers(entry["status"], entry["response"], at))
            if when not in found:
                raise self.bundled.fail(f"the response does not say how to answer {when!r}", at)
            yield when, found[when]

    def response_answers(self, status: int, response: Any, at: str) -> list[tuple[str, AnswerTemplate]]:
        """What a response says, by `when`; one that operations share is read once."""
        while isinstance(response, dict) and "$ref" in response:
            at = response["$ref"].removeprefix("#")
            response = pointer.follow(self.bundled.document, pointer.parts(at))
        key = f"{status} {at}"
        if key not in self._read:
            self._read[key] = list(self._answers_of(status, response, at))
        return self._read[key]

    def _answers_of(self, status: int, response: Any, at: str) -> Iterator[tuple[str, AnswerTemplate]]:
        entries = response.get("x-job", [])
        schema = self.response_schema(response, at)
        for index, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            here = f"{at}/x-job/{index}" if isinstance(entries, list) else f"{at}/x-job"
            self.bundled.conform(entry, "answer", here)
            for when in entry["when"]:
                yield when, self.answer(when, status, entry, schema, here)

    def answer(
        self, when: str, status: int, entry: dict[str, Any], schema: Validator | None, at: str
    ) -> AnswerTemplate:
        try:
            project = compile_template(entry["body"], self.bundled.job["time"])
        except ContractError as error:
            raise self.bundled.fail(error.message, f"{at}/body{error.pointer}") from None
        more = ((name.encode(), text.encode()) for name, text in entry.get("headers", {}).items())
        headers = ((b"content-type", b"application/json"), *more)
        steady = when == "default" and names_in(entry["body"]) <= STEADY
        return AnswerTemplate(when, status, entry.get("says", ""), headers, project, schema, steady)

    def response_schema(self, response: Mapping[str, Any], at: str) -> Validator | None:
        if "schema" not in response.get("content", {}).get("application/json", {}):
            return None
        return self.bundled.validator(f"{at}/content/application~1json/schema")


def _place(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    place, _, name = text.partition(".")
    return place, name


def _page(node: Mapping[str, Any]) -> Paging:
    def name(text: str | None) -> str | None:
        return None if text is None else text.partition(".")[2]

    return Paging(name(node.get("number")), name(node.get("size")), node.get("most", 100))
