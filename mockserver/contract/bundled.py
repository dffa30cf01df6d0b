"""A bundled document while it is compiled: its validators, and errors that name the file of their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.contract import pointer, source
from mockserver.contract.extension import check_part, innermost_problem
from mockserver.contract.formats import Measure
from mockserver.contract.links import Links
from mockserver.contract.template import Writing
from mockserver.contract.unchecked import object_in
from mockserver.contract.validate import SchemaContext, Validator
from mockserver.errors import ContractError

if TYPE_CHECKING:
    import jsonschema_rs


class Bundled:
    """One bundled document, the files it was made of, and the overlays that were applied.

    A `sound` document is not checked; its validators and templates are compiled when they are first used.
    """

    def __init__(
        self,
        files: source.Source,
        document: dict[str, Any],
        overlays: tuple[str, ...],
        measure: Measure,
        *,
        sound: bool = False,
    ) -> None:
        self.sound = sound
        self.files = files
        self.document = document
        self.overlays = overlays
        self.job: dict[str, Any] = document["x-job"]
        self.writing = Writing(self.job["time"], Links(document), frozenset(self.job.get("ids", {})))
        self.measure = measure
        self._context = SchemaContext(document, self.job["sources"], measure)
        self._validators: dict[str, Validator] = {}

    def error(self, message: str, at: str) -> ContractError:
        """An error about the place `at` of the bundled document; it names the file that this comes from."""
        file, within = source.origin(self.files, at)
        return ContractError(message, file=file, pointer=within)

    def check_part(self, node: Any, part: str, at: str) -> None:
        """Raise ContractError where the node at `at` breaks that part of x-job.schema.json."""
        if not self.sound:
            check_part(node, part, source.DOCUMENT, at)

    def check_schema_part(self, node: Any, part: str, at: str) -> None:
        """As `check_part`, of a node within a schema, which has a file of its own."""
        broken = None if self.sound else innermost_problem(node, part)
        if broken is not None:
            raise self.error(broken[1], at + broken[0])

    def follow(self, at: str) -> tuple[str, dict[str, Any]]:
        """The schema at `at`, or the one that it only refers to, with the place where that stands."""
        node = object_in(pointer.follow(self.document, pointer.parts(at)))
        if node.keys() == {"$ref"} and isinstance(node["$ref"], str):
            return self.follow(node["$ref"].removeprefix("#"))
        return at, node

    def validator(self, at: str) -> Validator:
        """The validator of the schema at `at`, compiled once. Raises ContractError."""
        at, _ = self.follow(at)
        if at not in self._validators:
            self._validators[at] = self._compiled(self._context, at, at)
        return self._validators[at]

    def inline(self, schema: Mapping[str, Any], reported_at: str) -> Validator:
        """The validator of a schema that the document lacks. Raises ContractError at `reported_at`."""
        document: dict[str, Any] = {"paths": {"-": schema}}
        # A validator reads all components again, so they come along only where a reference may need them.
        if b'"$ref"' in orjson.dumps(schema):
            document["components"] = self.document["components"]
        context = SchemaContext(document, self._context.sources, self.measure)
        return self._compiled(context, "/paths/-", reported_at)

    def _compiled(self, context: SchemaContext, at: str, reported_at: str) -> Validator:
        validator = Validator(context, at)
        if self.sound:
            return validator
        import jsonschema_rs

        try:
            validator.compile()
        except jsonschema_rs.ValidationError as error:
            raise self._schema_error(error, reported_at) from None
        except (jsonschema_rs.ReferencingError, ValueError) as error:
            raise self.error(f"is not a usable JSON Schema: {error}".splitlines()[0], reported_at) from None
        return validator

    def _schema_error(self, error: jsonschema_rs.ValidationError, reported_at: str) -> ContractError:
        path = tuple(map(str, error.instance_path))
        message = f"is not a usable JSON Schema: {error.message.splitlines()[0]}"
        if path[:1] == ("components",):
            return self.error(message, pointer.write(path))
        if path[:2] == ("paths", "-") and len(path) > 5:
            message = f"parameter {path[5]} {message}"
        return self.error(message, reported_at)
