"""x-image: what a picture in a string must be. Both validators call the one function that decides."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final, Protocol

from mockserver.numerals import plural

_CHARACTER: Final = r"(?:[A-Za-z0-9._~:/@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
_URL: Final = (
    rf"(?i:https?)://(?:[A-Za-z0-9._~:@!$&'()*+,;=-]|%[0-9A-Fa-f]{{2}}|\[[0-9A-Fa-f:.]+\])+"
    rf"(?:/{_CHARACTER}*)?(?:\?(?:{_CHARACTER}|\?)*)?(?:#(?:{_CHARACTER}|\?)*)?"
)
_DATA: Final = r"(?i:data:[^,;]*(?:;[^,;]+)*;base64,)"
_SHORT: Final = 2048
_LONGEST_URL: Final = 64 * 1024
"""Characters of a link: servers take far fewer, and to match millions takes a second and a GB of memory."""
_PIECE: Final = 256 * 1024
"""Characters of Base64 that are decoded at a time: a millisecond or two, after which other threads go on."""
_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/]")
_URL_SAFE: Final = "; the URL-safe one is another"
_MOST_MEASURED: Final = 64
"""Pictures whose measure is remembered: all of a request, and of the requests at work beside it."""


class PictureHeader(Protocol):
    """What a picture's header says; `kind` is `jpeg`, `png` or another format's name."""

    @property
    def kind(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


Measure = Callable[[bytes], PictureHeader]
"""Reads a picture's header, in little time whatever it holds. Raises ValueError when it is not a picture."""


def is_url(text: str) -> bool:
    """Whether `text` is an http or https URL in the characters RFC 3986 allows."""
    if len(text) <= _SHORT:
        return _is_url(text)
    return re.fullmatch(_URL, text) is not None


def is_known_url(text: str) -> bool:
    """`is_url` for a text short enough to remember."""
    return len(text) <= _SHORT and _is_url(text)


@lru_cache(maxsize=1024)
def _is_url(text: str) -> bool:
    return re.fullmatch(_URL, text) is not None


def image_problem(text: str, rule: dict[str, Any], measure: Measure) -> str | None:
    """What is wrong with the picture in `text` by the x-image `rule`, or None. Never fetches a URL."""
    forms = rule["forms"]
    if not text:
        return None if rule.get("empty") else "an empty string is not a picture"
    if text[:4].lower() == "http" and "://" in text[:8]:
        if "url" not in forms:
            return "is a link"
        return _url_problem(text)
    prefix = re.match(_DATA, text[:200])
    if prefix or text[:5].lower() == "data:":
        return _data_problem(text, prefix, rule, measure)
    if "base64" in forms:
        return _content_problem(text, 0, rule, measure)
    return f"is neither {_or(forms)}"


def _url_problem(text: str) -> str | None:
    if len(text) > _LONGEST_URL:
        return f"is a link of {len(text)} characters, more than {_LONGEST_URL}"
    return None if is_url(text) else "is not a valid http(s) URL"


def _data_problem(
    text: str, prefix: re.Match[str] | None, rule: dict[str, Any], measure: Measure
) -> str | None:
    if "data-uri" not in rule["forms"]:
        return "File is not in a valid base64 format: send the Base64 text alone, without the `data:` prefix"
    if prefix is None:
        return "is not a Base64 data URI (data:image/png;base64,...)"
    return _content_problem(text, prefix.end(), rule, measure)


def _content_problem(text: str, start: int, rule: dict[str, Any], measure: Measure) -> str | None:
    """What is wrong with the picture whose Base64 begins at `start`."""
    size = (len(text) - start) * 3 // 4 - text.count("=", max(start, len(text) - 2))
    most = rule.get("maxBytes")
    if most is not None and size > most:
        return f"holds {plural(size, 'byte')}, more than {most}"
    picture = _measured(text, start, measure)
    if isinstance(picture, str):
        return picture
    return next(_picture_problems(picture, rule), None)


def measured(text: Any, measure: Measure) -> PictureHeader | None:
    """The header of a picture in Base64 or a data URI; None for a link, and for all that is no picture."""
    if not isinstance(text, str) or not text or text[:4].lower() == "http":
        return None
    picture = _measured(text, text.find(",") + 1 if text[:5].lower() == "data:" else 0, measure)
    return None if isinstance(picture, str) else picture


