"""The body of a request: its coding undone, and the JSON in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

import orjson

from mockserver.contract.submit_body import Body
from mockserver.contract.violation import shown
from mockserver.engine.body_threads import IN_THE_LOOP, BodyThreads
from mockserver.engine.content_coding import BrokenBody, InflatesTooFar, UnknownCoding, check_coding, undo
from mockserver.engine.message import Request
from mockserver.engine.refusals.refusal import Refusal, UnreadCoding
from mockserver.numerals import plural

_DEEPEST: Final = 128
"""Levels of nesting that can be stored and echoed; the documents need six."""
_MOST_VALUES: Final = 5000
"""Commas and opening brackets of a body, and so about how many values it may have: the longest documented
ones have some 1,500. To explain so many mistakes takes a tenth of a second, in which nothing else goes on."""
_JSON: Final = "application/json"
_PLAIN_JSON: Final = b"application/json"


async def inflate_body(
    request: Request, most: int, threads: BodyThreads, forms: Collection[str] = ()
) -> None:
    """Undo the body's coding; in a thread where it is not small.

    Raises Refusal, and NoRoomForBody where the server holds too much then.
    """
    _check_head(request, most, forms)
    try:
        changes = bool(request.body) and check_coding(request.coding)
    except UnknownCoding as error:
        raise UnreadCoding("media-type", str(error)) from None
    if not changes:
        return
    size = len(request.body)
    if size > IN_THE_LOOP or not _inflate_small(request):
        await threads.run(lambda whole: _inflate_up_to(whole, most), request)
    if request.incoming is not None:
        request.incoming.grow(max(0, len(request.body) - size))


def read_body(request: Request, most: int, body: Body) -> Any:
    """The JSON value of the body, or what a form stands for. Raises Refusal."""
    if not (body.required or request.body or request.cut):
        return {}
    _check_head(request, most, body.forms)
    if body.forms and media_type_of(request) in body.forms:
        # Imported here, as most providers take no forms.
        from mockserver.engine.forms import read_form

        return read_form(request.body, request.header(b"content-type"), body.fields)
    return read_json(request.body)


def media_type_of(request: Request) -> str:
    """The media type of the body, in lower case and without its parameters."""
    return request.header(b"content-type").partition(";")[0].strip().lower()


def _check_head(request: Request, most: int, forms: Collection[str]) -> None:
    if request.cut:
        raise Refusal("too-large", f"the body is larger than the {plural(most, 'byte')} this server takes")
    if request.named.get(b"content-type") == _PLAIN_JSON:
        return
    media_type = media_type_of(request)
    if media_type != _JSON and media_type not in forms:
        problem = f"is {shown(media_type)!r}" if media_type else "is missing"
        expected = " or ".join((_JSON, *forms))
        raise Refusal("media-type", f"Content-Type {problem}, expected {expected}")


def _inflate_small(request: Request) -> bool:
    """Undo the coding of a body that stays small; False where it does not. Raises Refusal."""
    try:
        _undo(request, IN_THE_LOOP)
    except InflatesTooFar:
        return False
    return True


def _inflate_up_to(request: Request, most: int) -> None:
    try:
        _undo(request, most)
    except InflatesTooFar:
        request.cut, request.body = True, b""


def _undo(request: Request, most: int) -> None:
    try:
        content = undo(request.body, request.coding, most)
    except BrokenBody as error:
        raise Refusal("malformed", str(error)) from None
    request.body = content if len(content) > IN_THE_LOOP else bytes(content)


def read_json(content: bytes | bytearray) -> Any:
    """The JSON value.

    Raises Refusal with line and column, or where it has too many values or is nested too deep to keep.
    """
    brackets = _count_brackets(content)
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        problem = error.msg.split(":")[0]
        where = f"line {error.lineno}, column {error.colno}"
        raise Refusal("malformed", f"the body is not JSON: {problem} at {where}") from None
    # Brackets are counted already, and as many are needed for that depth; most bodies need no walk.
    if brackets > _DEEPEST and _depth(body) > _DEEPEST:
        raise Refusal("malformed", f"the body is nested deeper than {_DEEPEST} levels")
    return body


def _count_brackets(content: bytes | bytearray) -> int:
    """How many brackets open, those in texts too. Raises Refusal where there are too many values to read.

    A body of few bytes has few values.
    """
    if len(content) <= _MOST_VALUES:
        return content.count(b"[") + content.count(b"{")
    brackets = _count(b"[", content) + _count(b"{", content)
    if brackets + _count(b",", content) > _MOST_VALUES:
        raise Refusal("malformed", f"the body has more than {_MOST_VALUES} commas and opening brackets")
    return brackets


def _count(sign: bytes, content: bytes | bytearray) -> int:
    """How often the sign is there; in a large body up to one more than values may be.

    To search through megabytes takes a tenth of the time of `count`, which holds the interpreter's lock.
    """
    if len(content) <= IN_THE_LOOP:
        return content.count(sign)
    count, at = 0, content.find(sign)
    while at >= 0 and count <= _MOST_VALUES:
        count, at = count + 1, content.find(sign, at + 1)
    return count


def _depth(value: Any) -> int:
    """How deep arrays and objects are nested in each other. Layer by layer, as recursion could overflow."""
    depth, layer = 0, [value]
    while layer:
        layer = [child for node in layer for child in _children(node)]
        depth += 1
    return depth - 1


def _children(node: Any) -> Iterable[Any]:
    if isinstance(node, dict):
        return node.values()
    if isinstance(node, list):
        return node
    return ()
