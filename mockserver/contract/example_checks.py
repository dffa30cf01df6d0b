"""Checks the examples of a document against the schemas beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mockserver.contract import nodes, pointer
from mockserver.contract.formats import Measure
from mockserver.contract.model import Contract
from mockserver.contract.nodes import JSON, NodePlace, PlacedMessage
from mockserver.contract.source import Source
from mockserver.contract.submit_body import Body
from mockserver.contract.validate import SchemaContext, Validator
from mockserver.contract.violation import Violation


def check_examples(files: Source, contract: Contract, measure: Measure) -> Iterator[PlacedMessage]:
    """Examples of bodies, answers and parameters against their own schemas."""
    context = SchemaContext(contract.document, contract.sources, measure)
    for place in nodes.operations(files):
        request = nodes.resolve(files, place.child("requestBody")).child(*JSON)
        body = _submit_body(contract, place)
        if body is None:
            yield from _check_examples_of(files, request, _validator(context, request).explain)
        else:
            yield from _check_examples_of(files, request, body.explain)
        for holder in _answers_and_parameters(files, place):
            yield from _check_examples_of(files, holder, _validator(context, holder).explain)


def _submit_body(contract: Contract, place: NodePlace) -> Body | None:
    """The body of the submit at a place, which knows rules besides its schema; None for all others."""
    for operation in contract.operations.values():
        if place.pointer == pointer.write(("paths", operation.path, operation.method.lower())):
            return operation.body
    return None


def _validator(context: SchemaContext, holder: NodePlace) -> Validator:
    return Validator(context, holder.child("schema").pointer)


def _answers_and_parameters(files: Source, place: NodePlace) -> Iterator[NodePlace]:
    responses, parameters = place.child("responses"), place.child("parameters")
    for key in nodes.keys(files, responses):
        yield nodes.resolve(files, responses.child(key)).child(*JSON)
    for key in nodes.keys(files, parameters):
        yield nodes.resolve(files, parameters.child(key))


def _check_examples_of(
    files: Source, holder: NodePlace, explain: Callable[[Any], list[Violation]]
) -> Iterator[PlacedMessage]:
    """The examples of a media type or parameter, where it has a schema."""
    if nodes.follow(files, holder.child("schema")) is pointer.ABSENT:
        return
    for at, value in _examples(files, holder):
        for violation in explain(value):
            message = violation.text().replace("the body is", "it is", 1)
            yield at, f"the example is not valid: {message}"


def _examples(files: Source, holder: NodePlace) -> Iterator[tuple[NodePlace, Any]]:
    single = nodes.follow(files, holder.child("example"))
    if single is not pointer.ABSENT:
        yield holder.child("example"), single
    for name in nodes.keys(files, holder.child("examples")):
        at = nodes.resolve(files, holder.child("examples", name)).child("value")
        value = nodes.follow(files, at)
        if value is not pointer.ABSENT:
            yield at, value
