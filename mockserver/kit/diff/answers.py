"""Compares answers and callbacks: statuses, headers, schemas, templates."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.answer_template import AnswerTemplate
from mockserver.contract.model import Operation
from mockserver.contract.nodes import METHODS
from mockserver.kit.diff import words
from mockserver.kit.diff.change_log import ChangeLog, change_word
from mockserver.kit.diff.node import TEXTS, node
from mockserver.kit.diff.schemas import Schemas
from mockserver.kit.diff.side import Side
from mockserver.kit.diff.walk import ChangeLocation

Both = tuple[str, str]
"""A pointer into each side's document."""


class Template(NamedTuple):
    """One x-job of a response or callback, with its pointer."""

    at: str
    node: Mapping[str, Any]


def compare(
    log: ChangeLog, responses: Schemas, name: str, pair: tuple[Operation, Operation], at: Both
) -> None:
    """Add the changes in the answers of the operation `name`; `at` are its pointers."""
    _statuses(log, responses, name, at)
    _cases(log, name, pair, at)
    _templates(log, name, at)
    _callbacks(log, responses, name, at)


def shared(log: ChangeLog, responses: Schemas) -> None:
    """Add the changes of the answers that belong to no operation, or that operations do not list themselves.

    The statuses and headers of the latter are compared where an operation has them.
    """
    old, new = _shared(log.before), _shared(log.after)
    for when in old.keys() & new.keys():
        at, there = log.before.resolved(old[when]), log.after.resolved(new[when])
        contents(log, responses, f"every operation, {when}", at, there)
        pairs = zip(_of_response(log.before, at), _of_response(log.after, there), strict=False)
        for before, after in pairs:
            _template(log, f"every operation, {when}", before, after)
    _unknown_path(log)


def _shared(side: Side) -> dict[str, str]:
    """The pointer of each shared response by its case."""
    places = {when: f"/x-job/answers/{when}/response" for when in side.job.get("answers", {})}
    if "unknown-path" in side.job:
        places["unknown-path"] = "/x-job/unknown-path/response"
    return places


def _unknown_path(log: ChangeLog) -> None:
    before, after = (side.job.get("unknown-path", {}).get("status") for side in (log.before, log.after))
    code = "answer.status-changed"
    if before is None:
        code = "answer.added"
    elif after is None:
        code = "answer.removed"
    log.add_difference(code, "an unknown path", before, after, "/x-job/unknown-path/status")


def _statuses(log: ChangeLog, responses: Schemas, name: str, at: Both) -> None:
    old, new = log.before.node(f"{at[0]}/responses"), log.after.node(f"{at[1]}/responses")
    for status in dict.fromkeys((*old, *new)):
        here, there = f"{at[0]}/responses/{status}", f"{at[1]}/responses/{status}"
        kind = "success" if status.startswith("2") else "error"
        if status not in new:
            log.add(f"response.{kind}-removed", name, status, None, here, there)
        elif status not in old:
            log.add(f"response.{kind}-added", name, None, status, here, there)
        else:
            here, there = log.before.resolved(here), log.after.resolved(there)
            _texts(log, f"{name} {status}", here, there)
            contents(log, responses, f"{name} {status}", here, there)


def _texts(log: ChangeLog, where: str, at: str, there: str) -> None:
    old, new = log.before.node(at), log.after.node(there)
    for key in TEXTS:
        if old.get(key) != new.get(key):
            before, after = old.get(key), new.get(key)
            log.add("text.changed", f"{where} ({key})", before, after, f"{at}/{key}", f"{there}/{key}")


def contents(log: ChangeLog, walk: Schemas, where: str, at: str, there: str) -> None:
    """Compare the `content` of a body or response, media type by media type."""
    old, new = log.before.node(at).get("content", {}), log.after.node(there).get("content", {})
    for media in dict.fromkeys((*old, *new)):
        path = pointer.write(("content", media))
        if media not in new:
            code = f"{walk.message}.media-type-removed"
            log.add(code, where, media, None, at + path, there + path)
        elif media not in old:
            code = f"{walk.message}.media-type-added"
            log.add(code, where, None, media, at + path, there + path)
        else:
            a = node(log.before.contract.document, f"{at}{path}/schema")
            b = node(log.after.contract.document, f"{there}{path}/schema")
            walk.compare(a, b, ChangeLocation(where))


def _cases(log: ChangeLog, name: str, pair: tuple[Operation, Operation], at: Both) -> None:
    """Compare the status and headers of each case."""
    old, new = pair[0].answers, pair[1].answers
    for when in dict.fromkeys((*old, *new)):
        before, after = _status(old, when), _status(new, when)
        here, there = _answer(log.before, at[0], when, before), _answer(log.after, at[1], when, after)
        if before is None:
            log.add("answer.added", f"{name}, {when}", None, after, here, there)
        elif after is None:
            log.add("answer.removed", f"{name}, {when}", before, None, here, there)
        else:
            if before != after:
                log.add("answer.status-changed", f"{name}, {when}", before, after, here, there)
            headers = _written(old[when]), _written(new[when])
            _headers(log, f"{name}, {when}", headers, here, there)


