"""Compares operations: which exist, what requests they take, and what they do to a job."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.carriage import places_in_words
from mockserver.contract.model import Operation, Place
from mockserver.kit.diff import answers, words
from mockserver.kit.diff.change_log import ChangeLog
from mockserver.kit.diff.node import TEXTS, node
from mockserver.kit.diff.schemas import Schemas
from mockserver.kit.diff.side import Side
from mockserver.kit.diff.walk import ChangeLocation

_PLACE: Final = re.compile(r"\{[^}]*\}")
_TEXTS: Final = ("summary", *TEXTS)


class OperationPair(NamedTuple):
    """The same operation of both sides, each with the pointer of its node."""

    old: Operation
    new: Operation
    at: str
    there: str


def compare(log: ChangeLog) -> None:
    """Add the changes of operations, and of the models' parameters."""
    old, new = log.before.contract.operations, log.after.contract.operations
    pairs, removed, added = matched(old.values(), new.values())
    for operation in removed:
        log.add("operation.removed", operation.id, _call(operation), None, place(operation))
    for operation in added:
        log.add("operation.added", operation.id, None, _call(operation), place(operation))
    requests = Schemas(log, "request", _unshared_models(log))
    responses = Schemas(log, "response")
    for before, after in pairs:
        pair = OperationPair(before, after, place(before), place(after))
        _address(log, pair)
        _job(log, pair)
        words.of_operation(log, before.id, pair.at, pair.there)
        _security(log, pair)
        _parameters(log, requests, pair)
        _body(log, requests, pair)
        answers.compare(log, responses, before.id, (before, after), (pair.at, pair.there))
    answers.shared(log, responses)
    _payloads(log, requests)


def matched(
    old: Iterable[Operation], new: Iterable[Operation]
) -> tuple[list[tuple[Operation, Operation]], list[Operation], list[Operation]]:
    """Pairs with the same method and path, else with the same id; then the unpaired of each side."""
    # A client calls addresses, so the address decides first; an id that stayed while the address changed
    # is a move, which says more than one operation removed and one added.
    by_address, old_left, new_left = _matched_by(_address_of, list(old), list(new))
    by_id, removed, added = _matched_by(lambda operation: operation.id, old_left, new_left)
    return [*by_address, *by_id], removed, added


def _matched_by(
    key: Callable[[Operation], Any], old: list[Operation], new: list[Operation]
) -> tuple[list[tuple[Operation, Operation]], list[Operation], list[Operation]]:
    pairs, waiting, left = [], list(new), []
    for operation in old:
        partner = next((other for other in waiting if key(other) == key(operation)), None)
        if partner is None:
            left.append(operation)
        else:
            waiting.remove(partner)
            pairs.append((operation, partner))
    return pairs, left, waiting


def place(operation: Operation) -> str:
    """The pointer of an operation's node."""
    return pointer.write(("paths", operation.path, operation.method.lower()))


def _address_of(operation: Operation) -> tuple[str, str]:
    return operation.method, _PLACE.sub("{}", operation.path)


