"""Profile `observed` takes all that `vendor` takes: whoever goes by the vendor's word is let in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.app import Library
from mockserver.contract.router import Router
from mockserver.kit.diff.compare import compare
from mockserver.kit.diff.side import read
from mockserver.kit.strategies.submit_requests import from_contract
from mockserver.settings import Settings
from tests.providers.golden import expand, rows

PROVIDERS = ("gmicloud", "aimlapi", "kkiai")
LIBRARY = Library(Settings(store="memory:"))
SENT = [
    (row.provider, f"{row.name}-{number}", row.request["path"], row.request["json"])
    for provider in PROVIDERS
    for number, row in enumerate(rows(provider))
    if "json" in row.request and row.status is None and row.says is None
]
NOT_OBSERVED: Mapping[str, str] = {}
"""Names of examples that only `vendor` takes, with the row of NOTES.md that says why."""


def takes(provider: str, profile: str, path: str, body: Any) -> bool:
    """Whether a profile serves the path and takes the body."""
    match = Router([LIBRARY.contract(provider, profile)]).find("POST", path)
    operation = match.operation if match else None
    return operation is not None and operation.body is not None and operation.body.is_valid(body)


def test_observed_serves_every_path_of_vendor() -> None:
    for provider in PROVIDERS:
        vendor, observed = (Router([LIBRARY.contract(provider, name)]) for name in ("vendor", "observed"))
        assert set(vendor.templates()) <= set(observed.templates())


@pytest.mark.parametrize(("provider", "name", "path", "body"), SENT, ids=[name for _, name, _, _ in SENT])
def test_observed_takes_every_example_that_vendor_takes(
    provider: str, name: str, path: str, body: Any
) -> None:
    sent = expand(body, defaultdict(lambda: "880000000000000001"))
    if takes(provider, "vendor", path, sent):
        assert takes(provider, "observed", path, sent) == (name not in NOT_OBSERVED)


@pytest.mark.parametrize("provider", PROVIDERS)
@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_observed_takes_whatever_vendor_takes(provider: str, data: st.DataObject) -> None:
    sent = data.draw(from_contract(LIBRARY.contract(provider, "vendor")))
    assert takes(provider, "observed", sent.path, sent.body)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_comparison_finds_what_vendor_takes_and_observed_refuses(provider: str) -> None:
    vendor, observed = read(f"{provider}@vendor"), read(f"{provider}@observed")
    requests = [change for change in compare(vendor, observed) if not change.code.startswith("response.")]
    answers = [change for change in compare(observed, vendor) if change.code.startswith("response.")]
    breaking = [change for change in (*requests, *answers) if change.severity == "breaking"]
    assert [(change.code, change.where) for change in breaking] == []
