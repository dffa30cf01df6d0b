"""Describes recorded traffic as an OpenAPI document: paths with places for ids, schemas from the bodies."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from mockserver.contract.key_places import COMMON_HEADERS
from mockserver.contract.pointer import ABSENT
from mockserver.errors import KitError
from mockserver.kit.drift.shape import Shape
from mockserver.kit.traffic.exchange import Exchange, read_json, split_url

MOST_WORDS: Final = 12
"""Different texts of a field that are listed as its examples."""
_MOST_SHOWN: Final = 3
"""Bodies that are shown as examples."""
_MOST_TEXT: Final = 80
_UUID: Final = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_LONG: Final = re.compile(r"^(?=.*\d)[A-Za-z0-9_.:=-]{12,}$|^\d{4,}$")
_VERSION: Final = re.compile(r"^v\d")


class _Call(NamedTuple):
    exchange: Exchange
    template: str
    request: Any
    answer: Any


def describe(exchanges: Sequence[Exchange], name: str) -> dict[str, Any]:
    """An OpenAPI 3.1 document of the calls to the server that takes most of the JSON. Raises KitError."""
    origins = Counter(_origin(exchange) for exchange in exchanges if _is_call(exchange))
    if not origins:
        raise KitError(f"{name}: no recorded exchange has JSON, so there is nothing to draft from")
    origin = origins.most_common(1)[0][0]
    chosen = [exchange for exchange in exchanges if _origin(exchange) == origin]
    calls = [*_calls(chosen)]
    groups: dict[tuple[str, str], list[_Call]] = defaultdict(list)
    for call in calls:
        groups[call.template, call.exchange.method.lower()].append(call)
    paths: dict[str, Any] = defaultdict(dict)
    for (template, method), group in groups.items():
        paths[template][method] = _operation(template, group)
    scheme = _scheme(chosen)
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": f"Recorded traffic of {split_url(origin).netloc}", "version": "recorded"},
        "servers": [{"url": origin}],
        "paths": dict(paths),
    }
    if scheme is not None:
        document["components"] = {"securitySchemes": {"key": scheme}}
        document["security"] = [{"key": []}]
    return document


def _origin(exchange: Exchange) -> str:
    url = split_url(exchange.url)
    return f"{url.scheme}://{url.netloc}"


def _is_call(exchange: Exchange) -> bool:
    return not exchange.callback and isinstance(_json(exchange.response_body), (dict, list))


def _json(data: bytes) -> Any:
    value = read_json(data)
    if value is ABSENT:
        return None
    return value


def _calls(exchanges: Sequence[Exchange]) -> Iterator[_Call]:
    """Each exchange with its path's template: a text that an earlier answer gave is an id in a path."""
    known: set[str] = set()
    for exchange in exchanges:
        if exchange.callback or not exchange.status:
            continue
        request, answer = _json(exchange.request_body), _json(exchange.response_body)
        yield _Call(exchange, _template(exchange.path, known), request, answer)
        known.update(_texts(answer))


def _template(path: str, known: set[str]) -> str:
    names: list[str] = []
    steps = []
    for step in path.split("/"):
        if step and (step in known or _looks_like_an_id(step)):
            names.append("id" if not names else f"id{len(names) + 1}")
            step = f"{{{names[-1]}}}"
        steps.append(step)
    return "/".join(steps) or "/"


def _looks_like_an_id(step: str) -> bool:
    return bool(_UUID.match(step) or (_LONG.match(step) and not _VERSION.match(step)))


def _texts(node: Any, depth: int = 0) -> Iterator[str]:
    """The texts of an answer that could be ids; words of lists and names of things are short."""
    if isinstance(node, str) and 6 <= len(node) <= 128 and any(map(str.isdigit, node)):
        yield node
    if depth < 6 and isinstance(node, (dict, list)):
        for value in node.values() if isinstance(node, dict) else node:
            yield from _texts(value, depth + 1)


def _operation(template: str, calls: Sequence[_Call]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "parameters": [
            {"name": place, "in": "path", "required": True, "schema": {"type": "string"}}
            for place in re.findall(r"\{([^}]+)\}", template)
        ],
        "responses": {},
    }
    operation["parameters"] += _query(calls)
    bodies = [call.request for call in calls if isinstance(call.request, dict) and call.exchange.status < 400]
    if bodies:
        content = {"schema": schema_of(bodies), "examples": _examples(bodies)}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    by_status: dict[int, list[_Call]] = defaultdict(list)
    for call in calls:
        by_status[call.exchange.status].append(call)
    for status, group in sorted(by_status.items()):
        operation["responses"][str(status)] = _response(group)
    return operation


def _query(calls: Sequence[_Call]) -> Iterator[dict[str, Any]]:
    values: dict[str, list[str]] = defaultdict(list)
    for call in calls:
        for name, value in call.exchange.query.items():
            values[name].append(value)
    for name, texts in values.items():
        whole = all(text.isdigit() for text in texts)
        schema = {"type": "integer" if whole and len(texts[0]) < 6 else "string"}
        yield {"name": name, "in": "query", "required": len(texts) == len(calls), "schema": schema}


def _examples(bodies: Sequence[Any]) -> dict[str, Any]:
    distinct = {orjson.dumps(body): body for body in bodies}
    return {
        f"recorded-{number}": {"value": body}
        for number, body in enumerate([*distinct.values()][:_MOST_SHOWN], 1)
    }


def _response(calls: Sequence[_Call]) -> dict[str, Any]:
    answers = [call.answer for call in calls if call.answer is not None]
    response: dict[str, Any] = {"description": "As recorded."}
    media = (calls[0].exchange.response_header("content-type") or "").split(";")[0].strip()
    if answers:
        response["content"] = {"application/json": {"schema": schema_of(answers)}}
    elif media:
        response["content"] = {media: {}}
    return response


def schema_of(values: Iterable[Any]) -> dict[str, Any]:
    """What fits all values; a field is required if all objects have it, and its texts are its examples."""
    values = list(values)
    shape = Shape()
    for value in values:
        shape.add(value)
    return _described(shape.schema("", named=False), values)


def _described(schema: dict[str, Any], values: Sequence[Any]) -> dict[str, Any]:
    schema = {key: value for key, value in schema.items() if key != "x-provenance"}
    objects = [value for value in values if isinstance(value, dict)]
    if "properties" in schema:
        schema["properties"] = {
            name: _described(part, [value[name] for value in objects if name in value])
            for name, part in schema["properties"].items()
        }
        required = [name for name in schema["properties"] if all(name in value for value in objects)]
        if required:
            schema["required"] = required
    if "items" in schema:
        lists = [value for value in values if isinstance(value, list)]
        schema["items"] = _described(schema["items"], [item for value in lists for item in value])
    shown = list(dict.fromkeys(value for value in values if _may_be_shown(value)))
    if shown:
        schema["examples"] = shown[:MOST_WORDS]
    return schema


def _may_be_shown(value: Any) -> bool:
    """Short words and numbers; links are left out, as they may be signed."""
    if isinstance(value, str):
        return len(value) <= _MOST_TEXT and "://" not in value
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _scheme(exchanges: Sequence[Exchange]) -> Mapping[str, str] | None:
    """How the key was sent: the record has its header, whatever was said in it."""
    for exchange in exchanges:
        authorization = exchange.request_header("authorization")
        if authorization is not None:
            word = authorization.split(" ")[0].lower() if " " in authorization else "bearer"
            return {"type": "http", "scheme": word}
        for name in COMMON_HEADERS:
            if name.lower() != "authorization" and exchange.request_header(name) is not None:
                return {"type": "apiKey", "in": "header", "name": name}
    return None
