"""Reads forms, which some providers take beside JSON: each becomes the JSON object that it stands for."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

import orjson
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from mockserver.contract.parameters import reader
from mockserver.contract.unchecked import one_or_more
from mockserver.engine.refusals.refusal import Refusal

MULTIPART: Final = "multipart/form-data"
URL_ENCODED: Final = "application/x-www-form-urlencoded"
MOST_PARTS: Final = 500
"""Parts of a form: documented ones have some ten fields."""

Fields = Mapping[str, Mapping[str, Any]]
"""The schemas of a body's members, which say what the text of a field means."""


# What is wrong with a form is said to its sender; a log would grow by whatever strangers send.
logging.getLogger("python_multipart").propagate = False
logging.getLogger("python_multipart").addHandler(logging.NullHandler())


class _Part(NamedTuple):
    """One part of a form: its field, what it holds, and the content type of a file."""

    name: str
    content: bytes
    file_type: str | None = None


def read_form(content: bytes | bytearray, content_type: str, fields: Fields) -> dict[str, Any]:
    """The object that a form stands for. Files become data URIs, `a[b]` and `a[]` objects and lists.

    Raises Refusal where it cannot be read, or has a field twice that is no list.
    """
    media_type, options = parse_options_header(content_type)
    if media_type == URL_ENCODED.encode():
        parts = _url_encoded(bytes(content))
    else:
        boundary = options.get(b"boundary", b"")
        if not boundary:
            raise Refusal("malformed", "the form's Content-Type names no boundary")
        parts = _Parts(boundary).read(bytes(content))
    body: dict[str, Any] = {}
    for part in parts:
        _put(body, part, fields)
    return body


def _url_encoded(content: bytes) -> list[_Part]:
    try:
        pairs = parse_qsl(content, keep_blank_values=True, max_num_fields=MOST_PARTS)
    except ValueError:
        raise Refusal("malformed", f"the form has more than {MOST_PARTS} fields") from None
    return [_Part(_text(name), value) for name, value in pairs]


class _Parts:
    """Collects the parts of a multipart form."""

    def __init__(self, boundary: bytes) -> None:
        self._boundary = boundary
        self._parts: list[_Part] = []
        self._headers: dict[bytes, bytes] = {}
        self._name = b""
        self._value = b""
        self._data: list[bytes] = []
        self._whole = False

    def read(self, content: bytes) -> list[_Part]:
        """The parts. Raises Refusal."""
        callbacks: Any = {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._add_to_name(data[start:end]),
            "on_header_value": lambda data, start, end: self._add_to_value(data[start:end]),
            "on_header_end": self._end_header,
            "on_part_data": lambda data, start, end: self._data.append(data[start:end]),
            "on_part_end": self._end,
            "on_end": self._finish,
        }
        try:
            parser = MultipartParser(self._boundary, callbacks)
            parser.write(content)
            parser.finalize()
        except FormParserError as error:
            raise Refusal("malformed", f"the form cannot be read: {error}") from None
        if not self._whole:
            raise Refusal("malformed", "the form ends before its last boundary")
        return self._parts

    def _begin(self) -> None:
        if len(self._parts) >= MOST_PARTS:
            raise Refusal("malformed", f"the form has more than {MOST_PARTS} parts")
        self._headers, self._data, self._name, self._value = {}, [], b"", b""

    def _add_to_name(self, data: bytes) -> None:
        self._name += data

    def _add_to_value(self, data: bytes) -> None:
        self._value += data

    def _end_header(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name, self._value = b"", b""

    def _end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if b"name" not in options:
            raise Refusal("malformed", "a part of the form has no name")
        file_type = None
        if b"filename" in options:
            file_type = _text(self._headers.get(b"content-type", b"application/octet-stream"))
        self._parts.append(_Part(_text(options[b"name"]), b"".join(self._data), file_type))

    def _finish(self) -> None:
        self._whole = True


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Refusal("malformed", "a field of the form is no UTF-8 text") from None


def _put(body: dict[str, Any], part: _Part, fields: Fields) -> None:
    """Put a part in its place: `name`, `name[]` or `name[inner]`."""
    name, bracket, inner = part.name.partition("[")
    schema = fields.get(name, {})
    inner = inner.removesuffix("]")
    if bracket and inner:
        holder = body.setdefault(name, {})
        if not isinstance(holder, dict) or inner in holder:
            raise _twice(part.name)
        holder[inner] = _value(part, schema.get("properties", {}).get(inner, {}))
    elif bracket or _is_list(schema):
        listed = body.setdefault(name, [])
        if not isinstance(listed, list):
            raise _twice(part.name)
        listed.extend(_items(part, schema))
    elif name in body:
        raise _twice(name)
    else:
        body[name] = _value(part, schema)


def _is_list(schema: Mapping[str, Any]) -> bool:
    return "array" in one_or_more(schema.get("type", ""))


def _items(part: _Part, schema: Mapping[str, Any]) -> Iterator[Any]:
    """The items of a part of a list: those of the JSON that it holds, or it itself."""
    whole = _json(part) if part.file_type is None and part.content.startswith(b"[") else None
    if isinstance(whole, list):
        yield from whole
    else:
        yield _value(part, schema.get("items", {}))


def _value(part: _Part, schema: Mapping[str, Any]) -> Any:
    """A file as a data URI; a text as the schema means it."""
    if part.file_type is not None:
        return f"data:{part.file_type};base64,{base64.b64encode(part.content).decode()}"
    types = one_or_more(schema.get("type", ""))
    if "object" in types and part.content.startswith(b"{"):
        whole = _json(part)
        if isinstance(whole, dict):
            return whole
    return reader(schema)(_text(part.content))


def _json(part: _Part) -> Any:
    try:
        return orjson.loads(part.content)
    except orjson.JSONDecodeError:
        return None


def _twice(name: str) -> Refusal:
    message = f"the form has {name} more than once"
    return Refusal("invalid", message, (message,), ("body", name))
