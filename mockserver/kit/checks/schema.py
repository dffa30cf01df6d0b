"""Bodies and headers against their schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract import pointer
from mockserver.contract.pointer import ABSENT
from mockserver.contract.validate import Home, Parameters, Validator
from mockserver.contract.violation import Violation, brief
from mockserver.kit.checks import envelope
from mockserver.kit.checks.base import Breach, check
from mockserver.kit.traffic import clauses
from mockserver.kit.traffic.call import Call
from mockserver.kit.traffic.history import History
from mockserver.media.picture import measure


@check("schema.answer", "An answer's body matches the contract's schema for its status.")
def answer(call: Call, history: History) -> Iterator[Breach]:
    """By the likeliest answer of that status; words of a case are the envelope's matter."""
    if call.response_json is ABSENT or call.exchange.cut:
        return
    schemas = [one.schema for one in call.answers if one.schema is not None]
    if not schemas or any(schema.is_valid(call.response_json) for schema in schemas):
        return
    if envelope.other_case(call) is not None:
        return
    said = {misfit[0] for _, misfit in envelope.misfits(call)}
    found = min((schema.explain(call.response_json) for schema in schemas), key=len)
    for one in found:
        if one.pointer not in said:
            actual = "is absent" if one.keyword == "required" else f"{brief(one.sent)} {one.fault}".strip()
            yield Breach(one.expected, actual, clause=one.clause, source=one.source, at=one.pointer)


@check("schema.headers", "An answer's headers match the contract.")
def headers(call: Call, history: History) -> Iterator[Breach]:
    """Those that the response of the status names."""
    at = envelope.place(call)
    named = clauses.follow(call.contract, f"{at}/headers")[1] if at else None
    for name in named if isinstance(named, dict) else ():
        here, node = clauses.follow(call.contract, f"{at}/headers{pointer.write((name,))}")
        value = call.exchange.response_header(name)
        if value is None and node.get("required"):
            yield Breach(f"a header {name}", "none", clause=here)
        for one in _faults(call, name, value, node) if value is not None else ():
            yield Breach(f"{name}: {one.expected}", brief(value), clause=here)


def _faults(call: Call, name: str, value: str, node: Mapping[str, Any]) -> list[Violation]:
    """What is wrong with a header's text, read as its schema's type."""
    schema = {**node.get("schema", {}), "x-provenance": node.get("x-provenance", "")}
    group = {"type": "object", "properties": {"header": {"properties": {name: schema}}}}
    document = {"components": call.contract.document.get("components", {}), "paths": {"-": group}}
    validator = Validator(Home(document, call.contract.sources, measure), "/paths/-")
    readers = Parameters({("header", name): schema}, validator)
    return readers.read({"path": {}, "query": {}, "header": {name: value}})[1]
