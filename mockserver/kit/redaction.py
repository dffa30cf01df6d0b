"""Redaction: what a report must not show and a proxy must not pass on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, TypeVar

from mockserver.terms import Headers

Record = TypeVar("Record")
_USER_INFO: Final = re.compile(r"(?<=://)[^/?#\s'\"@]*@")
_HOP_BY_HOP: Final = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "host",
        "keep-alive",
        "te",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers about one connection, or about a body in the form that this connection carried it."""


def without_user_info(text: str) -> str:
    """The text without user and password in its URLs."""
    return _USER_INFO.sub("", text)


def redact(record: Record, redact_text: Callable[[str], str]) -> Record:
    """The record with `redact_text` applied to each string in it, through dataclasses, tuples, lists, and the
    values of dictionaries.
    """
    redacted: Record = _redacted(record, redact_text)
    return redacted


def _redacted(value: Any, redact_text: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, tuple | list):
        return type(value)(_redacted(member, redact_text) for member in value)
    if isinstance(value, dict):
        return {name: _redacted(member, redact_text) for name, member in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        members = {field.name: _redacted(getattr(value, field.name), redact_text) for field in fields(value)}
        return replace(value, **members)
    return value


def end_to_end(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers that a proxy passes on: those of the message, without those of the connection."""
    return tuple((name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP)
