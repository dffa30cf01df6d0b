"""Text in a picture: what the typeface lacks is named, and lines are as wide as there is room."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from mockserver.errors import MediaError
from mockserver.media import band, lettering
from mockserver.media.lettering import (
    font,
    printable,
    shortened,
    starts_right,
    to_install,
    width,
    wrapped,
    write,
)
from mockserver.media.scripts import JOINERS, typesetter
from mockserver.media.spec import VideoSpec

BOX = bytes(font(20).getmask("\uffff"))


@pytest.fixture
def without_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra is not installed."""
    monkeypatch.setattr(lettering, "typesetter", lambda: None)


@pytest.mark.usefixtures("without_scripts")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a boat", "a boat"),
        ("Une forêt enneigée, straße", "Une foret enneigee, strasse"),
        ("e\u0301te\u0301", "ete"),
        ("Łódź – Øre × œuf", "Lodz - Ore x oeuf"),
        ("tabs\tand\nbreaks\x00and  spaces ", "tabs and breaks and spaces"),
        ("猫 naps", "‹CJK 732B› naps"),
        ("港の猫", "‹CJK 6E2F›‹HIRAGANA 306E›‹CJK 732B›"),
        ("مرحبا", "‹ARABIC 0645 0631 062D 0628 0627›"),
        ("Привет", "‹CYRILLIC 041F 0440 0438 0432 0435 0442›"),
        ("🎬🎬 up", "‹clapper board›‹clapper board› up"),
        ("☀\ufe0f", "‹black sun with rays›"),
        ("5 €", "5 ‹euro sign›"),
        ("\ud83c alone", "‹u+d83c› alone"),
        ("left \u202e right\u200d", "left  right"),
        ("", ""),
    ],
)
def test_without_the_extra_what_is_not_latin_is_named(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a boat", "a boat"),
        ("Une forêt enneigée, straße", "Une forêt enneigée, straße"),
        ("e\u0301te\u0301", "été"),
        ("港の猫 naps\n", "港の猫 naps"),
        ("قطة", "قطة"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("שלום \u202e\u2066x\u2069", "שלום x"),
        ("🐈\u200d⬛ ☀\ufe0f", "🐈\u200d⬛ ☀"),
        ("\U00012000\U00012001 猫", "‹CUNEIFORM 12000 12001› 猫"),
        ("\ud83c alone, \ue123 private", "‹u+d83c› alone, ‹u+e123› private"),
        ("ａｂ１", "ａｂ１"),
        ("𝐚", "a"),
        ("葛\U000e0100城 a\u034fb\u3164", "葛城 ab"),
    ],
)
def test_with_the_extra_only_what_no_typeface_has_is_named(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.usefixtures("without_scripts")
@given(st.text(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_without_the_extra_nothing_is_a_box(text: str) -> None:
    assert all(letter.isspace() or bytes(font(20).getmask(letter)) != BOX for letter in printable(text))


@given(st.text(max_size=40))
def test_with_the_extra_nothing_is_a_box(text: str) -> None:
    setter = typesetter()
    assert setter is not None
    for letter in set(printable(text)) - {" ", *JOINERS}:
        assert setter.has(letter) or bytes(font(20).getmask(letter)) != BOX


def test_of_a_long_text_the_beginning_is_read() -> None:
    assert printable("a" * 20_000) == "a" * 600
    assert printable("猫" * 20_000) == "猫" * 600
    assert printable("\U00012000" * 20_000).count("12000") == 600


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("a boat", ""),
        ("", ""),
        ("forêt", "pip install 'videogen-mockserver[scripts]'"),
        ("猫", "pip install 'videogen-mockserver[scripts]'"),
    ],
)
def test_what_to_install_is_known(text: str, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert to_install(text) == ""
    monkeypatch.setattr(lettering, "typesetter", lambda: None)
    assert to_install(text) == command


@given(
    st.text("abc dWiبא猫、🐈\u0301", max_size=80), st.integers(8, 30), st.integers(40, 300), st.integers(1, 4)
)
def test_lines_are_no_wider_than_the_room_and_keep_the_words(
    text: str, size: int, room: int, rows: int
) -> None:
    text = printable(text)
    lines = list(wrapped(text, size, room, rows))

    assert 1 <= len(lines) <= rows
    assert all(width(line, size) <= room or len(line) <= 2 for line in lines)
    joined = "".join(lines).replace(" ", "")
    if text and not joined.endswith("…"):
        assert joined == text.replace(" ", "")
    elif text:
        assert text.replace(" ", "").startswith(joined.removesuffix("…"))


def test_a_text_that_fits_is_whole_and_another_is_cut_with_an_ellipsis() -> None:
    room = int(width("a boat at sea", 12)) - 1
    assert shortened("a boat at sea", 12, room + 2) == "a boat at sea"
    cut = shortened("a boat at sea", 12, room)
    assert cut.endswith("…")
    assert "a boat at sea".startswith(cut[:-1])
    assert width(cut, 12) <= room


def test_a_line_is_broken_at_a_space() -> None:
    room = int(width("a red balloon", 12)) + 1
    assert list(wrapped("a red balloon over", 12, room, 2)) == ["a red balloon", "over"]
    assert list(wrapped("a red balloon", 12, room, 2)) == ["a red balloon"]
    assert list(wrapped("", 12, room, 2)) == ["(no prompt)"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("一只红色的猫", "一只红色"),
        ("赤い猫。。と", "赤い"),
        ("赤い「猫」と", "赤い"),
        ("ab cd赤い猫", "ab cd赤"),
        ("赤 ab cd ef", "赤 ab cd"),
        ("赤い猫e\u0301e\u0301e\u0301", "赤い猫"),
    ],
)
def test_a_line_is_broken_between_ideographs_and_not_before_what_closes(text: str, first: str) -> None:
    """In the room of four ideographs."""
    assert next(wrapped(text, 20, 80, 2)) == first


def test_a_sign_of_several_characters_is_not_torn() -> None:
    astronaut = "👩\u200d🚀"
    room = math.ceil(width(astronaut * 3, 20)) + 1
    assert list(wrapped(astronaut * 5, 20, room, 2)) == [astronaut * 3, astronaut * 2]


def inked(text: str) -> tuple[int, int]:
    """Columns at which the text begins and ends, written at 10 px."""
    sheet = Image.new("L", (300, 60))
    write(sheet, text, 20, "white", (10.0, 30.0))
    box = sheet.getbbox()
    assert box is not None
    assert box[1] >= 10
    assert box[3] <= 50
    return box[0], box[2]


@pytest.mark.parametrize("text", ["a boat", "赤い猫", "قطة حمراء", "‹CJK 20001› ب", "forêt"])
def test_a_line_is_written_from_its_place_and_as_wide_as_it_is_measured(text: str) -> None:
    left, right = inked(text)
    assert abs(left - 10) <= 3
    assert abs(right - 10 - width(text, 20)) <= 3


def test_lines_of_both_typefaces_stand_on_one_line() -> None:
    bottoms = []
    for text in ("E", "EÉ"):
        sheet = Image.new("L", (60, 60))
        write(sheet, text, 20, "white", (10.0, 30.0))
        bottoms.append((sheet.getbbox() or (0, 0, 0, 0))[3])
    assert abs(bottoms[0] - bottoms[1]) <= 1


def test_which_side_a_line_begins_at() -> None:
    assert [starts_right(text) for text in ("قطة abc", "abc قطة", "猫", "abc", "")] == [True, *[False] * 4]


@pytest.mark.parametrize(
    ("one", "two", "at_the_right"), [("a", "b", False), ("ب", "ש", True), ("猫", "犬", False)]
)
def test_a_prompt_begins_at_its_side_of_the_band(one: str, two: str, at_the_right: bool) -> None:
    spec = VideoSpec("kkiai", "kling-v1", "1", "", 1.0, 640, 360, 10)
    first, second = (band.draw(band.band(replace(spec, prompt=prompt), "facts")) for prompt in (one, two))
    box = ImageChops.difference(first, second).getbbox()
    assert box is not None
    assert (box[0] > 600, box[2] < 40) == (at_the_right, not at_the_right)


def test_a_pillow_without_type_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import ImageFont

    monkeypatch.setattr(ImageFont, "load_default", lambda size: ImageFont.ImageFont())
    with pytest.raises(MediaError, match="without FreeType"):
        font.__wrapped__(12)
