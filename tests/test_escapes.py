"""Text for people: what steers, turns or hides is an escape, and everything else stays as it is."""

from __future__ import annotations

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.escapes import plain, plain_line

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode's categories of what is not seen: controls, formats, surrogates, separators of lines."""
FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u3164\uffa0\U000e0100\ufdd0\ufffe\uffff"
"""Letters and marks that nobody sees, and code points that are no characters."""


def is_hidden(character: str) -> bool:
    return unicodedata.category(character) in HIDDEN and character not in "\n\t"


def test_every_hidden_character_is_shown() -> None:
    hidden = [character for character in map(chr, range(sys.maxunicode + 1)) if is_hidden(character)]
    assert len(hidden) > 2000
    assert not [character for character in [*hidden, *FILLERS] if character in plain(f"a{character}b")]


@pytest.mark.parametrize(
    "text", ["a\n\tb", "Größe 中文 עברית العربية", "❤️ 🚀 ñ", "\u00a0 \u3000", "\\u001b", ""]
)
def test_what_is_seen_stays(text: str) -> None:
    assert plain(text) == text


def test_the_escapes_are_those_of_json() -> None:
    assert plain("\x1b[31m\x07\r\x9b\u202e\ud800\U000e0041") == (
        "\\u001b[31m\\u0007\\u000d\\u009b\\u202e\\ud800\\udb40\\udc41"
    )
    assert plain_line("a\nb\tc\x1b") == "a\\nb\\tc\\u001b"


@given(st.text())
def test_it_is_plain_and_stays_so(text: str) -> None:
    shown = plain(text)
    assert not any(map(is_hidden, shown))
    assert plain(shown) == shown
    assert "\n" not in plain_line(text)


@given(st.recursive(st.text() | st.none() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)))
def test_json_keeps_its_meaning(document: object) -> None:
    for indent in (None, 2):
        text = json.dumps(document, ensure_ascii=False, indent=indent)
        assert json.loads(plain(text)) == document
