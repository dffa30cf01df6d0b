"""What a refusal is remembered to have said is what it would say again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.app import Library
from mockserver.contract.violation import Violation
from mockserver.engine.admission import Admission
from mockserver.engine.credentials import Callers
from mockserver.engine.message import Request
from mockserver.engine.refusals.explanation_cache import RefusalCache, RefusalText
from mockserver.engine.refusals.refusal import Refusal
from mockserver.engine.request_context import RequestContext
from mockserver.engine.uploads import Uploads
from mockserver.settings import Settings
from mockserver.stores.memory import MemoryStore
from tests.engine.test_lifecycle import SUBMITS
from tests.serving import START

SETTINGS = Settings(store="memory:")
LIBRARY = Library(SETTINGS)
UPLOADS = Uploads(MemoryStore())
WARM = {provider: Admission(SETTINGS, LIBRARY.contract, Callers(), UPLOADS) for provider in SUBMITS}
PROMPTS = st.text(max_size=30) | st.integers(2490, 2510).map("x".__mul__) | st.none() | st.just(5)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "duration": st.sampled_from(["5", "8", 5, 8, None]),
        "cfg_scale": st.sampled_from([0.5, 2, "high"]),
        "negative_prompt": PROMPTS,
        "image_url": st.sampled_from(["https://example.com/a.png", "no link", 3]),
        "image": st.sampled_from(["", "no picture"]),
        "prompt": PROMPTS,
    },
)


def ask(admission: Admission, provider: str, body: Any) -> tuple[str, tuple[str, ...]] | None:
    """What the admission says to a submit, None where it lets it in."""
    contract = LIBRARY.contract(provider, "documented")
    operation = next(one for one in contract.operations.values() if one.role == "submit")
    headers = [(b"authorization", b"Bearer test-key"), (b"content-type", b"application/json")]
    request = Request("POST", SUBMITS[provider][0], "", headers, orjson.dumps(body), "http://mock")
    context = RequestContext(contract, operation, request, START, random.Random(1))
    try:
        admission.admit(context, {})
        asyncio.run(admission.admit_body(context))
    except Refusal as refusal:
        return refusal.message, refusal.violations
    return None


def submit(provider: str, change: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(orjson.dumps(SUBMITS[provider][1]))
    part = body["payload"] if provider == "gmicloud" else body
    part.update(change)
    return body


@pytest.mark.parametrize("provider", SUBMITS)
@given(change=CHANGES)
def test_a_door_with_a_memory_says_what_one_without_says(provider: str, change: dict[str, Any]) -> None:
    body = submit(provider, change)
    said = ask(Admission(SETTINGS, LIBRARY.contract, Callers(), UPLOADS), provider, body)
    assert ask(WARM[provider], provider, body) == said
    assert ask(WARM[provider], provider, body) == said


def test_bodies_that_differ_in_the_prompt_are_explained_once(monkeypatch: pytest.MonkeyPatch) -> None:
    admission, explained = Admission(SETTINGS, LIBRARY.contract, Callers(), UPLOADS), []
    add = admission._refusals.add

    def counted(call: RequestContext, violations: Sequence[Violation], words: RefusalText) -> None:
        explained.append(words)
        add(call, violations, words)

    monkeypatch.setattr(admission._refusals, "add", counted)
    for number in range(20):
        assert ask(admission, "gmicloud", submit("gmicloud", {"duration": "8", "prompt": f"kite {number}"}))
    assert len(explained) == 1
    for length in (2501, 2502):
        assert ask(admission, "gmicloud", submit("gmicloud", {"prompt": "x" * length}))
    assert len(explained) == 3


def test_as_many_refusals_are_remembered_as_fit() -> None:
    admission = Admission(SETTINGS, LIBRARY.contract, Callers(), UPLOADS)
    for number in range(1100):
        ask(admission, "gmicloud", submit("gmicloud", {"cfg_scale": 2 + number}))
    assert 0 < len(admission._refusals._texts) <= 512
    before = len(admission._refusals._texts)
    ask(admission, "gmicloud", submit("gmicloud", {"cfg_scale": 2, "unknown": "x" * 5000}))
    assert len(admission._refusals._texts) == before


@pytest.mark.parametrize(
    ("body", "are_alike"),
    [(SimpleNamespace(has_rules=True), False), (SimpleNamespace(has_rules=False), True), (None, True)],
)
def test_where_rules_judge_a_body_no_two_prompts_are_alike(body: Any, are_alike: bool) -> None:
    contract = LIBRARY.contract("gmicloud", "documented")
    cache = RefusalCache(LIBRARY.contract)
    context: Any = SimpleNamespace(contract=contract, operation=SimpleNamespace(body=body))

    for _ in range(2):
        assert bool(cache._prompt_thresholds(context, "prompt")) == are_alike
