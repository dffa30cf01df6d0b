"""Recorded bodies as their senders meant them: Base64 and content codings undone, or why that cannot be."""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import sha256
from typing import Final, NamedTuple

from mockserver.contract.pointer import ABSENT
from mockserver.inflate import NotOfThatCoding, inflate, is_known
from mockserver.kit.traffic.body_limits import HEAD, is_readable
from mockserver.kit.traffic.exchange import LeftOut, header_value, read_json
from mockserver.numerals import MOST, whole_number
from mockserver.terms import Headers

MOST_BODY: Final = 64 * 1024 * 1024
"""Bytes to which a compressed body may grow."""
LOST: Final = "\N{REPLACEMENT CHARACTER}".encode()
"""Stands in records for bytes that are not text."""
_MAGIC: Final = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
"""How a body begins that is still compressed."""
_CONTROLS: Final = re.compile(rb"[\0-\x08\x0b\x0e-\x1f\x7f]")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]+={0,2}")
_BODILESS: Final = frozenset({204, 205, 304})
_SPACE: Final = re.compile(rb"\s+")


class RecordedBody(NamedTuple):
    """A body; whether the record lacks some of it; and why it cannot be read, if that is so."""

    content: bytes
    cut: bool = False
    left_out: LeftOut | None = None


def decompress(body: bytes, headers: Headers) -> RecordedBody:
    """A body in the Content-Encoding of its headers.

    Most recorders decompress bodies and leave the header as it was: only the bytes tell which did.
    """
    named = header_value(headers, "content-encoding") or ""
    coding = named.strip().lower()
    if coding in ("", "identity") or not body or _is_json(body):
        return RecordedBody(body)
    if not is_known(coding):
        return (
            RecordedBody(body)
            if _is_text(body)
            else unread(body, f"its content coding {coding[:40]!r} is not read")
        )
    magic = _MAGIC.get(coding)
    if magic is not None and not body.startswith(magic):
        return RecordedBody(body)
    return _inflated(body, coding)


def _inflated(body: bytes, coding: str) -> RecordedBody:
    try:
        content, more, ended = inflate((body,), coding, MOST_BODY)
    except NotOfThatCoding as error:
        return RecordedBody(body) if _is_text(body) else unread(body, f"it is not {str(error)[:80]}")
    if more:
        reason = f"the body was too large (more than {MOST_BODY} bytes)"
        return RecordedBody(content[:HEAD], True, LeftOut(reason, len(content), sha256(content).hexdigest()))
    if not ended and _is_text(body):
        return RecordedBody(body)
    return RecordedBody(content, cut=not ended)


def labelled_base64(text: bytes, what: str) -> RecordedBody:
    """The bytes of a text that is said to be Base64; the text itself if it is plain JSON."""
    content = _from_base64(text)
    if content is not None:
        return RecordedBody(content)
    if _is_json(text):
        return RecordedBody(text)
    return unread(text, f"{what} is not Base64, as it is said to be")


def unlabelled(text: bytes, headers: Headers) -> bytes:
    """A text, or what it is the unlabelled Base64 of: JSON, or what is compressed."""
    if _is_json(text):
        return text
    content = _from_base64(text)
    if not content:
        return text
    named = header_value(headers, "content-encoding") or ""
    magic = _MAGIC.get(named.strip().lower())
    plain = is_readable(content) and isinstance(read_json(content), dict | list)
    return content if plain or (magic and content.startswith(magic)) else text


def is_bodiless(method: str, status: int) -> bool:
    """Whether an answer has no body, whatever its headers or a cache say."""
    return method.upper() == "HEAD" or status in _BODILESS or status < 200


def length(headers: Headers) -> int:
    """What Content-Length says; 0 without one."""
    text = header_value(headers, "content-length") or ""
    stated = whole_number(text)
    return 0 if stated in (None, MOST) else stated


def unread(body: bytes, reason: str) -> RecordedBody:
    """A body that cannot be judged, with its head and the reason."""
    left_out = LeftOut(f"the body cannot be read: {reason}", len(body), sha256(body).hexdigest())
    return RecordedBody(body[:HEAD], True, left_out)


def _from_base64(text: bytes) -> bytes | None:
    """The bytes of a Base64 text in either alphabet, in lines or not, padded or not; None if it is none."""
    packed = _SPACE.sub(b"", text)
    if not packed:
        return b""
    if not _BASE64.fullmatch(packed):
        return None
    packed = packed.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4))
    except binascii.Error:
        return None


def _is_json(body: bytes) -> bool:
    return is_readable(body) and read_json(body) is not ABSENT


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return not _CONTROLS.search(body)
