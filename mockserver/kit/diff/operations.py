"""Operations: which there are, how they are asked, and what they do to a job."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.model import Credential, Operation
from mockserver.kit.diff import answers
from mockserver.kit.diff.book import ChangeLog
from mockserver.kit.diff.node import TEXTS, node
from mockserver.kit.diff.schemas import Schemas
from mockserver.kit.diff.side import Side
from mockserver.kit.diff.walk import ChangeLocation

_PLACE: Final = re.compile(r"\{[^}]*\}")
_TEXTS: Final = ("summary", *TEXTS)


class OperationPair(NamedTuple):
    """An operation of each side, each with the pointer of its node."""

    old: Operation
    new: Operation
    at: str
    there: str


def compare(book: ChangeLog) -> None:
    """Note every difference between operations, and between the models' parameters."""
    old, new = book.before.contract.operations, book.after.contract.operations
    pairs, removed, added = matched(old.values(), new.values())
    for operation in removed:
        book.note("operation.removed", operation.id, _call(operation), None, place(operation))
    for operation in added:
        book.note("operation.added", operation.id, None, _call(operation), place(operation))
    asked = Schemas(book, "request", _strangers(book))
    told = Schemas(book, "response")
    for before, after in pairs:
        pair = OperationPair(before, after, place(before), place(after))
        _address(book, pair)
        _job(book, pair)
        _security(book, pair)
        _parameters(book, asked, pair)
        _body(book, asked, pair)
        answers.compare(book, told, before.id, (before, after), (pair.at, pair.there))
    _payloads(book, asked)


def matched(
    old: Iterable[Operation], new: Iterable[Operation]
) -> tuple[list[tuple[Operation, Operation]], list[Operation], list[Operation]]:
    """Pairs of one method and path, else of one id; then what is left of each."""
    pairs, waiting, left = [], list(new), []
    for operation in old:
        found = next((other for other in waiting if _address_of(other) == _address_of(operation)), None)
        if found is None:
            left.append(operation)
        else:
            waiting.remove(found)
            pairs.append((operation, found))
    removed = []
    for operation in left:
        found = next((other for other in waiting if other.id == operation.id), None)
        if found is None:
            removed.append(operation)
        else:
            waiting.remove(found)
            pairs.append((operation, found))
    return pairs, removed, waiting


def place(operation: Operation) -> str:
    """The pointer of an operation's node."""
    return pointer.write(("paths", operation.path, operation.method.lower()))


def _address_of(operation: Operation) -> tuple[str, str]:
    return operation.method, _PLACE.sub("{}", operation.path)


