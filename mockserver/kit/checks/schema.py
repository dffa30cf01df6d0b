"""Bodies and headers against their schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract import pointer
from mockserver.contract.parameters import Parameters
from mockserver.contract.pointer import ABSENT
from mockserver.contract.validate import SchemaContext, Validator
from mockserver.contract.violation import Violation, brief
from mockserver.kit.checks import envelope
from mockserver.kit.checks.base import Breach, check, describe
from mockserver.kit.traffic import contract_locations
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.history import History
from mockserver.media.picture import measure


@check("schema.answer", "An answer's body matches the contract's schema for its status.")
def answer(call: Call, history: History) -> Iterator[Breach]:
    """By the documented answer of that status that comes nearest; `envelope.words` checks the constants."""
    if call.response_json is ABSENT or call.exchange.cut:
        return
    schemas = [documented.schema for documented in call.answers if documented.schema is not None]
    if not schemas or any(schema.is_valid(call.response_json) for schema in schemas):
        return
    if envelope.other_case(call) is not None:
        return
    mismatched = {at for _, (at, _, _) in envelope.mismatches(call)}
    violations = min((schema.explain(call.response_json) for schema in schemas), key=len)
    for violation in violations:
        if violation.pointer not in mismatched:
            actual = describe(violation)
            yield Breach(violation.expected, actual, violation.clause, violation.source, at=violation.pointer)


@check("schema.headers", "An answer's headers match the contract.")
def headers(call: Call, history: History) -> Iterator[Breach]:
    """The headers that the contract's response for the status names."""
    at = envelope.response_clause(call)
    documented = contract_locations.follow(call.contract, f"{at}/headers")[1]
    if not isinstance(documented, dict):
        return
    for name in documented:
        clause, node = contract_locations.follow(call.contract, f"{at}/headers{pointer.write((name,))}")
        value = call.exchange.response_header(name)
        if value is not None:
            for violation in _violations(call, name, value, node):
                yield Breach(f"{name}: {violation.expected}", brief(value), clause=clause)
        elif node.get("required") and not call.exchange.headerless:
            yield Breach(f"a header {name}", "none", clause=clause)


def _violations(call: Call, name: str, value: str, node: Mapping[str, Any]) -> list[Violation]:
    """The rules that a header's text breaks, read as its schema's type."""
    schema = {**node.get("schema", {}), "x-provenance": node.get("x-provenance", "")}
    group = {"type": "object", "properties": {"header": {"properties": {name: schema}}}}
    document = {"components": call.contract.document.get("components", {}), "paths": {"-": group}}
    validator = Validator(SchemaContext(document, call.contract.sources, measure), "/paths/-")
    readers = Parameters({("header", name): schema}, validator)
    return readers.read({"path": {}, "query": {}, "header": {name: value}})[1]
