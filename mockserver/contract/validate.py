"""Checks a request or response against its schema: decides in a microsecond, and explains every violation.

`jsonschema-rs` does both, so the two cannot differ; tests/contract compares it with `jsonschema`, an
independent implementation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from mockserver.contract import pointer
from mockserver.contract.closing import close_document
from mockserver.contract.formats import Measure, image_problem, is_known_url
from mockserver.contract.nearest_branch import nearest_branch
from mockserver.contract.shortened import original_text, shortening
from mockserver.contract.source import resolve
from mockserver.contract.unchecked import object_in
from mockserver.contract.violation import Clause, Violation, beside, cite, in_words, problem_of, read_clause

# Imported where a schema is compiled: it takes 5 ms, and what is asked first may need no schema.
if TYPE_CHECKING:
    import jsonschema_rs

_URI: Final = "contract:document"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

Original = Callable[[Any], Any]
"""Gives the value that was sent for one that the validator had, in which long texts are shortened."""


class SchemaContext:
    """What the validators of one bundled document share: the document, and its sources' titles by code."""

    def __init__(self, document: Mapping[str, Any], sources: Mapping[str, str], measure: Measure) -> None:
        self.document = document
        self.sources = sources
        self.keywords = {"x-image": _image_keyword(measure)}

    @cached_property
    def registry(self) -> jsonschema_rs.Registry:
        """The document, read once for all validators that refer into it."""
        return _registry(self.document)


def draft() -> int:
    """The number that the validator has for the dialect."""
    import jsonschema_rs

    return int(jsonschema_rs.Draft202012)


def _registry(document: Mapping[str, Any]) -> jsonschema_rs.Registry:
    import jsonschema_rs

    return jsonschema_rs.Registry([(_URI, _referable(document))])


def _referable(document: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a document that a schema can refer to."""
    return {key: document[key] for key in ("components", "paths") if key in document}


class Validator:
    """One schema of a bundled document, at `at` (JSON pointer)."""

    def __init__(self, context: SchemaContext, at: str) -> None:
        self._context = context
        self._at = at
        self._clauses: dict[tuple[str | int, ...], Clause] = {}

    def compile(self) -> None:
        """Compile the schema now and not at its first use. Raises jsonschema_rs' errors, ValueError."""
        _ = self.is_valid

    @cached_property
    def _compiled(self) -> jsonschema_rs.Draft202012Validator:
        return self._compile(self._context.registry, self._context.keywords)

    @cached_property
    def is_valid(self) -> Callable[[Any], bool]:
        """Whether a value is valid."""
        decide: Callable[[Any], bool] = self._compiled.is_valid
        return decide

    def schema(self) -> dict[str, Any]:
        """The schema as a document of its own, for any other validator."""
        reference = f"#{quote(self._at, safe='/~')}"
        return {"$schema": DIALECT, "$ref": reference, **_referable(self._context.document)}

    def _compile(
        self, registry: jsonschema_rs.Registry, keywords: dict[str, type]
    ) -> jsonschema_rs.Draft202012Validator:
        import jsonschema_rs

        root = {"$schema": DIALECT, "$ref": f"{_URI}#{quote(self._at, safe='/~')}"}
        return jsonschema_rs.Draft202012Validator(
            root, registry=registry, validate_formats=False, keywords=keywords
        )

    @cached_property
    def _closed(self) -> jsonschema_rs.Draft202012Validator:
        return self._compile(_registry(close_document(self._context.document, self._at)), {})

    def unknown(self, instance: Any) -> list[str]:
        """JSON pointers of keys that the contract does not name."""
        if self._closed.is_valid(instance):
            return []
        import jsonschema_rs

        pointers: list[str] = []
        with shortening() as shortener:
            errors = [*self._closed.iter_errors(shortener.shorten(instance))]
        for error in errors:
            if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.UnevaluatedProperties):
                pointers += [pointer.write((*error.instance_path, name)) for name in error.kind.unexpected]
        return pointers

    def explain(self, instance: Any, place: str = "body") -> list[Violation]:
        """The violations, one for each keyword and place; where the type is wrong, only that one."""
        violations: dict[tuple[str, str], Violation] = {}
        with shortening() as shortener:
            errors = [*self._compiled.iter_errors(shortener.shorten(instance))]
        for error in errors:
            violation = self._violation(error, place, shortener.original, instance)
            violations.setdefault((violation.pointer, violation.keyword), violation)
        return [
            violation
            for (at, keyword), violation in violations.items()
            if keyword == "type" or (at, "type") not in violations
        ]

    @cached_property
    def _defaults(self) -> Mapping[str, Any]:
        """What the schema's own members are where they are not sent."""
        document = self._context.document
        node = resolve(document, pointer.follow(document, pointer.parts(self._at)))
        members = object_in(node.get("properties")).items()
        resolved = {name: object_in(resolve(document, member)) for name, member in members}
        return {name: member["default"] for name, member in resolved.items() if "default" in member}

    def _violation(
        self, error: jsonschema_rs.ValidationError, place: str, original: Original, whole: Any
    ) -> Violation:
        path, sent = tuple(error.schema_path), original(error.instance)
        clause = self._clauses.get(path)
        if clause is None:
            clause = self._clauses[path] = read_clause(self._context.document, path, self._context.sources)
        at, keyword = pointer.write(error.instance_path), str(path[-1])
        if keyword == "dependentRequired":
            clause = clause._replace(expected=beside(self._context.document, path, error.kind.value, sent))
            keyword = "required"
        if keyword == "required":
            sent = None
        says = in_words(clause.says, sent, whole, self._defaults) if clause.says else ""
        if keyword == "required":
            return self._missing(clause, place, at, str(error.kind.value))._replace(says=says)
        return Violation(
            place=place,
            pointer=at,
            keyword=keyword,
            sent=sent,
            expected=clause.expected,
            source=clause.source,
            problem=problem_of(keyword, error.message, getattr(error.kind, "unexpected", ()))
            or self._problem_of_branch(clause, error, original, whole),
            rule=clause.rule,
            clause=clause.at,
            says=says,
        )

    def _problem_of_branch(
        self, clause: Clause, error: jsonschema_rs.ValidationError, original: Original, whole: Any
    ) -> str:
        """What the form that was meant has against the value, where the contract has no words of its own."""
        errors = nearest_branch(error) if clause.forms else ()
        if not errors:
            return ""
        cause = self._violation(errors[0], "body", original, whole)
        return f"fits none of the forms: {cause._replace(source='').text()}"

    def _missing(self, clause: Clause, place: str, at: str, name: str) -> Violation:
        node = clause.properties.get(name, {})
        source, expected = clause.source, clause.expected
        if node.get("x-provenance"):
            source = cite(node["x-provenance"], self._context.sources)
        if node.get("x-expected"):
            expected = f"{expected}, expected {node['x-expected']}"
        at = at + pointer.write((name,))
        return Violation(place, at, "required", None, expected, source, rule=clause.rule, clause=clause.at)


def _image_keyword(measure: Measure) -> type:
    class Image:
        def __init__(self, parent: dict[str, Any], value: dict[str, Any], path: list[str | int]) -> None:
            self.rule = value
            self.urls = "url" in value["forms"]

        def validate(self, instance: Any) -> None:
            if not isinstance(instance, str) or (self.urls and is_known_url(instance)):
                return
            if problem := image_problem(original_text(instance), self.rule, measure):
                raise ValueError(problem)

    return Image


Rules = Callable[[Any], Iterator[Violation]]
