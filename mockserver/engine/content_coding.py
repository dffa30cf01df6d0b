"""Bodies of requests in a content coding: gzip, deflate, br, zstd, or several on top of each other."""

from __future__ import annotations

from typing import Final

from mockserver.contract.violation import shown
from mockserver.inflate import MOST_CODINGS, Inflater, NotOfThatCoding, codings, is_known

ACCEPTED: Final = "gzip, deflate, br, zstd"
"""What Accept-Encoding says beside a refusal (RFC 9110, 15.5.16)."""


class UnknownCoding(ValueError):
    """A body is in a coding that is not read, or in too many; the text says which."""


class BrokenBody(ValueError):
    """A body is not of its coding, or breaks off; the text says which."""


class InflatesTooFar(ValueError):
    """A body inflates to more than it may have."""


def check_coding(coding: str) -> bool:
    """Whether a Content-Encoding changes a body at all. Raises UnknownCoding."""
    names = codings(coding)
    if len(names) > MOST_CODINGS:
        raise UnknownCoding(
            f"Content-Encoding names {len(names)} codings on top of each other; {MOST_CODINGS} are read"
        )
    unknown = next((name for name in names if not is_known(name)), None)
    if unknown is not None:
        raise UnknownCoding(
            f"Content-Encoding {shown(unknown)!r} is not read here; send one of {ACCEPTED}, or none"
        )
    return bool(names)


def undo(body: bytes | bytearray, coding: str, most: int) -> bytearray:
    """The body without its coding. Raises InflatesTooFar for more than `most` bytes, and BrokenBody."""
    inflater = Inflater(coding, most)
    content = bytearray()
    try:
        for piece in inflater.pieces(body):
            content += piece
            if len(content) > most:
                raise InflatesTooFar
    except NotOfThatCoding as error:
        raise BrokenBody(not_of_coding(error)) from None
    if inflater.too_large:
        raise InflatesTooFar
    if not inflater.ended:
        raise BrokenBody(breaks_off(coding))
    return content


def not_of_coding(error: NotOfThatCoding) -> str:
    """What is wrong with a body that is not of its coding."""
    return f"the body is not in the coding that Content-Encoding names: {shown(str(error))}"


def breaks_off(coding: str) -> str:
    """What is wrong with a body whose coding does not come to its end."""
    return f"the body breaks off: its {', '.join(codings(coding))} does not come to an end"
