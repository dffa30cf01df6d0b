"""Text in a picture: what the typeface lacks is named, and lines are as wide as there is room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.errors import MediaError
from mockserver.media.lettering import font, printable, shortened, wrapped

BOX = bytes(font(20).getmask("\uffff"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a boat", "a boat"),
        ("Une forêt enneigée, straße", "Une foret enneigee, strasse"),
        ("Łódź – Øre × œuf", "Lodz - Ore x oeuf"),
        ("tabs\tand\nbreaks\x00and  spaces ", "tabs and breaks and spaces"),
        ("猫 naps", "‹CJK 732B› naps"),
        ("港の猫", "‹CJK 6E2F›‹HIRAGANA 306E›‹CJK 732B›"),
        ("مرحبا", "‹ARABIC 0645 0631 062D 0628 0627›"),
        ("Привет", "‹CYRILLIC 041F 0440 0438 0432 0435 0442›"),
        ("🎬🎬 up", "‹clapper board›‹clapper board› up"),
        ("5 €", "5 ‹euro sign›"),
        ("\ud83c alone", "‹u+d83c› alone"),
        ("left \u202e right\u200d", "left  right"),
        ("", ""),
    ],
)
def test_what_the_typeface_lacks_is_named(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(max_size=40))
def test_nothing_is_a_box(text: str) -> None:
    assert all(letter.isspace() or bytes(font(20).getmask(letter)) != BOX for letter in printable(text))


def test_of_a_long_text_the_beginning_is_read() -> None:
    assert printable("a" * 601) == "a" * 600
    assert printable("猫" * 601).count("732B") == 600


@given(st.text("abc dWi", max_size=80), st.integers(8, 30), st.integers(40, 300), st.integers(1, 4))
def test_lines_are_no_wider_than_the_room_and_keep_the_words(
    text: str, size: int, room: int, rows: int
) -> None:
    text = printable(text)
    lines = list(wrapped(text, size, room, rows))

    assert 1 <= len(lines) <= rows
    assert all(font(size).getlength(line) <= room or len(line) <= 2 for line in lines)
    joined = "".join(lines).replace(" ", "")
    if text and not joined.endswith("…"):
        assert joined == text.replace(" ", "")
    elif text:
        assert text.replace(" ", "").startswith(joined.removesuffix("…"))


def test_a_text_that_fits_is_whole_and_another_is_cut_with_an_ellipsis() -> None:
    width = font(12).getlength("a boat at sea")
    assert shortened("a boat at sea", 12, int(width) + 1) == "a boat at sea"
    cut = shortened("a boat at sea", 12, int(width) - 1)
    assert cut.endswith("…")
    assert "a boat at sea".startswith(cut[:-1])
    assert font(12).getlength(cut) <= width


def test_a_line_is_broken_at_a_space() -> None:
    room = int(font(12).getlength("a red balloon")) + 1
    assert list(wrapped("a red balloon over", 12, room, 2)) == ["a red balloon", "over"]
    assert list(wrapped("a red balloon", 12, room, 2)) == ["a red balloon"]
    assert list(wrapped("", 12, room, 2)) == ["(no prompt)"]


def test_a_pillow_without_type_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import ImageFont

    monkeypatch.setattr(ImageFont, "load_default", lambda size: ImageFont.ImageFont())
    with pytest.raises(MediaError, match="without FreeType"):
        font.__wrapped__(12)
