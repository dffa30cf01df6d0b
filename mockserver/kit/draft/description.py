"""An OpenAPI document as the draft reads it: its operations, with schemas of today's dialect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.unchecked import list_in, object_in, one_or_more
from mockserver.kit.draft.dialect import modern
from mockserver.kit.draft.document import Origin
from mockserver.kit.draft.recording import schema_of
from mockserver.kit.drift.shape import kind_of

METHODS: Final = ("get", "put", "post", "delete", "patch")
JSON: Final = "application/json"
FORM: Final = "multipart/form-data"
COMPONENTS: Final = "#/components/schemas/"
_MOST_BRANCHES: Final = 48
_DEEPEST: Final = 8
_COMBINED: Final = ("$ref", "allOf", "anyOf", "oneOf")

Schema = Mapping[str, Any]


class DescribedOperation(NamedTuple):
    """An operation of a document. `body` is the schema of what is sent, `forms` the media types of that;
    `status`, `answer` and `media` are of what it answers when all goes well, `errors` schemas by status.
    """

    method: str
    path: str
    node: Mapping[str, Any]
    parameters: Sequence[dict[str, Any]]
    body: Any
    forms: Sequence[str]
    body_required: bool
    status: str
    answer: Any
    media: Sequence[str]
    errors: Mapping[str, Any]

    @property
    def name(self) -> str:
        """As a person writes it: `GET /v1/videos/{id}`."""
        return f"{self.method.upper()} {self.path}"

    @property
    def text(self) -> str:
        """What the document says of it, in small letters, its path too."""
        tags = " ".join(str(tag) for tag in list_in(self.node.get("tags")))
        words = (self.path, self.node.get("operationId"), self.node.get("summary"), tags)
        return " ".join(str(word) for word in words if word).lower()


class Description:
    """Looks things up in a document."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.document = origin.document
        self._schemas: dict[str, Any] = {}
        self.operations = [*self._operations()]

    def schema_at(self, reference: str) -> Any:
        """What a reference of a schema leads to, in today's dialect; an empty schema where it is not here."""
        if reference not in self._schemas:
            self._schemas[reference] = modern(self._node_at(reference), old=self.origin.old)
        return self._schemas[reference]

    def knows(self, reference: str) -> bool:
        """Whether there is something at the other end of a reference."""
        return self._node_at(reference) is not None

    def _node_at(self, reference: str) -> Any:
        if not reference.startswith("#"):
            return None
        for spelling in (reference, reference.replace("/$defs/", "/definitions/")):
            node = pointer.follow(self.document, pointer.parts(spelling[1:]))
            if isinstance(node, (dict, bool)):
                return node
        return None

    def resolved(self, node: Any) -> dict[str, Any]:
        """A parameter, body, response or path with its references followed."""
        for _ in range(_DEEPEST):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                break
            node = pointer.follow(self.document, pointer.parts(node["$ref"].removeprefix("#")))
        return object_in(node)

    def branches(self, schema: Any, depth: int = 0) -> list[dict[str, Any]]:
        """The forms that a value may have: schemas without references and without combinations.

        Of very many the first are given.
        """
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return [{}]
        forms = [{key: value for key, value in schema.items() if key not in _COMBINED}]
        for part in self._conjuncts(schema):
            forms = _product(forms, self.branches(part, depth + 1))
        for key in ("anyOf", "oneOf"):
            if key in schema:
                parts = [self.branches(part, depth + 1) for part in schema[key]]
                forms = _product(forms, [form for part in parts for form in part])
        return forms

    def _conjuncts(self, schema: Mapping[str, Any]) -> Iterator[Any]:
        if isinstance(schema.get("$ref"), str):
            yield self.schema_at(schema["$ref"])
        yield from list_in(schema.get("allOf"))

    def properties(self, schema: Any) -> dict[str, Any]:
        """The properties of all forms of an object; where forms differ, as alternatives."""
        merged: dict[str, Any] = {}
        for form in self.branches(schema):
            for name, part in object_in(form.get("properties")).items():
                merged[name] = _alternative(merged[name], part) if name in merged else part
        return merged

    def types(self, schema: Any) -> set[str]:
        """The types that a value may have; empty where the schema does not say."""
        return {name for form in self.branches(schema) for name in types_of(form)}

    def words(self, schema: Any) -> list[str]:
        """The texts that a schema lists: of `enum` and `const`, in their order."""
        listed: dict[str, None] = {}
        for form in self.branches(schema):
            values = [form["const"]] if "const" in form else list_in(form.get("enum"))
            listed.update((value, None) for value in values if isinstance(value, str))
        return list(listed)

    def shown(self, schema: Any) -> list[Any]:
        """The examples and defaults that a schema carries itself."""
        values = []
        for form in self.branches(schema):
            values += [*list_in(form.get("examples")), *([form["default"]] if "default" in form else [])]
        return values

    def _operations(self) -> Iterator[DescribedOperation]:
        for path, item in object_in(self.document.get("paths")).items():
            methods = self.resolved(item)
            for method in METHODS:
                node = methods.get(method)
                if isinstance(node, dict) and path.startswith("/"):
                    yield self._operation(method, path, node, list_in(methods.get("parameters")))

    def _operation(
        self, method: str, path: str, node: dict[str, Any], shared: list[Any]
    ) -> DescribedOperation:
        own = [self.resolved(parameter) for parameter in list_in(node.get("parameters"))]
        names = {(parameter.get("in"), parameter.get("name")) for parameter in own}
        outer = (self.resolved(parameter) for parameter in shared)
        own += [entry for entry in outer if (entry.get("in"), entry.get("name")) not in names]
        body = self.resolved(node.get("requestBody"))
        form, content = self._content(body)
        content = self._shown_body(content)
        status, answer, media, errors = self._answers(object_in(node.get("responses")))
        return DescribedOperation(
            method, path, node, own, content, form, bool(body.get("required")), status, answer, media, errors
        )

    def _content(self, holder: Mapping[str, Any]) -> tuple[list[str], Any]:
        """The media types of a body, and the schema of the JSON that it is, or that its form stands for."""
        content = object_in(holder.get("content"))
        kinds = {name.split(";")[0].strip().lower(): object_in(entry) for name, entry in content.items()}
        chosen = next((name for name in kinds if _is_json(name)), None) or next(iter(kinds), None)
        if chosen is None:
            return [], None
        entry = kinds[chosen]
        schema = modern(entry.get("schema", {}), old=self.origin.old)
        values = [entry["example"]] if "example" in entry else []
        values += [self.resolved(shown).get("value") for shown in object_in(entry.get("examples")).values()]
        return list(kinds), _with_examples(schema, values)

    def _shown_body(self, schema: Any) -> Any:
        """The schema of a body; where it names no fields, with those that the examples show."""
        bodies = [value for value in self.shown(schema) if isinstance(value, dict)] if schema else []
        if not bodies or self.properties(schema):
            return schema
        own = schema_of(bodies)
        return (
            {**schema, "type": "object", "properties": own["properties"]} if "properties" in own else schema
        )

    def _answers(self, responses: Mapping[str, Any]) -> tuple[str, Any, list[str], dict[str, Any]]:
        """Status, schema and media types of the answer when all goes well; the schemas of all others."""
        best: tuple[str, Any, list[str]] = ("", None, [])
        errors: dict[str, Any] = {}
        for status, node in sorted(responses.items()):
            media, schema = self._content(self.resolved(node))
            if status.startswith(("2", "3")):
                if not best[0] or (best[1] is None and schema is not None):
                    best = (f"{status[0]}00" if not status.isdigit() else status, schema, media)
            elif schema is not None and any(map(_is_json, media)):
                errors[status] = schema
        return best[0] or "200", best[1], best[2], errors


