"""Text made safe to show: `plain` for everything that people read, `plain_line` where it must stay one line.

What a stranger sends may steer a terminal, ring its bell, turn the direction of a line, or be seen by nobody.
`plain` writes as an escape every control character but newline and tab, every format character (they set
direction, join, or have no width), every other character that Unicode calls ignorable (fillers, tags), line
and paragraph separators, lone surrogates and noncharacters. Variation selectors stay, since emoji need them.

The escapes are those of JSON, so that a JSON text stays one of the same meaning.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

UNSAFE: Final = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef"
    "\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""What steers, turns or hides text, as the inside of a class of a regular expression."""


_SPELLED: Final = {"→": "->"}
"""Signs of our own that every console can show in another way."""


@cache
def _unsafe() -> re.Pattern[str]:
    # Made when first needed: it takes 2 ms, and a server usually starts and ends without it.
    return re.compile(f"[{UNSAFE}]")


def plain(text: str) -> str:
    """The text with what steers, turns or hides written as escapes; newlines and tabs stay."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return _unsafe().sub(lambda match: escaped(match[0]), text)


def plain_line(text: str) -> str:
    """As `plain`, and newlines and tabs as escapes too: for a cell, a log line, a part of a sentence."""
    return plain(text).replace("\n", "\\n").replace("\t", "\\t")


def encodable(text: str, encoding: str) -> str:
    """The text as a console of that encoding can show it: what it lacks is written as escapes."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        lacking = {character for character in set(text) if not _has(encoding, character)}
        return "".join(_SPELLED.get(c) or escaped(c) if c in lacking else c for c in text)
    except LookupError:
        return encodable(text, "ascii")
    return text


def _has(encoding: str, character: str) -> bool:
    return character.encode(encoding, "ignore") != b""


def escaped(text: str) -> str:
    """Every character as JSON's `\\uXXXX`, of which characters beyond U+FFFF take two."""
    units = text.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
