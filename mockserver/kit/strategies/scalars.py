"""Texts, numbers, booleans and null, by the schemas that apply to a value together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from hypothesis import strategies as st

from mockserver.kit.strategies.images import images
from mockserver.kit.strategies.texts import links, texts
from mockserver.kit.strategies.verdicts import pattern, same

Schemas = Sequence[Mapping[str, Any]]
LARGEST: Final = 2**53
"""Larger JSON numbers differ between readers (RFC 8259 section 6)."""


def choices(schemas: Schemas) -> list[Any] | None:
    """The values that every `enum` and `const` allows, None if there is neither."""
    lists: list[list[Any]] = []
    for schema in schemas:
        if "enum" in schema:
            lists.append(schema["enum"])
        if "const" in schema:
            lists.append([schema["const"]])
    if not lists:
        return None
    allowed = list(lists[0])
    for other in lists[1:]:
        allowed = [value for value in allowed if any(same(value, member) for member in other)]
    return allowed


def least(schemas: Schemas, word: str, default: Any = None) -> Any:
    """The strictest value of a keyword that is a lower limit."""
    return max((schema[word] for schema in schemas if word in schema), default=default)


def most(schemas: Schemas, word: str, default: Any = None) -> Any:
    """The strictest value of a keyword that is an upper limit; `not` of the lower limit counts as one."""
    limits = [schema[word] for schema in schemas if word in schema]
    lower = word.replace("max", "min")
    for schema in schemas:
        inner = schema.get("not")
        if isinstance(inner, Mapping) and set(inner) <= {lower, "type"} and lower in inner:
            limits.append(inner[lower] - 1)
    return min(limits, default=default)


def strings(schemas: Schemas, *, large: bool = False) -> st.SearchStrategy[str]:
    """Texts, links or pictures, by the first pattern; the caller checks the others, `not` and `if`."""
    low, high = least(schemas, "minLength", 0), most(schemas, "maxLength")
    if high is not None and high < max(low, 1):
        if low > 0:
            return st.nothing()
        return st.just("")
    pictures = next((schema["x-image"] for schema in schemas if "x-image" in schema), None)
    if pictures is not None:
        return images(pictures, large=large)
    patterns = [schema["pattern"] for schema in schemas if "pattern" in schema]
    if any(text.startswith("^https?://") for text in patterns):
        return links()
    if patterns:
        return st.from_regex(pattern(patterns[0])).filter(_encodable)
    return texts(low, high)


def _encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def integers(schemas: Schemas) -> st.SearchStrategy[int]:
    """Whole numbers, often at a limit."""
    low, high = _limits(schemas, 1)
    low, high = math.ceil(low), math.floor(high)
    if low > high:
        return st.nothing()
    return st.one_of(st.integers(low, high), st.sampled_from(sorted({low, high, max(low, min(0, high))})))


def numbers(schemas: Schemas) -> st.SearchStrategy[float]:
    """Numbers, finite, whole ones also without a fraction, often at a limit."""
    low, high = _limits(schemas, 0)
    open_low = any(schema.get("exclusiveMinimum") == low for schema in schemas)
    open_high = any(schema.get("exclusiveMaximum") == high for schema in schemas)
    if low > high or (low == high and (open_low or open_high)):
        return st.nothing()
    between = st.floats(low, high, exclude_min=open_low, exclude_max=open_high, allow_subnormal=False)
    ends = [end for end, shut in ((low, open_low), (high, open_high)) if not shut]
    whole = [end for end in (math.ceil(low), math.floor(high)) if low < end < high or end in ends]
    more = [*ends, *whole, (low + high) / 2]
    return st.one_of(st.sampled_from(more), between)


def _limits(schemas: Schemas, step: int) -> tuple[Any, Any]:
    """The lower and the upper limit; an exclusive one is moved by `step`."""
    low = least(schemas, "minimum", -LARGEST)
    high = most(schemas, "maximum", LARGEST)
    above = least(schemas, "exclusiveMinimum")
    below = min(
        (schema["exclusiveMaximum"] for schema in schemas if "exclusiveMaximum" in schema), default=None
    )
    if above is not None:
        low = max(low, above + step)
    if below is not None:
        high = min(high, below - step)
    return low, high


SCALARS: Final[Mapping[str, Callable[[Schemas], st.SearchStrategy[Any]]]] = {
    "integer": integers,
    "number": numbers,
    "boolean": lambda schemas: st.booleans(),
    "null": lambda schemas: st.none(),
}