def _written(answer: AnswerTemplate) -> dict[bytes, bytes]:
    """The headers as the contract has them, made ones as their templates."""
    made = {header.name: json.dumps(header.node).encode() for header in answer.made_headers}
    return {**dict(answer.headers), **made}


def _status(answers: Mapping[str, AnswerTemplate], when: str) -> int | None:
    return answers[when].status if when in answers else None


def _answer(side: Side, at: str, when: str, status: int | None) -> str:
    """The pointer of the answer, or where it would stand: in the operation, or shared by all operations."""
    own = f"{at}/responses/{status}"
    if status is not None and side.node(own) is not pointer.ABSENT:
        return side.resolved(own)
    shared = f"/x-job/answers/{when}"
    if side.node(shared) is pointer.ABSENT:
        return f"{at}/responses"
    return shared


def _headers(
    log: ChangeLog, where: str, headers: tuple[dict[bytes, bytes], dict[bytes, bytes]], at: str, there: str
) -> None:
    old, new = headers
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            code = f"answer.header-{change_word(name, old, new)}"
            before, after = _text(old.get(name)), _text(new.get(name))
            log.add(code, f"{where}, {name.decode()}", before, after, at, there)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()


def _templates(log: ChangeLog, name: str, at: Both) -> None:
    old, new = _templates_of(log.before, at[0]), _templates_of(log.after, at[1])
    for when in old:
        if when in new:
            _template(log, f"{name}, {when}", old[when], new[when])


def _templates_of(side: Side, at: str) -> dict[str, Template]:
    """The templates of an operation's own answers, by case."""
    templates: dict[str, Template] = {}
    for status in side.node(f"{at}/responses"):
        for template in _of_response(side, side.resolved(f"{at}/responses/{status}")):
            templates.update(dict.fromkeys(template.node["when"], template))
    return templates


def _of_response(side: Side, at: str) -> list[Template]:
    nodes = side.node(at).get("x-job", [])
    if isinstance(nodes, dict):
        return [Template(f"{at}/x-job", nodes)]
    return [Template(f"{at}/x-job/{index}", node) for index, node in enumerate(nodes)]


def _template(log: ChangeLog, where: str, old: Template, new: Template) -> None:
    before, after = dict(_leaves(old.node["body"])), dict(_leaves(new.node["body"]))
    lost = {at: value for at, value in before.items() if at not in after or after[at] != value}
    gained = {at: value for at, value in after.items() if at not in before or before[at] != value}
    if lost:
        log.add("answer.body-changed", where, lost, gained or None, f"{old.at}/body", f"{new.at}/body")
    elif gained:
        log.add("answer.body-grown", where, None, gained, f"{old.at}/body", f"{new.at}/body")
    says = old.node.get("says"), new.node.get("says")
    if says[0] != says[1]:
        log.add("text.changed", f"{where} (says)", *says, f"{old.at}/says", f"{new.at}/says")


def _leaves(body: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a template by their path; an instruction `{"$": ...}` is a leaf."""
    if isinstance(body, dict) and body and not body.keys() & {"$", "$link"}:
        for key, value in body.items():
            yield from _leaves(value, f"{name}.{key}" if name else key)
    elif isinstance(body, list) and body:
        for index, value in enumerate(body):
            yield from _leaves(value, f"{name}[{index}]")
    else:
        yield name, body


def _callbacks(log: ChangeLog, responses: Schemas, name: str, at: Both) -> None:
    old, new = _bodies(log.before, at[0]), _bodies(log.after, at[1])
    for key in dict.fromkeys((*old, *new)):
        where = f"{name} callback {key}"
        if key not in new:
            log.add("callback.removed", where, key, None, old[key], f"{at[1]}/callbacks")
        elif key not in old:
            log.add("callback.added", where, None, key, f"{at[0]}/callbacks", new[key])
        else:
            contents(log, responses, where, f"{old[key]}/requestBody", f"{new[key]}/requestBody")
            words.of_callback(log, where, f"{old[key]}/x-job", f"{new[key]}/x-job")
            _template(log, where, _callback(log.before, old[key]), _callback(log.after, new[key]))


def _callback(side: Side, at: str) -> Template:
    return Template(f"{at}/x-job", side.node(f"{at}/x-job"))


def _bodies(side: Side, at: str) -> dict[str, str]:
    """The pointer of each callback's operation by the callback's name."""
    callbacks = side.node(f"{at}/callbacks")
    if callbacks is pointer.ABSENT:
        return {}
    bodies = {}
    for name, callback in callbacks.items():
        for expression, methods in callback.items():
            for method in filter(methods.__contains__, METHODS):
                bodies[name] = at + pointer.write(("callbacks", name, expression, method))
    return bodies
