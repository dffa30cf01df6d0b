"""A bundled document at hand while it is compiled: its validators, and where its errors stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import orjson

from mockserver.contract import pointer, source
from mockserver.contract.extension import conform
from mockserver.contract.formats import Measure
from mockserver.contract.validate import Home, Validator
from mockserver.errors import ContractError


class Bundled:
    """One bundled document, the files it was made of, and the overlays that were laid.

    Of a `sound` one nothing is examined, and validators are compiled when they are first used.
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
        self._sound = sound
        self.files = files
        self.document = document
        self.overlays = overlays
        self.job: dict[str, Any] = document["x-job"]
        self._measure = measure
        self._home = Home(document, self.job["sources"], measure)
        self._validators: dict[str, Validator] = {}

    def fail(self, message: str, at: str) -> ContractError:
        """An error about what stands at `at` of the bundled document, in the file it comes from."""
        file, within = source.origin(self.files, at)
        return ContractError(message, file=file, pointer=within)

    def conform(self, node: Any, part: str, at: str) -> None:
        """Raise ContractError where the node at `at` breaks that part of x-job.schema.json."""
        if not self._sound:
            conform(node, part, source.DOCUMENT, at)

    def validator(self, at: str) -> Validator:
        """The validator of the schema at `at`, compiled once. Raises ContractError."""
        node = pointer.follow(self.document, pointer.parts(at))
        if isinstance(node, dict) and node.keys() == {"$ref"} and isinstance(node["$ref"], str):
            return self.validator(node["$ref"].removeprefix("#"))
        if at not in self._validators:
            self._validators[at] = self._usable(self._home, at, at)
        return self._validators[at]

    def inline(self, schema: Mapping[str, Any], blame: str) -> Validator:
        """The validator of a schema that stands nowhere in the document. Raises ContractError at `blame`."""
        # Read for each such schema, so only where something can refer to it.
        components = self.document["components"] if b'"$ref"' in orjson.dumps(schema) else {}
        document = {"components": components, "paths": {"-": schema}}
        return self._usable(Home(document, self._home.sources, self._measure), "/paths/-", blame)

    def _usable(self, home: Home, at: str, blame: str) -> Validator:
        validator = Validator(home, at)
        if self._sound:
            return validator
        try:
            validator.compile()
        except jsonschema_rs.ValidationError as error:
            path = tuple(map(str, error.instance_path))
            where = pointer.write(path) if path[:1] == ("components",) else blame
            name = f"parameter {path[5]} " if path[:2] == ("paths", "-") and len(path) > 5 else ""
            said = f"{name}is no usable JSON Schema: {error.message.splitlines()[0]}"
            raise self.fail(said, where) from None
        except (jsonschema_rs.ReferencingError, ValueError) as error:
            raise self.fail(f"is no usable JSON Schema: {error}".splitlines()[0], blame) from None
        return validator