_pictures: Final[dict[tuple[int, int, Measure], PictureHeader | str]] = {}


def _measured(text: str, start: int, measure: Measure) -> PictureHeader | str:
    """The header of the picture whose Base64 begins at `start`, or what is wrong with it.

    It is decoded once for all schemas and profiles that ask, by the text's hash, which nobody can foresee:
    a refused body is judged by each profile and explained, and has up to 64 MiB.
    """
    key = (len(text), hash(text), measure)
    picture = _pictures.get(key)
    if picture is None:
        if len(_pictures) >= _MOST_MEASURED:
            _pictures.clear()
        picture = _pictures[key] = _measure(text, start, measure)
    return picture


def _measure(text: str, start: int, measure: Measure) -> PictureHeader | str:
    try:
        return measure(decode_base64(text, start))
    except binascii.Error:
        return f"File is not in a valid base64 format: {_base64_problem(text, start)}"
    except ValueError as error:
        return f"is not a picture that can be read: {error}"


def decode_base64(text: str, start: int = 0) -> bytes:
    """The bytes, decoded piece by piece so that other threads go on. Raises binascii.Error."""
    end = len(text)
    if (end - start) % 4 or text.find("=", start, end - 2) >= 0:
        raise binascii.Error
    try:
        pieces = (text[at : at + _PIECE].encode("ascii") for at in range(start, end, _PIECE))
        return b"".join([binascii.a2b_base64(piece, strict_mode=True) for piece in pieces])
    except UnicodeEncodeError:
        raise binascii.Error from None


def _base64_problem(text: str, start: int) -> str:
    """Why a text from `start` on is no Base64, with the number of its first wrong character, from 1."""
    pieces = range(start, len(text), _PIECE)
    found_at = (match.start() for at in pieces if (match := _NOT_BASE64.search(text, at, at + _PIECE)))
    at = next(found_at, len(text))
    where = f"at character {at - start + 1}"
    if at < len(text):
        sign = text[at]
        if sign in "\r\n":
            return f"there is a line break {where}"
        if sign != "=":
            return f"{sign!a} {where} is not of its alphabet{_URL_SAFE if sign in '-_' else ''}"
        if text[at:].strip("="):
            return f"padding stands {where}, before the end"
    count = len(text) - start
    if count % 4:
        return f"padding is missing, as its {count} characters are no multiple of 4"
    return f"the padding {where} is not what its last characters need"


def _picture_problems(picture: PictureHeader, rule: dict[str, Any]) -> Iterator[str]:
    width, height = picture.width, picture.height
    if picture.kind not in rule.get("types", (picture.kind,)):
        yield f"is a {picture.kind} picture, not {_or(rule['types'])}"
    if min(width, height) < rule.get("minSide", 0):
        yield f"is {width}x{height} pixels, each side needs at least {rule['minSide']}"
    ratio = width / max(height, 1)
    if not rule.get("minRatio", 0) <= ratio <= rule.get("maxRatio", ratio):
        yield f"is {width}x{height} pixels, it needs a ratio {_ratios(rule)}"


def _ratios(rule: dict[str, Any]) -> str:
    low, high = (_ratio(rule.get(name)) for name in ("minRatio", "maxRatio"))
    if low and high:
        return f"from {low} to {high}"
    if low:
        return f"of at least {low}"
    return f"of at most {high}"


def _ratio(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 1:
        return f"{value:g}:1"
    return f"1:{1 / value:g}"


def image_expected(rule: dict[str, Any]) -> str:
    """The rule in words."""
    names = {"url": "an http(s) URL", "base64": "Base64", "data-uri": "a Base64 data URI"}
    words = [_or([names[form] for form in rule["forms"]])]
    if "types" in rule:
        words.append(f"of a {_or([kind.upper() for kind in rule['types']])} picture")
    if "maxBytes" in rule:
        words.append(f"of at most {rule['maxBytes']} bytes")
    if "minSide" in rule:
        words.append(f"with sides of at least {rule['minSide']} px")
    if "minRatio" in rule or "maxRatio" in rule:
        words.append(f"and a ratio {_ratios(rule)}")
    return " ".join(words)


def _or(words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} or {words[-1]}"
