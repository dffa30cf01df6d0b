"""A value with its long texts cut is explained as the value itself is."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.loader import load_contract
from mockserver.contract.shortened import original_text, shortening
from mockserver.contract.source import builtin_root
from mockserver.contract.submit_body import Body
from mockserver.contract.violation import brief, shown
from mockserver.media.picture import measure

MIB = 1024 * 1024
LONG = "a long text " * 100_000


def longest(value: Any) -> int:
    """Characters of all texts and keys."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(key) + longest(item) for key, item in value.items())
    if isinstance(value, list):
        return sum(map(longest, value))
    return 0


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    )
)
def test_short_values_stay_as_they_are(value: Any) -> None:
    with shortening() as shortener:
        assert shortener.shorten(value) == value


def test_all_texts_together_are_bounded() -> None:
    value = {"texts": [LONG] * 500, f"key {LONG}": ["x" * 300] * 4000, "more": [{"prompt": LONG}] * 500}

    with shortening() as shortener:
        assert longest(shortener.shorten(value)) < 8 * MIB


def test_the_originals_are_known_until_the_block_ends() -> None:
    texts = [f"{LONG}{number}" for number in range(40)]
    with shortening() as shortener:
        cut = shortener.shorten(texts)
        assert [original_text(text) for text in cut] == texts
        assert len(set(cut)) == len(texts)
        assert shortener.original(cut[3]) == texts[3]

    assert original_text(cut[3]) == cut[3]


def body_of(provider: str, operation: str) -> Body:
    body = load_contract(builtin_root() / provider, measure=measure).operations[operation].body
    assert body is not None
    return body


def test_a_large_body_is_explained_as_a_small_one() -> None:
    body = body_of("kkiai", "submitImage2Video")
    picture, more = "not a picture" * 100_000, LONG * 9
    violations = {
        violation.pointer: violation
        for violation in body.explain({"model_name": LONG, "image": picture, "prompt": LONG, "more": more})
    }

    assert f"({len(LONG)} characters)" in violations["/model_name"].text()
    assert violations["/image"].keyword == "x-image"
    assert violations["/prompt"].sent == LONG
    assert body.unknown({"model_name": "kling-v1-6", "image": "", "more": LONG, LONG: 1})[0] == "/more"


def test_a_text_shows_the_beginning_of_what_was_sent() -> None:
    deep: Any = []
    for _ in range(100):
        deep = [deep]
    values = [["x" * MIB] * 50, {"a": ["é\n"] * MIB}, deep, {"name": None}]

    assert [len(brief(value)) for value in values] == [80, 80, 80, 13]
    assert brief({"a": [1.5, True, None, "ü\n"]}) == '{"a":[1.5,true,null,"ü\\n"]}'
    assert shown("a" * 200) == "a" * 200
    assert shown("a" * 201) == "a" * 200 + "..."