def _call(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _unshared_models(log: ChangeLog) -> frozenset[str]:
    """Models that only one side has."""
    return frozenset(log.before.contract.models.keys() ^ log.after.contract.models.keys())


def _address(log: ChangeLog, pair: OperationPair) -> None:
    old, new = pair.old, pair.new
    if _address_of(old) != _address_of(new):
        log.add("operation.moved", old.id, _call(old), _call(new), pair.at, pair.there)
    _add_difference(log, "operation.renamed", old.id, old.id, new.id, pair, "operationId")
    nodes = log.before.node(pair.at), log.after.node(pair.there)
    for key in _TEXTS:
        before, after = (node.get(key) for node in nodes)
        _add_difference(log, "text.changed", f"{old.id} ({key})", before, after, pair, key)


def _add_difference(
    log: ChangeLog, code: str, where: str, before: Any, after: Any, pair: OperationPair, key: str
) -> None:
    if before != after:
        log.add(code, where, before, after, f"{pair.at}/{key}", f"{pair.there}/{key}")


def _job(log: ChangeLog, pair: OperationPair) -> None:
    """Compare the operation's x-job."""
    old, new = pair.old, pair.new
    for code, before, after, key in (*_fixed(old, new), *_optional(old, new)):
        _add_difference(log, f"operation.{code}", old.id, before, after, pair, f"x-job/{key}")
    _sets(log, pair)
    for name in dict.fromkeys((*old.filters, *new.filters)):
        code = "operation.filter-removed"
        if name in new.filters:
            code = "operation.filter-added"
        filters = old.filters.get(name), new.filters.get(name)
        _add_difference(log, code, f"{old.id} query {name}", *filters, pair, f"x-job/filters/query.{name}")


def _fixed(old: Operation, new: Operation) -> Iterator[tuple[str, Any, Any, str]]:
    """Code, values and key of what every operation has."""
    yield "role-changed", old.role, new.role, "role"
    yield "key-moved", _key(old), _key(new), "key"
    yield "model-moved", _named(old), _named(new), "model"
    yield "page-moved", _paged(old), _paged(new), "page"
    shrunk = "page-shrunk" if new.page.most < old.page.most else "page-grown"
    yield shrunk, old.page.most, new.page.most, "page/most"


def _optional(old: Operation, new: Operation) -> Iterator[tuple[str, Any, Any, str]]:
    """The same for what an operation may lack: to add it is harmless."""
    lacking = {
        "default-model": [old.default_model, new.default_model],
        "alias": [_written(each.alias_at, each.alias_place) for each in (old, new)],
        "callback": [_written(each.callback_at, each.callback_place) for each in (old, new)],
    }
    for name, (before, after) in lacking.items():
        code = f"{name}-added" if before is None else f"{name}-changed"
        yield code, before, after, name


def _named(operation: Operation) -> str:
    """Where the model is read: a pointer into the body, or the places beside it."""
    return " ".join(map(".".join, operation.model_places)) or pointer.write(operation.model_at)


def _written(path: tuple[str, ...] | None, place: Place | None) -> str | None:
    """A pointer into the body, or a place beside it."""
    if place is not None:
        return ".".join(place)
    return None if path is None else pointer.write(path)


def _key(operation: Operation) -> str | None:
    """Where a job's id arrives; a parameter in the path has no name on the wire."""
    if operation.key is None:
        return None
    place, name = operation.key
    return place if place == "path" else f"{place}.{name}"


def _paged(operation: Operation) -> str | None:
    """The parameters that select a page: its number, its size, a cursor, the order, an offset."""
    page = operation.page
    names = page.number, page.size, page.cursor, page.order, page.offset
    if not any(names):
        return None
    return ", ".join(name or "-" for name in names)


def _sets(log: ChangeLog, pair: OperationPair) -> None:
    old, new = pair.old, pair.new
    submits = _submits(log.before), _submits(log.after)
    shared = {*submits[0]} & {*submits[1]}
    of_old = [name for name in old.of or submits[0] if name in shared]
    of_new = [name for name in new.of or submits[1] if name in shared]
    for key, before, after in (("by", list(old.by), list(new.by)), ("of", of_old, of_new)):
        if {*before} - {*after}:
            _add_difference(log, f"operation.{key}-narrowed", old.id, before, after, pair, f"x-job/{key}")
        if {*after} - {*before}:
            _add_difference(log, f"operation.{key}-widened", old.id, before, after, pair, f"x-job/{key}")


def _submits(side: Side) -> list[str]:
    operations = side.contract.operations.values()
    return [operation.id for operation in operations if operation.role == "submit"]


def _security(log: ChangeLog, pair: OperationPair) -> None:
    before, after = _credentials(pair.old), _credentials(pair.new)
    code = "security.changed"
    if before is None:
        code = "security.added"
    elif after is None:
        code = "security.removed"
    _add_difference(log, code, pair.old.id, before, after, pair, "security")


def _credentials(operation: Operation) -> str | None:
    """Where the key belongs, in words; None where none is taken."""
    if not operation.credentials:
        return None
    return places_in_words(operation.credentials) + ("" if operation.credential else ", or no key")


def _parameters(log: ChangeLog, requests: Schemas, pair: OperationPair) -> None:
    old, new = _parameters_of(log.before, pair.old), _parameters_of(log.after, pair.new)
    for name in dict.fromkeys((*old, *new)):
        where = f"{pair.old.id} {name}"
        if name in old and name in new:
            _parameter(log, requests, where, old[name], new[name])
        elif name in old:
            there = f"{pair.there}/parameters"
            log.add("parameter.removed", where, name, None, old[name], there)
        else:
            code = "parameter.added"
            if log.after.node(new[name]).get("required"):
                code = "parameter.required-added"
            log.add(code, where, None, name, f"{pair.at}/parameters", new[name])


def _parameters_of(side: Side, operation: Operation) -> Mapping[str, str]:
    """The pointer of each parameter by its place and name, such as `query page`; in the path by position."""
    parameters: dict[str, str] = {}
    places = _PLACE.findall(operation.path)
    at = pointer.write(("paths", operation.path))
    for base in (at, place(operation)):
        for index in range(len(side.node(base).get("parameters", ()))):
            here = side.resolved(f"{base}/parameters/{index}")
            entry = side.node(here)
            name = entry["name"]
            if entry["in"] == "header":
                name = name.lower()
            elif entry["in"] == "path":
                name = str(places.index(f"{{{name}}}") + 1)
            parameters[f"{entry['in']} {name}"] = here
    return parameters


def _parameter(log: ChangeLog, requests: Schemas, where: str, at: str, there: str) -> None:
    old, new = log.before.node(at), log.after.node(there)
    if bool(old.get("required")) != bool(new.get("required")):
        code = "parameter.became-optional"
        if new.get("required"):
            code = "parameter.became-required"
        log.add(code, where, old.get("required", False), new.get("required", False), f"{at}/required", there)
    for key in TEXTS:
        if old.get(key) != new.get(key):
            before, after = old.get(key), new.get(key)
            log.add("text.changed", f"{where} ({key})", before, after, f"{at}/{key}", f"{there}/{key}")
    words.deprecated(log, where, at, there)
    documents = log.before.contract.document, log.after.contract.document
    a, b = (node(document, f"{here}/schema") for document, here in zip(documents, (at, there), strict=True))
    requests.compare(a, b, ChangeLocation(where))


def _body(log: ChangeLog, requests: Schemas, pair: OperationPair) -> None:
    at, there = f"{pair.at}/requestBody", f"{pair.there}/requestBody"
    old, new = log.before.node(at), log.after.node(there)
    where = f"{pair.old.id} body"
    if old is pointer.ABSENT and new is pointer.ABSENT:
        return
    if old is pointer.ABSENT:
        log.add("request.body-added", where, None, "a body", at, there)
        return
    if new is pointer.ABSENT:
        log.add("request.body-removed", where, "a body", None, at, there)
        return
    required = bool(old.get("required")), bool(new.get("required"))
    if required == (False, True):
        log.add("request.body-required", where, *required, f"{at}/required", f"{there}/required")
    elif required == (True, False):
        log.add("request.body-optional", where, *required, f"{at}/required", f"{there}/required")
    answers.contents(log, requests, where, at, there)


def _payloads(log: ChangeLog, requests: Schemas) -> None:
    """Compare the parameters of models that no body has led to."""
    old, new = log.before.contract, log.after.contract
    for name in old.models:
        if name not in new.models:
            continue
        at = pointer.write(("x-job", "models", name, "payload"))
        a, b = node(old.document, at), node(new.document, at)
        if (a.end, b.end) not in requests.passed:
            # From where they stand: a witness is sought among the components alone.
            a, b = node(old.document, a.end), node(new.document, b.end)
            requests.compare(a, b, ChangeLocation(f"model {name}"))
