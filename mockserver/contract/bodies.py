"""Compiles what judges the bodies of submits: schemas, rules, and the forms beside JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final

from mockserver.contract import pointer, source
from mockserver.contract.bundled import Bundled
from mockserver.contract.rules.base import BrokenRule
from mockserver.contract.submit_body import Body
from mockserver.contract.validate import Rules, Validator
from mockserver.contract.violation import Violation, cite

FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")
"""The media types of forms."""


class Bodies:
    """Compiles the bodies that `requestBody` describes. Raises ContractError."""

    def __init__(self, bundled: Bundled) -> None:
        self.bundled = bundled

    def body(self, node: dict[str, Any], at: str) -> Body:
        """What judges the body of the operation at `at`."""
        content = node.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            raise self.bundled.error("a submit needs requestBody.content['application/json'].schema", at)
        where = f"{at}/requestBody/content/application~1json/schema"
        required = bool(node["requestBody"].get("required"))
        null_is_absent = self.bundled.job.get("null") == "absent"
        rules = self.rules() if node["x-job"].get("rules", True) else None
        return Body(
            self.bundled.validator(where),
            rules,
            required=required,
            null_is_absent=null_is_absent,
            without_effect=[*self._without_effect(where)],
            forms=self.forms(content, at),
            fields=self.fields(where) if len(content) > 1 else {},
        )

    def forms(self, content: Mapping[str, Any], at: str) -> tuple[str, ...]:
        """The media types of the forms that are taken beside JSON, each with its schema."""
        others = tuple(name for name in content if name != "application/json")
        for name in others:
            here = f"{at}/requestBody/content{pointer.write((name,))}"
            if name not in FORMS:
                raise self.bundled.error(f"{name} is not read; beside JSON {' and '.join(FORMS)} are", here)
            if content[name].get("schema") != content["application/json"].get("schema"):
                raise self.bundled.error("a form needs the same schema as the JSON", f"{here}/schema")
        return others

    def fields(self, at: str) -> Mapping[str, Mapping[str, Any]]:
        """The schemas of the members of a body whose schema stands at `at`."""
        _, node = self.bundled.follow(at)
        properties = node.get("properties", {})
        return {name: source.resolve(self.bundled.document, schema) for name, schema in properties.items()}

    def _without_effect(self, at: str) -> Iterator[tuple[Validator, str]]:
        """What the schema at `at`, and those of its `allOf`, list as `x-without-effect`."""
        at, node = self.bundled.follow(at)
        parts = (self.bundled.follow(f"{at}/allOf/{number}") for number in range(len(node.get("allOf", ()))))
        for here, part in ((at, node), *parts):
            entries = part.get("x-without-effect", [])
            self.bundled.check_schema_part(entries, "without-effect", f"{here}/x-without-effect")
            for number, entry in enumerate(entries):
                yield self.bundled.validator(f"{here}/x-without-effect/{number}/if"), entry["says"]

    def rules(self) -> Rules | None:
        """The rules of the document that JSON Schema cannot say."""
        if "rules" not in self.bundled.job:
            return None
        name = f"mockserver.contract.rules.{self.bundled.job['rules']}"
        try:
            check: Callable[[Any, frozenset[str]], Iterator[BrokenRule]] = import_module(name).check
        except ModuleNotFoundError:
            raise self.bundled.error(f"there is no module {name}", "/x-job/rules") from None
        overlays = frozenset(self.bundled.overlays)

        def rules(body: Any) -> Iterator[Violation]:
            for broken in check(body, overlays):
                sent = pointer.follow(body, pointer.parts(broken.pointer))
                if sent is pointer.ABSENT:
                    sent = None
                cited = cite(broken.source, self.bundled.job["sources"])
                yield Violation("body", broken.pointer, broken.keyword, sent, broken.expected, cited)

        return rules
