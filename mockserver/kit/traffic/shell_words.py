"""Bytes as words of a bash command, in printable ASCII and in one line.

No encoding of a console, no wrapping of a report and no collapsing of blanks changes such a word, so that
what is copied is what was written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_BARE: Final = re.compile(rb"[A-Za-z0-9@%+=:,./_-]+")
_SINGLE: Final = re.compile(rb"(?:[!-&(-~]| (?=[!-&(-~]))+")
"""What single quotes hold as it is: printable, no quote, and no two blanks beside each other."""
_DOUBLE: Final = re.compile(rb"[A-Za-z0-9:,./_=-]*(?: (?! )[A-Za-z0-9:,./_=-]*)*")
"""What double quotes hold as it is, before a variable: no two blanks beside each other either."""
_ESCAPES: Final = {ord("'"): "\\'", ord("\\"): "\\\\", ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}


def word(content: bytes, variables: Mapping[bytes, str] | None = None) -> str:
    """A word that stands for the bytes, which have no NUL; keys of `variables` in them become `"$NAME"`."""
    names = {secret: name for secret, name in (variables or {}).items() if secret in content}
    if not names:
        return _quoted(content)
    longest_first = sorted(names, key=len, reverse=True)
    parts = re.split(b"(" + b"|".join(map(re.escape, longest_first)) + b")", content)
    if len(parts) == 3 and not parts[2] and _DOUBLE.fullmatch(parts[0]):
        return f'"{parts[0].decode()}${names[parts[1]]}"'
    words = (f'"${names[part]}"' if part in names else _quoted(part) for part in parts if part)
    return "".join(words)


def _quoted(content: bytes) -> str:
    if _BARE.fullmatch(content):
        return content.decode()
    if not content or _SINGLE.fullmatch(content):
        return f"'{content.decode()}'"
    return f"$'{''.join(_escaped(content))}'"


def _escaped(content: bytes) -> list[str]:
    escaped, before = [], b" "[0]
    for byte in content:
        collapses = byte == before == b" "[0]
        # A shell at a terminal looks for ! also within these quotes.
        printable = 0x20 <= byte < 0x7F and byte != b"!"[0] and not collapses
        escaped.append(_ESCAPES.get(byte) or (chr(byte) if printable else f"\\x{byte:02x}"))
        before = byte
    if escaped[-1] == " ":
        escaped[-1] = "\\x20"
    return escaped
