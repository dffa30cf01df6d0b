"""Compiles the operations of a bundled document: their parameters, bodies and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from mockserver.contract import pointer, source
from mockserver.contract.answers import Answers
from mockserver.contract.bodies import Bodies
from mockserver.contract.bundled import Bundled
from mockserver.contract.callbacks import read_callback
from mockserver.contract.credential import Credential
from mockserver.contract.media_places import MediaPlaces
from mockserver.contract.model import (
    ClipSource,
    ContentFile,
    Operation,
    Paging,
    UploadRule,
)
from mockserver.contract.nodes import METHODS
from mockserver.contract.openapi_links import check_links
from mockserver.contract.parameters import Parameters, may_refuse
from mockserver.contract.places import SUBMITTED, beside_body, in_body, noted, split_place
from mockserver.contract.unchecked import object_in
from mockserver.contract.validate import Validator
from mockserver.contract.wait_rule import WaitRule
from mockserver.terms import MAKERS, Role

_PAGING: Final = ("number", "size", "cursor", "order", "offset")
_WITH_BODY: Final = MAKERS | {"upload"}


class Operations:
    """Compiles the operations that `paths` describes. Raises ContractError."""

    def __init__(self, bundled: Bundled) -> None:
        self.bundled = bundled
        self.answers = Answers(bundled)
        self.bodies = Bodies(bundled)

    def operations(self) -> dict[str, Operation]:
        """All operations, by their ids."""
        operations: dict[str, Operation] = {}
        for path, methods in self.bundled.document.get("paths", {}).items():
            for method in METHODS:
                if method in methods:
                    at = f"/paths{pointer.write((path, method))}"
                    operation = self.operation(path, method, methods, at)
                    if operation.id in operations:
                        message = f"the operationId {operation.id!r} is used twice"
                        raise self.bundled.error(message, f"{at}/operationId")
                    operations[operation.id] = operation
        self._check_roles(operations)
        if not self.bundled.sound:
            check_links(self.bundled, operations)
        self._check_of(operations)
        return _apart_from_sessions(operations)

    def _check_roles(self, operations: Mapping[str, Operation]) -> None:
        roles = {operation.role for operation in operations.values()}
        for role in ("submit", "read"):
            if role not in roles:
                raise self.bundled.error(f"no operation has the role {role}", "/paths")

    def _check_of(self, operations: Mapping[str, Operation]) -> None:
        submits = _of_role(operations, "submit")
        starts = {*submits, *_of_role(operations, "session")}
        for operation in operations.values():
            for index, name in enumerate(operation.of or ()):
                if name not in submits:
                    at = ("paths", operation.path, operation.method.lower(), "x-job", "of", index)
                    message = f"{name!r} is not a submit operation; submit operations: {', '.join(submits)}"
                    raise self.bundled.error(message, pointer.write(at))
            # A reading without some of the routes lacks their submits, but one must be there to go on from.
            makers = None if operation.source is None else operation.source.of
            if makers is not None and not starts & set(makers):
                where = ("paths", operation.path, operation.method.lower(), "x-job", "source", "of")
                message = f"none of them is a submit operation; submit operations: {', '.join(submits)}"
                raise self.bundled.error(message, pointer.write(where))

    def operation(self, path: str, method: str, methods: dict[str, Any], at: str) -> Operation:
        """The operation of a method and path, which stands at `at`."""
        node = methods[method]
        if not isinstance(node.get("x-job"), dict):
            raise self.bundled.error("x-job is missing: what does this operation do to a job?", at)
        job = node["x-job"]
        self.bundled.check_part(job, "operation", f"{at}/x-job")
        if "operationId" not in node:
            raise self.bundled.error("operationId is missing", at)
        answers = self.answers.of_operation(node.get("responses", {}), f"{at}/responses")
        security = node.get("security", self.bundled.document.get("security"))
        credentials = self.credentials(security, at if "security" in node else "")
        listed = (*methods.get("parameters", ()), *node.get("parameters", ()))
        parameters = [source.resolve(self.bundled.document, parameter) for parameter in listed]
        refuses = any(map(may_refuse, parameters))
        self.answers.check(job["role"], answers, at, secured=bool(credentials), refuses=refuses)
        return Operation(
            id=node["operationId"],
            method=method.upper(),
            path=path,
            role=job["role"],
            credential=next(iter(credentials), None) if all(security or ()) else None,
            credentials=credentials,
            parameters=self.parameters(parameters, job, at),
            body=self.bodies.body(node, at) if job["role"] in _WITH_BODY else None,
            answers=self.answers.completed(answers),
            key=split_place(job.get("key")),
            by=self.by(job, at),
            of=tuple(job["of"]) if "of" in job else None,
            model_at=in_body(job.get("model")) or (),
            default_model=job.get("default-model"),
            alias_at=in_body(job.get("alias")),
            callback_at=in_body(job.get("callback")),
            model_places=beside_body(job.get("model")),
            alias_place=next(iter(beside_body(job.get("alias"))), None),
            callback_place=next(iter(beside_body(job.get("callback"))), None),
            noted=noted(parameters, job),
            spans=self.spans(parameters, at),
            callback=read_callback(self.bundled, node, at),
            filters={place.partition(".")[2]: field for place, field in job.get("filters", {}).items()},
            page=_page(job.get("page", {})),
            media=MediaPlaces({**self.bundled.job["media"], **job.get("media", {})}),
            source=_source(job.get("source")),
            makes_images=job.get("makes") == "images",
            credits=float(job.get("credits", 0)),
            upload=_upload(job.get("upload")),
            file=_file(job.get("file", "video")) if job["role"] == "content" else None,
            wait=_wait(job.get("wait")),
        )

    def by(self, job: dict[str, Any], at: str) -> tuple[str, ...]:
        """What the key of an operation may be: `id`, `alias`, a further id of the document."""
        known = ("id", "alias", *self.bundled.job.get("ids", {}))
        for index, name in enumerate(job.get("by", ())):
            if name not in known:
                message = f"{name!r} is not one of {', '.join(known)}"
                raise self.bundled.error(message, f"{at}/x-job/by/{index}")
        return tuple(job.get("by", ("id",)))

    def credentials(self, security: list[dict[str, Any]] | None, at: str) -> tuple[Credential, ...]:
        """The schemes of each requirement: the first, with those that it needs besides. Alternatives that
        begin with a header are before the others."""
        alternatives = [
            [self.credential(name, at) for name in requirement]
            for requirement in security or ()
            if requirement
        ]
        whole = [first._replace(also=tuple(more)) for first, *more in alternatives]
        return tuple(sorted(dict.fromkeys(whole), key=lambda credential: credential.place != "header"))

    def credential(self, name: str, at: str) -> Credential:
        """Where a security scheme has the key."""
        schemes = object_in(pointer.follow(self.bundled.document, ("components", "securitySchemes")))
        if name not in schemes:
            message = f"{name!r} is not one of the security schemes: {', '.join(schemes) or 'there are none'}"
            raise self.bundled.error(message, f"{at}/security")
        scheme = schemes[name]
        match scheme:
            case {"type": "http", "scheme": str(word)} if word.lower() != "basic":
                return Credential(b"authorization", word.lower(), self.signer(scheme, name))
            case {"type": "apiKey", "in": "header", "name": str(header)}:
                return Credential(header.lower().encode(), "")
            case {"type": "apiKey", "in": "query" | "cookie" as place, "name": str(parameter)}:
                return Credential(parameter.encode(), "", place=place)
        message = f"security scheme {name!r} is neither http with a key nor an apiKey"
        raise self.bundled.error(message, f"{at}/security")

    def signer(self, scheme: dict[str, Any], name: str) -> str:
        """The claim that names the caller in a token that it signs; empty where keys are sent as they are."""
        if "x-key-pair" not in scheme:
            return ""
        at = pointer.write(("components", "securitySchemes", name, "x-key-pair"))
        self.bundled.check_part(scheme["x-key-pair"], "key-pair", at)
        return str(scheme["x-key-pair"]["caller"])

    def spans(self, parameters: list[Any], at: str) -> tuple[str, ...]:
        """The places of the path that may hold slashes."""
        spanning = [parameter for parameter in parameters if "x-spans" in parameter]
        for parameter in spanning:
            if parameter["in"] != "path" or parameter["x-spans"] is not True:
                message = f"x-spans is true, and of a path parameter; {parameter['name']} is none"
                raise self.bundled.error(message, f"{at}/parameters")
        return tuple(parameter["name"] for parameter in spanning)

    def parameters(self, nodes: list[Any], job: dict[str, Any], at: str) -> Parameters:
        schemas: dict[tuple[str, str], Mapping[str, Any]] = {}
        required: dict[str, list[str]] = {"path": [], "query": [], "header": []}
        for node in nodes:
            place = node["in"]
            if place not in required:
                continue
            name = node["name"]
            if place == "header":
                name = name.lower()
            schemas[place, name] = {"x-provenance": node.get("x-provenance", ""), **node.get("schema", {})}
            if node.get("required") and name not in required[place]:
                required[place].append(name)
        self._check_places(schemas, job, at)
        if not schemas:
            return Parameters({}, None)
        return Parameters(schemas, self._parameter_validator(schemas, required, f"{at}/parameters"))

    def _check_places(self, schemas: Mapping[tuple[str, str], Any], job: dict[str, Any], at: str) -> None:
        page = job.get("page", {})
        file = job.get("file")
        at_file = file["at"] if isinstance(file, dict) else None
        at_wait = job.get("wait", {}).get("at")
        paging = (page.get(word) for word in _PAGING)
        places = [job.get("key"), *job.get("filters", {}), *paging, at_file, at_wait]
        submitted = [place for word in SUBMITTED for place in beside_body(job.get(word))]
        for place in (*map(split_place, places), *submitted):
            if place is not None and place not in schemas:
                message = f"{'.'.join(place)} is not a parameter of this operation"
                raise self.bundled.error(message, f"{at}/x-job")
        for word in ("number", "size", "offset"):
            place_of_number = split_place(page.get(word))
            if place_of_number is not None and schemas[place_of_number].get("type") != "integer":
                raise self.bundled.error(f"{page[word]} must be an integer", f"{at}/x-job/page/{word}")

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


def _of_role(operations: Mapping[str, Operation], role: Role) -> tuple[str, ...]:
    return tuple(operation.id for operation in operations.values() if operation.role == role)


def _apart_from_sessions(operations: dict[str, Operation]) -> dict[str, Operation]:
    """The operations, of which none that is about all submits is about sessions too."""
    if not _of_role(operations, "session"):
        return operations
    submits = _of_role(operations, "submit")
    return {name: _about(operation, submits) for name, operation in operations.items()}


def _about(operation: Operation, submits: tuple[str, ...]) -> Operation:
    source = operation.source
    if source is not None and source.of is None:
        source = source._replace(of=submits)
    of = operation.of if operation.role in MAKERS else operation.of or submits
    return replace(operation, of=of, source=source)


def _source(node: Mapping[str, Any] | None) -> ClipSource | None:
    if node is None:
        return None
    of = tuple(node["of"]) if "of" in node else None
    return ClipSource(pointer.parts(node["video"]), of, node.get("adds", 0.0), node.get("most", float("inf")))


def _upload(node: Mapping[str, Any] | None) -> UploadRule | None:
    if node is None:
        return None
    return UploadRule(pointer.parts(node["kind"]), node["types"], node["seconds"])


def _file(node: str | Mapping[str, Any]) -> ContentFile:
    if isinstance(node, str):
        return ContentFile(None, {"": node})
    return ContentFile(split_place(node["at"]), node["of"])


def _wait(node: Mapping[str, Any] | None) -> WaitRule | None:
    place = split_place(None if node is None else node["at"])
    if node is None or place is None:
        return None
    return WaitRule(place, node["word"], node["seconds"])


def _page(node: Mapping[str, Any]) -> Paging:
    def parameter(word: str) -> str | None:
        place = split_place(node.get(word))
        return None if place is None else place[1]

    number, size, cursor, order, offset = map(parameter, _PAGING)
    return Paging(number, size, node.get("most", 100), cursor, order, offset)
