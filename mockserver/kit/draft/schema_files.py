"""Puts the schemas that a contract uses into files of their own, each with its references."""

from __future__ import annotations

from typing import Any, Final

from mockserver.contract.unchecked import object_in
from mockserver.contract.validate import DIALECT
from mockserver.kit.draft.description import COMPONENTS, Description
from mockserver.kit.draft.joined import PARTS
from mockserver.kit.draft.vocabulary import slug

_MAPS: Final = ("properties", "patternProperties", "$defs", "dependentSchemas")
_DATA: Final = ("examples", "default", "const", "enum")


class SchemaFiles:
    """The files of `schemas/`. A schema that is referred to is written once, when it is first needed."""

    def __init__(self, description: Description) -> None:
        self._description = description
        self._names: dict[str, str] = {}
        self.files: dict[str, dict[str, Any]] = {}
        self.lost: list[str] = []

    def message(self, schema: Any, name: str) -> dict[str, Any]:
        """How the document refers to a message's schema: a component by its file, else one called `name`."""
        if isinstance(schema, dict) and schema.keys() == {"$ref"}:
            return {"$ref": f"schemas/{self._file(schema['$ref'])}"}
        own = self._free(slug(name))
        self.files[own] = {}
        self.files[own] = {"$schema": DIALECT, "title": name, **self._within(schema)}
        return {"$ref": f"schemas/{own}"}

    def inline(self, schema: Any) -> Any:
        """A small schema as it stands in the document, as that of a parameter does."""
        return self._rewritten(schema, "schemas/")

    def _within(self, schema: Any) -> dict[str, Any]:
        rewritten = self._rewritten(schema, "")
        if isinstance(rewritten, dict):
            return rewritten
        return {}

    def _rewritten(self, node: Any, folder: str) -> Any:
        if isinstance(node, list):
            return [self._rewritten(child, folder) for child in node]
        if not isinstance(node, dict):
            return node
        written: dict[str, Any] = {}
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                written |= self._referring(value, folder)
            elif key in _DATA:
                written[key] = value
            elif key in _MAPS and isinstance(value, dict):
                # A field may be called as a keyword is.
                written[key] = {name: self._rewritten(part, folder) for name, part in value.items()}
            else:
                written[key] = self._rewritten(value, folder)
        return written

    def _referring(self, reference: str, folder: str) -> dict[str, str]:
        if self._description.knows(reference):
            return {"$ref": f"{folder}{self._file(reference)}"}
        self.lost.append(reference)
        return {}

    def _file(self, reference: str) -> str:
        """The file of what a reference leads to."""
        if reference not in self._names:
            last = reference.removeprefix(COMPONENTS).removeprefix(f"#/{PARTS}/")
            name = self._free(slug(last.replace("~1", "/").replace("/properties/", "-")))
            self._names[reference] = name
            self.files[name] = {}
            schema = self._description.schema_at(reference)
            body = self._within(object_in(schema))
            if schema is False:
                body = {"not": {}}
            self.files[name] = {"$schema": DIALECT, "title": last.rpartition("/")[2], **body}
        return self._names[reference]

    def _free(self, name: str) -> str:
        number = 2
        chosen = f"{name}.json"
        while chosen in self.files:
            chosen = f"{name}-{number}.json"
            number += 1
        return chosen
