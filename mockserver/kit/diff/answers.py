"""What operations answer and what callbacks are told: statuses, headers, schemas, templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.model import Operation
from mockserver.contract.nodes import METHODS
from mockserver.kit.diff.book import ChangeLog
from mockserver.kit.diff.node import TEXTS, node
from mockserver.kit.diff.schemas import Schemas
from mockserver.kit.diff.side import Side
from mockserver.kit.diff.walk import ChangeLocation

Both = tuple[str, str]
"""A pointer into each side's document."""


class Template(NamedTuple):
    """One x-job of a response or callback, with its pointer."""

    at: str
    said: Mapping[str, Any]


def compare(book: ChangeLog, told: Schemas, name: str, pair: tuple[Operation, Operation], at: Both) -> None:
    """Note what the operation called `name`, standing at `at`, answers otherwise."""
    _statuses(book, told, name, at)
    _cases(book, name, pair, at)
    _templates(book, name, at)
    _callbacks(book, told, name, at)


def _statuses(book: ChangeLog, told: Schemas, name: str, at: Both) -> None:
    old, new = book.before.node(f"{at[0]}/responses"), book.after.node(f"{at[1]}/responses")
    for status in dict.fromkeys((*old, *new)):
        here, there = f"{at[0]}/responses/{status}", f"{at[1]}/responses/{status}"
        kind = "success" if status.startswith("2") else "error"
        if status not in new:
            book.note(f"response.{kind}-removed", name, status, None, here, there)
        elif status not in old:
            book.note(f"response.{kind}-added", name, None, status, here, there)
        else:
            here, there = book.before.resolved(here), book.after.resolved(there)
            _texts(book, f"{name} {status}", here, there)
            contents(book, told, f"{name} {status}", here, there)


def _texts(book: ChangeLog, where: str, at: str, there: str) -> None:
    old, new = book.before.node(at), book.after.node(there)
    for key in TEXTS:
        if old.get(key) != new.get(key):
            said = old.get(key), new.get(key)
            book.note("text.changed", f"{where} ({key})", *said, f"{at}/{key}", f"{there}/{key}")


def contents(book: ChangeLog, walk: Schemas, where: str, at: str, there: str) -> None:
    """Compare what is below `content` of a body or response, media type by media type."""
    old, new = book.before.node(at).get("content", {}), book.after.node(there).get("content", {})
    for media in dict.fromkeys((*old, *new)):
        path = pointer.write(("content", media))
        if media not in new:
            code = f"{walk.way}.media-type-removed"
            book.note(code, where, media, None, at + path, there + path)
        elif media not in old:
            code = f"{walk.way}.media-type-added"
            book.note(code, where, None, media, at + path, there + path)
        else:
            a = node(book.before.contract.document, f"{at}{path}/schema")
            b = node(book.after.contract.document, f"{there}{path}/schema")
            walk.compare(a, b, ChangeLocation(where))


def _cases(book: ChangeLog, name: str, pair: tuple[Operation, Operation], at: Both) -> None:
    """By what happened: with which status and headers it is answered."""
    old, new = pair[0].answers, pair[1].answers
    for when in dict.fromkeys((*old, *new)):
        before = old[when].status if when in old else None
        after = new[when].status if when in new else None
        here, there = _answer(book.before, at[0], when, before), _answer(book.after, at[1], when, after)
        code = "removed" if after is None else "added" if before is None else "status-changed"
        if before != after:
            book.note(f"answer.{code}", f"{name}, {when}", before, after, here, there)
        if before is not None and after is not None:
            headers = dict(old[when].headers), dict(new[when].headers)
            _headers(book, f"{name}, {when}", headers, here, there)


def _answer(side: Side, at: str, when: str, status: int | None) -> str:
    """Where the answer stands, or would: with the operation, or with those of the whole document."""
    own = f"{at}/responses/{status}"
    if status is not None and side.node(own) is not pointer.ABSENT:
        return side.resolved(own)
    shared = f"/x-job/answers/{when}"
    return f"{at}/responses" if side.node(shared) is pointer.ABSENT else shared


def _headers(
    book: ChangeLog, where: str, headers: tuple[dict[bytes, bytes], dict[bytes, bytes]], at: str, there: str
) -> None:
    old, new = headers
    for name in dict.fromkeys((*old, *new)):
        code = "removed" if name not in new else "added" if name not in old else "changed"
        if old.get(name) != new.get(name):
            before, after = (side[name].decode() if name in side else None for side in headers)
            book.note(f"answer.header-{code}", f"{where}, {name.decode()}", before, after, at, there)


def _templates(book: ChangeLog, name: str, at: Both) -> None:
    old, new = _told(book.before, at[0]), _told(book.after, at[1])
    for when in old:
        if when in new:
            _template(book, f"{name}, {when}", old[when], new[when])


def _told(side: Side, at: str) -> dict[str, Template]:
    """The templates of an operation's own answers by what happened."""
    found: dict[str, Template] = {}
    for status in side.node(f"{at}/responses"):
        here = side.resolved(f"{at}/responses/{status}")
        entries = side.node(here).get("x-job", [])
        single = isinstance(entries, dict)
        for index, entry in enumerate([entries] if single else entries):
            template = Template(f"{here}/x-job" if single else f"{here}/x-job/{index}", entry)
            found.update(dict.fromkeys(entry["when"], template))
    return found


def _template(book: ChangeLog, where: str, old: Template, new: Template) -> None:
    before, after = dict(_leaves(old.said["body"])), dict(_leaves(new.said["body"]))
    lost = {at: value for at, value in before.items() if at not in after or after[at] != value}
    won = {at: value for at, value in after.items() if at not in before or before[at] != value}
    code = "answer.body-changed" if lost else "answer.body-grown"
    if lost or won:
        book.note(code, where, lost or None, won or None, f"{old.at}/body", f"{new.at}/body")
    if old.said.get("says") != new.said.get("says"):
        said = old.said.get("says"), new.said.get("says")
        book.note("text.changed", f"{where} (says)", *said, f"{old.at}/says", f"{new.at}/says")


def _leaves(body: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The plain values of a template by their path; a filled place `{"$": ...}` is one."""
    if isinstance(body, dict) and body and "$" not in body:
        for key, value in body.items():
            yield from _leaves(value, f"{name}.{key}" if name else key)
    elif isinstance(body, list) and body:
        for index, value in enumerate(body):
            yield from _leaves(value, f"{name}[{index}]")
    else:
        yield name, body


def _callbacks(book: ChangeLog, told: Schemas, name: str, at: Both) -> None:
    old, new = _bodies(book.before, at[0]), _bodies(book.after, at[1])
    for key in dict.fromkeys((*old, *new)):
        where = f"{name} callback {key}"
        if key not in new:
            book.note("callback.removed", where, key, None, old[key], f"{at[1]}/callbacks")
        elif key not in old:
            book.note("callback.added", where, None, key, f"{at[0]}/callbacks", new[key])
        else:
            contents(book, told, where, f"{old[key]}/requestBody", f"{new[key]}/requestBody")
            sides = ((book.before, old[key]), (book.after, new[key]))
            _template(
                book,
                where,
                *(Template(f"{there}/x-job", side.node(f"{there}/x-job")) for side, there in sides),
            )


def _bodies(side: Side, at: str) -> dict[str, str]:
    """The pointer of each callback's operation by the callback's name."""
    named = side.node(f"{at}/callbacks")
    if named is pointer.ABSENT:
        return {}
    return {
        name: at + pointer.write(("callbacks", name, expression, method))
        for name, item in named.items()
        for expression, calls in item.items()
        for method in METHODS
        if method in calls
    }
