"""Text in the scripts of the extra: which letters there are, how they join, and in which order they stand."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFont

from mockserver.extras import SCRIPTS
from mockserver.media.lettering import UNSEEN
from mockserver.media.scripts import JOINERS, Typesetter, typesetter

SIZE = 22
SAMPLES = {
    "Greek and Cyrillic": "Ελληνικά Привет",
    "Latin with accents": "Une forêt enneigée, Łódź, straße 5 €",
    "Chinese": "一只红色的猫在海港上空飞过。",
    "traditional Chinese": "一隻紅色的貓飛過海港",
    "Japanese": "港の上を飛ぶ「赤い猫」カメラ",
    "Korean": "고양이가 항구 위를 날아간다",
    "Arabic": "قطة حمراء فوق الميناء ٢٠٢٦",
    "Persian": "گربه می\u200cخواهد پرواز کند",
    "Hebrew": "חתול אדום, שָׁלוֹם",
    "Hindi": "लाल गुब्बारा क्षत्रिय",
    "Thai": "แมวสีแดงเหนือท่าเรือ",
    "other scripts": "ქართული Հայերեն አማርኛ ខ្មែរ ລາວ မြန်မာ සිංහල தமிழ் తెలుగు ಕನ್ನಡ മലയാളം বাংলা ગુજરાતી ਪੰਜਾਬੀ",
    "emoji": "🎬 🐈‍⬛ 👩‍🚀 ☀ ❤ 🇩🇪 👍🏽",
}


def setter() -> Typesetter:
    found = typesetter()
    assert found is not None
    return found


def drawn(line: str) -> Image.Image:
    return setter().draw(line, SIZE, 2 * SIZE, 30)


def ink(picture: Image.Image) -> bytes:
    """What is drawn, wherever it stands."""
    return picture.crop(picture.getbbox()).tobytes()


def begins(line: str, other: str) -> bool:
    """Whether the line looks, at its left, like the other."""
    sample = drawn(other)
    box = sample.getbbox()
    return box is not None and drawn(line).crop(box).tobytes() == sample.crop(box).tobytes()


@pytest.mark.quick
@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES)
def test_each_letter_is_there_and_looks_like_no_other(text: str) -> None:
    letters = {letter for letter in text if not letter.isspace() and letter not in JOINERS}

    assert all(setter().has(letter) for letter in letters)
    # What a typeface draws for letters that it lacks looks the same for all.
    assert len({ink(drawn(letter)) for letter in letters}) == len(letters)


@cache
def faces() -> list[tuple[ImageFont.FreeTypeFont, tuple[bytes, float]]]:
    """The typefaces, as FreeType reads them, with the look of what each lacks."""
    specs = [find_spec(name) for name in SCRIPTS]
    files = [file for spec in specs if spec and spec.origin for file in Path(spec.origin).parent.iterdir()]
    fonts = [
        ImageFont.truetype(str(file), SIZE, layout_engine=ImageFont.Layout.BASIC)
        for file in files
        if file.suffix in (".ttf", ".otf") and "Italic" not in file.name
    ]
    return [(font, look(font, "\uffff")) for font in fonts]


def look(font: ImageFont.FreeTypeFont, letter: str) -> tuple[bytes, float]:
    return bytes(font.getmask(letter)), font.getlength(letter)


@given(st.characters(exclude_categories=["Cs"]))
def test_a_letter_is_there_if_a_typeface_has_it(letter: str) -> None:
    assert setter().has(letter) == any(look(font, letter) != lacking for font, lacking in faces())


@given(st.characters(categories=["L", "M", "N", "P", "S"], exclude_characters=UNSEEN).filter(setter().has))
def test_what_is_there_is_to_be_seen(letter: str) -> None:
    without = Image.new("L", (9 * SIZE, 2 * SIZE))
    picture = without.copy()
    without.paste(drawn("a"))
    picture.paste(drawn(f"a{letter}"))
    assert picture.tobytes() != without.tobytes()


@pytest.mark.parametrize("letter", ["\U00012000", "\uffff", "\ue123", "\ud83c"])
def test_what_no_typeface_has_is_known(letter: str) -> None:
    assert not setter().has(letter)


def test_letters_join() -> None:
    alone, joined, apart = (setter().width(text, SIZE) for text in ("ب", "ببب", "ب\u200cب\u200cب"))

    assert joined < 3 * alone
    assert apart == 3 * alone
    assert ink(drawn("ببب")) != ink(drawn("ب\u200cب\u200cب"))


def test_letters_of_india_are_ordered_and_joined() -> None:
    # The vowel is written after the consonant, and stands before it.
    assert begins("क।", "क")
    assert not begins("क\u093f।", "क")
    assert setter().width("क्ष", SIZE) < setter().width("क्\u200cष", SIZE)


def test_a_mark_takes_no_room() -> None:
    assert setter().width("שָׁ", SIZE) == setter().width("ש", SIZE)
    assert setter().width("é", SIZE) == setter().width("e\u0301", SIZE) == setter().width("e", SIZE)


@pytest.mark.parametrize("line", ["\u0301", "\u05b8", "猫\u05b8", "猫\u064e", "ab\u0e31"])
def test_a_mark_without_a_letter_stands_at_a_circle(line: str) -> None:
    assert setter().width(line, SIZE) > setter().width(line[:-1], SIZE)


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("אב", "ב"),
        ("אב ab", "ab"),
        ("ab אב", "ab"),
        ("אב 12", "12"),
        ("(אב)", "("),
        ("אב (ab)", "(ab)"),
        ("אב <", ">"),
        ("«مرحبا» قال", "ل"),
        ("ab (אב)", "ab ("),
        ("猫 ab", "猫"),
    ],
)
def test_a_line_is_in_the_order_of_its_scripts(line: str, first: str) -> None:
    assert begins(line, first)


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("אב ab", True),
        ("مرحبا", True),
        ("ab אב", False),
        ("12 אב", True),
        ("猫", False),
        ("", False),
        ("12", False),
    ],
)
def test_a_line_is_read_from_the_side_of_its_first_letter(line: str, right: bool) -> None:
    assert setter().is_rightmost_first(line) is right


def test_ideographs_have_the_forms_of_their_language() -> None:
    chinese, japanese, korean = (drawn(f"直{rest}").crop((0, 0, SIZE, 2 * SIZE)) for rest in ("", "の", "한"))

    assert chinese.tobytes() != japanese.tobytes()
    assert chinese.tobytes() != korean.tobytes()


@pytest.mark.parametrize(
    "line", ["Z" + "\u0301\u0489" * 200, "ก" + "\u0e49" * 200, "", " ", "\u200d", "\u0301"]
)
def test_a_line_has_the_height_that_it_is_given(line: str) -> None:
    assert drawn(line).height == 2 * SIZE
