"""Requests are counted by key, and the keys that are remembered have a bound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine import usage
from mockserver.engine.usage import OTHERS, Usage


def counts(counted: Usage) -> dict[str, dict[tuple[str, str], int]]:
    """What was counted, by tenant."""
    return {tenant: dict(calls) for tenant, calls in counted.by_tenant()}


@given(st.lists(st.sampled_from("abcdefg")))
def test_no_request_is_lost_and_the_last_tenants_are_counted_by_themselves(tenants: Iterable[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(usage, "MAX_TENANTS", 3)
        counted = Usage()
        for tenant in tenants:
            counted.count(tenant, "kkiai", "read")
    shown = counts(counted)
    last = list(dict.fromkeys(reversed(list(tenants))))[:3]
    assert set(shown) - {OTHERS} == set(last)
    assert sum(calls["kkiai", "read"] for calls in shown.values()) == len(list(tenants))


def test_a_tenant_that_is_forgotten_counts_from_0() -> None:
    counted = Usage()
    for tenant in "aab":
        counted.count(tenant, "kkiai", "read")
    counted.forget("a")
    assert counts(counted) == {"b": Counter({("kkiai", "read"): 1})}
    counted.forget("")
    assert counts(counted) == {}
