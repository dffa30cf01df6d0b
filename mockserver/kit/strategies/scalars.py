"""Values that are neither object nor array, by the schemas that hold for them together."""

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
"""Beyond it a JSON number is not the same for every reader (RFC 8259 section 6)."""


def choices(schemas: Schemas) -> list[Any] | None:
    """The values that every `enum` and `const` allows, None where there is neither."""
    found: list[Any] | None = None
    for schema in schemas:
        lists = [schema["enum"]] if "enum" in schema else []
        lists += [[schema["const"]]] if "const" in schema else []
        for allowed in lists:
            kept = allowed if found is None else found
            found = [value for value in kept if any(same(value, one) for one in allowed)]
    return found


def least(schemas: Schemas, word: str, default: Any = None) -> Any:
    """The strictest of a keyword that is a lower limit."""
    return max((schema[word] for schema in schemas if word in schema), default=default)


def most(schemas: Schemas, word: str, default: Any = None) -> Any:
    """The strictest of a keyword that is an upper limit; `not` of the lower limit counts."""
    limits = [schema[word] for schema in schemas if word in schema]
    lower = word.replace("max", "min")
    for schema in schemas:
        inner = schema.get("not")
        if isinstance(inner, Mapping) and set(inner) <= {lower, "type"} and lower in inner:
            limits.append(inner[lower] - 1)
    return min(limits, default=default)


def strings(schemas: Schemas, *, large: bool = False) -> st.SearchStrategy[str]:
    """Texts, links or pictures; patterns are kept, `not` and `if` are for the caller to look at."""
    low, high = least(schemas, "minLength", 0), most(schemas, "maxLength")
    if high is not None and high < max(low, 1):
        return st.just("") if low == 0 else st.nothing()
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
    if low > high:
        return st.nothing()
    open_low = any(schema.get("exclusiveMinimum") == low for schema in schemas)
    open_high = any(schema.get("exclusiveMaximum") == high for schema in schemas)
    between = st.floats(low, high, exclude_min=open_low, exclude_max=open_high, allow_subnormal=False)
    ends = [end for end, shut in ((low, open_low), (high, open_high)) if not shut]
    whole = [end for end in (math.ceil(low), math.floor(high)) if low < end < high or end in ends]
    more = [*ends, *whole, (low + high) / 2]
    return st.one_of(st.sampled_from(more), between)


def _limits(schemas: Schemas, step: int) -> tuple[Any, Any]:
    """The least and the most; `step` is what an exclusive limit moves by."""
    low = least(schemas, "minimum", -LARGEST)
    high = most(schemas, "maximum", LARGEST)
    above = least(schemas, "exclusiveMinimum")
    below = min(
        (schema["exclusiveMaximum"] for schema in schemas if "exclusiveMaximum" in schema), default=None
    )
    low = low if above is None else max(low, above + step)
    return low, high if below is None else min(high, below - step)


SCALARS: Final[Mapping[str, Callable[[Schemas], st.SearchStrategy[Any]]]] = {
    "integer": integers,
    "number": numbers,
    "boolean": lambda schemas: st.booleans(),
    "null": lambda schemas: st.none(),
}