def types_of(form: Schema) -> list[str]:
    """The types that a schema names itself, or that its own words give away."""
    if "type" in form:
        return [str(name) for name in one_or_more(form["type"])]
    if "properties" in form:
        return ["object"]
    listed = [form["const"]] if "const" in form else list_in(form.get("enum"))
    if listed:
        return list(dict.fromkeys(map(kind_of, listed)))
    if "items" in form:
        return ["array"]
    return []


def _is_json(media_type: str) -> bool:
    return media_type.endswith(("json", "*/*"))


def _with_examples(schema: Any, values: list[Any]) -> Any:
    values = [value for value in values if value is not None]
    if not values or not isinstance(schema, dict):
        return schema
    return {**schema, "examples": [*values, *list_in(schema.get("examples"))]}


def _alternative(first: Any, second: Any) -> Any:
    if first == second:
        return first
    listed = first["anyOf"] if isinstance(first, dict) and first.keys() == {"anyOf"} else [first]
    return {"anyOf": listed if second in listed else [*listed, second]}


def _product(forms: list[dict[str, Any]], others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    pairs = [_joined(form, other) for form in forms for other in others]
    return pairs[:_MOST_BRANCHES]


def _joined(form: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """A schema for what two schemas say together, as far as drafts need it."""
    joined = {**other, **form}
    properties = {**object_in(other.get("properties"))}
    for name, part in object_in(form.get("properties")).items():
        properties[name] = {"allOf": [part, properties[name]]} if name in properties else part
    if properties:
        joined["properties"] = properties
    required = [*list_in(form.get("required")), *list_in(other.get("required"))]
    if required:
        joined["required"] = list(dict.fromkeys(required))
    return joined
