"""Where the contract says so, null in an optional field is the same as leaving it out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.app import Library
from mockserver.contract.model import Contract
from mockserver.contract.submit_body import Body, without_nulls
from mockserver.settings import Settings

LIBRARY = Library(Settings(store="memory:"))
IMAGE = "https://example.com/first.png"
SUBMITS: dict[str, dict[str, Any]] = {
    "gmicloud": {
        "model": "Kling-Image2Video-V1.6-Pro",
        "payload": {
            "image": IMAGE,
            "prompt": None,
            "negative_prompt": None,
            "cfg_scale": None,
            "duration": None,
        },
    },
    "aimlapi": {
        "model": "kling-video/v1.6/pro/image-to-video",
        "image_url": IMAGE,
        "prompt": "a",
        "tail_image_url": None,
        "duration": None,
        "cfg_scale": None,
    },
    "kkiai": {
        "model_name": "kling-v1-6",
        "image": IMAGE,
        "mode": "std",
        "duration": "5",
        "image_tail": None,
        "static_mask": None,
        "camera_control": None,
        "external_task_id": None,
    },
}
"""As Kling's own image-to-video node sends what is not connected."""


def body_of(contract: Contract) -> Body:
    body = next(each.body for each in contract.operations.values() if each.role == "submit")
    assert body is not None
    return body


@pytest.mark.parametrize("provider", SUBMITS)
@pytest.mark.parametrize("profile", ["vendor", "observed"])
def test_it_is_taken_and_counts_as_not_sent(provider: str, profile: str) -> None:
    body = body_of(LIBRARY.contract(provider, profile))
    assert body.is_valid(SUBMITS[provider]), body.explain(SUBMITS[provider])
    assert body.present(SUBMITS[provider]) == without_nulls(SUBMITS[provider])
    assert body.unknown(SUBMITS[provider]) == []


@pytest.mark.parametrize("provider", SUBMITS)
def test_the_pages_take_none(provider: str) -> None:
    assert not body_of(LIBRARY.contract(provider, "documented")).is_valid(SUBMITS[provider])


def test_a_null_draws_no_complaint_but_its_own() -> None:
    body = body_of(LIBRARY.contract("kkiai", "vendor"))
    wrong = {**SUBMITS["kkiai"], "mode": "professional"}
    assert [violation.pointer for violation in body.explain(wrong)] == ["/mode"]


def test_a_required_picture_that_is_null_is_refused_in_the_words_that_were_seen() -> None:
    body = body_of(LIBRARY.contract("kkiai", "observed"))
    texts = [violation.text() for violation in body.explain({**SUBMITS["kkiai"], "image": None})]
    assert len(texts) == 1
    assert texts[0].startswith("image can not be null")


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
)


@given(JSON)
def test_what_is_left_has_no_member_that_is_null_and_its_lists_are_as_long(value: Any) -> None:
    def holds(before: Any, after: Any) -> bool:
        if isinstance(before, dict):
            kept = {name: member for name, member in before.items() if member is not None}
            return kept.keys() == after.keys() and all(holds(kept[name], after[name]) for name in kept)
        if isinstance(before, list):
            return len(before) == len(after) and all(map(holds, before, after))
        return bool(before == after)

    assert holds(value, without_nulls(value))