def _call(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _strangers(book: ChangeLog) -> frozenset[str]:
    """Models that only one side has."""
    return frozenset(book.before.contract.models.keys() ^ book.after.contract.models.keys())


def _address(book: ChangeLog, pair: OperationPair) -> None:
    old, new = pair.old, pair.new
    if _address_of(old) != _address_of(new):
        book.note("operation.moved", old.id, _call(old), _call(new), pair.at, pair.there)
    _unlike(book, "operation.renamed", old.id, old.id, new.id, pair, "operationId")
    nodes = book.before.node(pair.at), book.after.node(pair.there)
    for key in _TEXTS:
        before, after = (found.get(key) for found in nodes)
        _unlike(book, "text.changed", f"{old.id} ({key})", before, after, pair, key)


def _unlike(
    book: ChangeLog, code: str, where: str, before: Any, after: Any, pair: OperationPair, key: str
) -> None:
    if before != after:
        book.note(code, where, before, after, f"{pair.at}/{key}", f"{pair.there}/{key}")


def _job(book: ChangeLog, pair: OperationPair) -> None:
    """What x-job says of the operation."""
    old, new = pair.old, pair.new
    for code, before, after, key in (*_fixed(old, new), *_optional(old, new)):
        _unlike(book, f"operation.{code}", old.id, before, after, pair, f"x-job/{key}")
    _sets(book, pair)
    for name in dict.fromkeys((*old.filters, *new.filters)):
        code = "operation.filter-added" if name in new.filters else "operation.filter-removed"
        told = old.filters.get(name), new.filters.get(name)
        _unlike(book, code, f"{old.id} query {name}", *told, pair, f"x-job/filters/query.{name}")


def _fixed(old: Operation, new: Operation) -> Iterator[tuple[str, Any, Any, str]]:
    """Code, values and key of what is one thing or another."""
    yield "role-changed", old.role, new.role, "role"
    yield "key-moved", _key(old), _key(new), "key"
    yield "model-moved", pointer.write(old.model_at), pointer.write(new.model_at), "model"
    yield "page-moved", _paged(old), _paged(new), "page"
    shrunk = "page-shrunk" if new.page.most < old.page.most else "page-grown"
    yield shrunk, old.page.most, new.page.most, "page/most"


def _optional(old: Operation, new: Operation) -> Iterator[tuple[str, Any, Any, str]]:
    """The same for what may be missing: to get it is harmless."""
    for name, key, before, after in (
        ("default-model", "default-model", old.default_model, new.default_model),
        ("alias", "alias", _written(old.alias_at), _written(new.alias_at)),
        ("callback", "callback", _written(old.callback_at), _written(new.callback_at)),
    ):
        yield f"{name}-{'added' if before is None else 'changed'}", before, after, key


def _written(path: tuple[str, ...] | None) -> str | None:
    return None if path is None else pointer.write(path)


def _key(operation: Operation) -> str | None:
    """Where a job's id arrives; a place of the path has no name on the wire."""
    if operation.key is None:
        return None
    where, name = operation.key
    return where if where == "path" else f"{where}.{name}"


def _paged(operation: Operation) -> str | None:
    """The parameters a page is asked for by."""
    names = operation.page.number, operation.page.size
    return ", ".join(name or "-" for name in names) if any(names) else None


def _sets(book: ChangeLog, pair: OperationPair) -> None:
    old, new = pair.old, pair.new
    submits = [
        [entry.id for entry in side.contract.operations.values() if entry.role == "submit"]
        for side in (book.before, book.after)
    ]
    spans = old.of or submits[0], new.of or submits[1]
    shared = {*submits[0]} & {*submits[1]}
    narrowed = [[name for name in names if name in shared] for names in spans]
    for key, before, after in (("by", list(old.by), list(new.by)), ("of", *narrowed)):
        if {*before} - {*after}:
            _unlike(book, f"operation.{key}-narrowed", old.id, before, after, pair, f"x-job/{key}")
        if {*after} - {*before}:
            _unlike(book, f"operation.{key}-widened", old.id, before, after, pair, f"x-job/{key}")


def _security(book: ChangeLog, pair: OperationPair) -> None:
    before, after = _credential(pair.old.credential), _credential(pair.new.credential)
    code = "security.added" if before is None else "security.removed" if after is None else "security.changed"
    _unlike(book, code, pair.old.id, before, after, pair, "security")


def _credential(credential: Credential | None) -> str | None:
    return credential and f"{credential.header.decode()}: {credential.scheme} KEY".replace("  ", " ")


def _parameters(book: ChangeLog, asked: Schemas, pair: OperationPair) -> None:
    old, new = _parameters_of(book.before, pair.old), _parameters_of(book.after, pair.new)
    for name in dict.fromkeys((*old, *new)):
        where = f"{pair.old.id} {name}"
        if name in old and name in new:
            _parameter(book, asked, where, old[name], new[name])
        elif name in old:
            there = f"{pair.there}/parameters"
            book.note("parameter.removed", where, name, None, old[name], there)
        else:
            code = "required-added" if book.after.node(new[name]).get("required") else "added"
            book.note(f"parameter.{code}", where, None, name, f"{pair.at}/parameters", new[name])


def _parameters_of(side: Side, operation: Operation) -> Mapping[str, str]:
    """Each parameter as `query page` with its pointer; those of the path by position, as clients see them."""
    found: dict[str, str] = {}
    places = _PLACE.findall(operation.path)
    at = pointer.write(("paths", operation.path))
    for base in (at, place(operation)):
        for index in range(len(side.node(base).get("parameters", ()))):
            here = side.resolved(f"{base}/parameters/{index}")
            entry = side.node(here)
            name = entry["name"].lower() if entry["in"] == "header" else entry["name"]
            if entry["in"] == "path":
                name = str(places.index(f"{{{name}}}") + 1)
            found[f"{entry['in']} {name}"] = here
    return found


def _parameter(book: ChangeLog, asked: Schemas, where: str, at: str, there: str) -> None:
    old, new = book.before.node(at), book.after.node(there)
    if bool(old.get("required")) != bool(new.get("required")):
        code = "parameter.became-required" if new.get("required") else "parameter.became-optional"
        book.note(
            code, where, old.get("required", False), new.get("required", False), f"{at}/required", there
        )
    for key in TEXTS:
        if old.get(key) != new.get(key):
            told = old.get(key), new.get(key)
            book.note("text.changed", f"{where} ({key})", *told, f"{at}/{key}", f"{there}/{key}")
    documents = book.before.contract.document, book.after.contract.document
    a, b = (node(document, f"{here}/schema") for document, here in zip(documents, (at, there), strict=True))
    asked.compare(a, b, ChangeLocation(where))


def _body(book: ChangeLog, asked: Schemas, pair: OperationPair) -> None:
    at, there = f"{pair.at}/requestBody", f"{pair.there}/requestBody"
    old, new = book.before.node(at), book.after.node(there)
    where = f"{pair.old.id} body"
    if old is pointer.ABSENT or new is pointer.ABSENT:
        if old is not new:
            gone = new is pointer.ABSENT
            before, after = ("a body", None) if gone else (None, "a body")
            book.note(f"request.body-{'removed' if gone else 'added'}", where, before, after, at, there)
        return
    must = bool(old.get("required")), bool(new.get("required"))
    if must[0] != must[1]:
        code = "required" if must[1] else "optional"
        book.note(f"request.body-{code}", where, *must, f"{at}/required", f"{there}/required")
    answers.contents(book, asked, where, at, there)


def _payloads(book: ChangeLog, asked: Schemas) -> None:
    """The parameters of models, where no body has led to them."""
    old, new = book.before.contract, book.after.contract
    for name in old.models:
        if name not in new.models:
            continue
        at = pointer.write(("x-job", "models", name, "payload"))
        a, b = node(old.document, at), node(new.document, at)
        if (a.end, b.end) not in asked.passed:
            asked.compare(a, b, ChangeLocation(f"model {name}"))
