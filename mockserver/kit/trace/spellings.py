"""Keys in texts, however they are spelled there: as they are, percent-encoded, or escaped as in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote, quote_plus, unquote_to_bytes

from mockserver.kit.traffic.exchange import REDACTED

_CODINGS: Final = 3
"""How often a text is decoded: what stands in a link within a link is encoded once more each time."""
_CODED: Final = re.compile(rb"%([0-9a-fA-F]{2})")
_LONGEST: Final = 65_536
"""A longer text with an encoded key is left out as a whole: to find the place takes memory."""


def spellings(secret: str) -> tuple[str, ...]:
    """How recorders and servers write a key in a body: most keys have one spelling."""
    encoded = [quote(secret, "", errors="surrogatepass"), quote(secret, "/", errors="surrogatepass")]
    encoded.append(quote_plus(secret, "", errors="surrogatepass"))
    encoded += [_CODED.sub(lambda code: code[0].lower(), text.encode()).decode() for text in encoded]
    escaped = json.dumps(secret)[1:-1]
    raw = json.dumps(secret, ensure_ascii=False)[1:-1]
    every = (secret, *encoded, escaped, raw, escaped.replace("/", r"\/"), raw.replace("/", r"\/"))
    return tuple(dict.fromkeys(every))


def without_secrets(text: str, secrets: Sequence[str]) -> str:
    """A URL or a header's value with each key replaced, whichever of its characters are percent-encoded."""
    data = text.encode("utf-8", "surrogatepass")
    wanted = [secret.encode("utf-8", "surrogatepass") for secret in secrets]
    if "%" not in text or not _has_encoded(data, wanted):
        for secret in secrets:
            text = text.replace(secret, REDACTED)
        return text
    if len(data) > _LONGEST:
        return REDACTED
    return _cut(data, sorted(_encoded(data, wanted))).decode("utf-8", "surrogatepass")


def _has_encoded(data: bytes, secrets: Sequence[bytes]) -> bool:
    for _ in range(_CODINGS):
        data = unquote_to_bytes(data)
        if any(secret in data for secret in secrets):
            return True
    return False


def _encoded(data: bytes, secrets: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Where keys begin and end in the text as it stands."""
    starts = list(range(len(data) + 1))  # of each byte of the decoded text, and of the end
    for _ in range(_CODINGS + 1):
        for secret in secrets:
            for match in re.finditer(re.escape(secret), data):
                yield starts[match.start()], starts[match.end()]
        data, starts = _decode(data, starts)


def _decode(data: bytes, starts: Sequence[int]) -> tuple[bytes, list[int]]:
    decoded, begins, at = bytearray(), list[int](), 0
    for code in _CODED.finditer(data):
        begin, end = code.span()
        decoded += data[at:begin]
        decoded.append(int(code[1], 16))
        begins += starts[at : begin + 1]
        at = end
    return bytes(decoded + data[at:]), [*begins, *starts[at:]]


def _cut(data: bytes, places: Sequence[tuple[int, int]]) -> bytes:
    """The text with what stands at these places, in their order, replaced."""
    parts, at = list[bytes](), 0
    for begin, end in places:
        if begin >= at:
            parts += (data[at:begin], REDACTED.encode())
        at = max(at, end)
    return b"".join((*parts, data[at:]))
