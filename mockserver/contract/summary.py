"""A contract as rows for a reader: operations, fields, states, models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from mockserver.contract import fields
from mockserver.contract.fields import Field
from mockserver.contract.model import Contract, Model, Operation
from mockserver.contract.nodes import METHODS
from mockserver.contract.provenance import KEY, assumed, split
from mockserver.contract.source import resolve

JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class OperationRow:
    """An operation, with the status and case of each answer (`200 default`). `waits` says how it can wait."""

    id: str
    method: str
    path: str
    role: str
    answers: tuple[str, ...]
    tag: str
    source: str
    waits: str = ""


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A body of a request or answer: who uses it (`submit 200`, ...), and its fields."""

    title: str
    used: tuple[str, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class StateRow:
    """A state and the word that answers show: its phase, its successors, and the seconds that a job stays in
    it by default.
    """

    state: str
    word: str
    phase: str
    next: tuple[str, ...]
    seconds: float
    tag: str
    source: str


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model: the clip that it makes, by mode where there are several, and the price of a job."""

    id: str
    title: str
    clip: str
    price: str
    tag: str
    source: str


@dataclass(frozen=True, slots=True)
class ProvenanceRow:
    """One x-provenance, with the JSON pointer of its subject in the bundled document."""

    pointer: str
    tag: str
    source: str


@dataclass(frozen=True, slots=True)
class ContractSummary:
    """Everything that a contract promises. `servers` are base URLs with their provenance."""

    provider: str
    title: str
    profile: str
    overlays: tuple[str, ...]
    sources: Mapping[str, str]
    servers: tuple[tuple[str, str], ...]
    operations: tuple[OperationRow, ...]
    requests: tuple[MessageRow, ...]
    answers: tuple[MessageRow, ...]
    states: tuple[StateRow, ...]
    models: tuple[ModelRow, ...]


def summarize(contract: Contract) -> ContractSummary:
    """The rows of a loaded contract."""
    document = contract.document
    return ContractSummary(
        provider=contract.provider,
        title=contract.title,
        profile=contract.profile,
        overlays=contract.overlays,
        sources=contract.sources,
        servers=tuple((entry["url"], entry.get(KEY, "")) for entry in document.get("servers", ())),
        operations=tuple(_operations(contract)),
        requests=tuple(_requests(contract)),
        answers=tuple(_answers(contract)),
        states=tuple(
            StateRow(word.word, word.shown, word.phase, word.next, word.lasts / 1000, *split(word.provenance))
            for word in contract.states.values()
        ),
        models=tuple(_models(contract)),
    )


def assumptions(contract: Contract) -> list[ProvenanceRow]:
    """Everything in the contract that no source states."""
    return [ProvenanceRow(at, *split(text)) for at, text in assumed(contract.document)]


def _operations(contract: Contract) -> Iterator[OperationRow]:
    for entry in contract.operations.values():
        node = contract.document["paths"][entry.path][entry.method.lower()]
        answers = tuple(f"{answer.status} {when}" for when, answer in entry.answers.items())
        provenance = split(node["x-job"].get(KEY, node.get(KEY, "")))
        yield OperationRow(
            entry.id, entry.method, entry.path, entry.role, answers, *provenance, _waits(entry)
        )


def _waits(entry: Operation) -> str:
    """`wait at header.prefer: 60 s at most`; empty where its answer cannot wait."""
    rule = entry.wait
    return "" if rule is None else f"{rule.word} at {'.'.join(rule.at)}: {rule.seconds:g} s at most"


def _requests(contract: Contract) -> Iterator[MessageRow]:
    document = contract.document
    for entry in contract.operations.values():
        item = document["paths"][entry.path]
        node = item[entry.method.lower()]
        listed_fields = [
            fields.of_parameter(document, resolve(document, parameter))
            for parameter in (*item.get("parameters", ()), *node.get("parameters", ()))
        ]
        schema = node.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema")
        if schema:
            listed_fields += fields.of_body(document, schema)
        yield MessageRow(entry.id, (f"{entry.method} {entry.path}",), tuple(listed_fields))


def _answers(contract: Contract) -> Iterator[MessageRow]:
    """One message for all answers of the same schema, and one for each callback."""
    users: dict[str, tuple[Any, list[str]]] = {}
    for user, content in _contents(contract):
        schema = content.get(JSON, {}).get("schema")
        if schema:
            key = orjson.dumps(schema).decode()
            users.setdefault(key, (schema, []))[1].append(user)
    for schema, used in users.values():
        name = schema.get("$ref", "").rpartition("/")[2]
        title = name or schema.get("title", used[0])
        yield MessageRow(title, tuple(used), tuple(fields.of_body(contract.document, schema)))


def _contents(contract: Contract) -> Iterator[tuple[str, Any]]:
    document = contract.document
    for entry in contract.operations.values():
        node = document["paths"][entry.path][entry.method.lower()]
        for status, response in node.get("responses", {}).items():
            yield f"{entry.id} {status}", resolve(document, response).get("content", {})
        for name, callback in node.get("callbacks", {}).items():
            for item in callback.values():
                for method in METHODS:
                    body = item.get(method, {}).get("requestBody", {})
                    yield f"callback {name}", body.get("content", {})
    for when, answer in document["x-job"].get("answers", {}).items():
        response = resolve(document, answer["response"])
        yield f"any {answer['status']} {when}", response.get("content", {})


def _models(contract: Contract) -> Iterator[ModelRow]:
    for model in contract.models.values():
        clips = {mode: f"{clip.height}p {clip.fps} fps" for mode, clip in model.clips.items()}
        text = ", ".join(clips.values())
        if len(clips) > 1:
            text = ", ".join(f"{mode}: {clip}" for mode, clip in clips.items())
        images = (f"{mode}: {image.height} px" for mode, image in model.images.items())
        text = "; images ".join(filter(None, (text, ", ".join(images))))
        if model.images and not model.clips:
            text = f"images {text}"
        yield ModelRow(model.id, model.title, text, _price(contract, model), *split(model.provenance))


def _price(contract: Contract, model: Model) -> str:
    """`50 credits a job (ASSUMED)`; empty where there is none."""
    if model.price is None:
        return ""
    tag, _ = split(contract.document["x-job"]["models"][model.id]["price"][KEY])
    return f"{model.price.amount:g} {model.price.unit} a {model.price.per} ({tag})"
