"""Judges the body of a submit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.validate import Rules, Validator
from mockserver.contract.violation import Violation

_NESTED: Final = (dict, list)


class Body:
    """The body of a submit: its schema, and the rules that JSON Schema cannot say.

    With `null_is_absent` a member that is null counts as not sent, unless the body is valid with it.
    `without_effect` has schemas of bodies in which something is sent in vain, each with a sentence about it.
    `forms` are the media types of forms that are taken beside JSON, `fields` the schemas of their fields.
    """

    def __init__(
        self,
        schema: Validator,
        rules: Rules | None,
        *,
        required: bool,
        null_is_absent: bool,
        without_effect: Sequence[tuple[Validator, str]] = (),
        forms: Collection[str] = (),
        fields: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    ) -> None:
        self.schema = schema
        self.required = required
        self.null_is_absent = null_is_absent
        self.has_rules = rules is not None
        self.forms = forms
        self.fields = fields
        self._rules = rules
        self._without_effect = without_effect
        self.has_advice = bool(without_effect)

    def present(self, body: Any) -> Any:
        """The body without the members that count as not sent."""
        if not self.null_is_absent or self._passes(body):
            return body
        return without_nulls(body)

    def is_valid(self, body: Any) -> bool:
        """Whether schema and rules both pass."""
        if self._passes(body):
            return True
        if not self.null_is_absent:
            return False
        present = without_nulls(body)
        return present != body and self._passes(present)

    def _passes(self, body: Any) -> bool:
        return self.schema.is_valid(body) and not (self._rules and any(True for _ in self._rules(body)))

    def unknown(self, body: Any) -> list[str]:
        """JSON pointers of keys that the contract does not name."""
        return self.schema.unknown(self.present(body))

    def without_effect(self, body: Any) -> list[str]:
        """A sentence for each thing that the valid body says in vain."""
        return [says for schema, says in self._without_effect if schema.is_valid(body)]

    def explain(self, body: Any) -> list[Violation]:
        """Every violation. A rule's own message replaces those of the schema nodes that mirror it."""
        if self.null_is_absent:
            return [_of_null(violation, body) for violation in self._explain(without_nulls(body))]
        return self._explain(body)

    def _explain(self, body: Any) -> list[Violation]:
        violations = self.schema.explain(body)
        unruled = [violation for violation in violations if violation.rule is None]
        if unruled or self._rules is None:
            return unruled or violations
        return list(self._rules(body)) or violations


def without_nulls(value: Any) -> Any:
    """A JSON value without the members that are null, at any depth. Items of arrays stay."""
    # Most members are texts: a call for each of them would take most of the time.
    if isinstance(value, dict):
        return {
            name: without_nulls(member) if isinstance(member, _NESTED) else member
            for name, member in value.items()
            if member is not None
        }
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def _of_null(violation: Violation, body: Any) -> Violation:
    """The violation in Kling's own words (K13) where a required member was sent as null."""
    if violation.keyword != "required" or pointer.follow(body, pointer.parts(violation.pointer)) is not None:
        return violation
    return violation._replace(expected="can not be null")
