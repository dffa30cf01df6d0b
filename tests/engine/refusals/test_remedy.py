"""A refusal names the other profiles that would take the same body at the same path, and no others."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from mockserver.app import Library
from mockserver.contract.router import Router
from mockserver.engine.refusals.refusal import remedy
from mockserver.settings import Settings

LIBRARY = Library(Settings(store="memory:"))
PROFILES = ("documented", "vendor", "observed")
IMAGE = "https://example.com/first.png"
GUIDED = {"model_name": "kling-v2-master", "image": IMAGE, "mode": "pro", "duration": "5", "cfg_scale": 0.5}
BODIES: list[tuple[str, Any]] = [
    ("kkiai", GUIDED),
    ("kkiai", {"model_name": "kling-v1", "prompt": "a"}),
    ("kkiai", {}),
    ("gmicloud", {"model": "kling-v2-6", "payload": {"prompt": "a"}}),
    ("gmicloud", {"model": "Kling-Image2Video-V2-Master", "payload": {"image": IMAGE, "duration": 7}}),
    ("aimlapi", {"model": "kling-video/v1.6/pro/image-to-video", "image_url": IMAGE}),
    ("aimlapi", {"model": "kling-video/v1.6/pro/image-to-video", "image_url": IMAGE, "duration": "5"}),
]


def takes(provider: str, profile: str, path: str, body: Any) -> bool:
    match = Router([LIBRARY.contract(provider, profile)]).find("POST", path)
    operation = match.operation if match else None
    return operation is not None and operation.body is not None and operation.body.is_valid(body)


def _takes_it(others: list[str]) -> str:
    first = others[0]
    ways = (
        f"serve --profile {first}, pytest --mockserver-profile {first}, in_process.serve(profile={first!r})"
    )
    return f"Profile {' or '.join(others)} takes it ({ways})."


@pytest.mark.parametrize(("sent", "profile"), list(product(BODIES, PROFILES)))
def test_each_profile_that_is_named_serves_the_path_and_takes_the_body(
    sent: tuple[str, Any], profile: str
) -> None:
    provider, body = sent
    contract = LIBRARY.contract(provider, profile)
    submits = [operation for operation in contract.operations.values() if operation.role == "submit"]
    for operation, prefix in product(submits, contract.prefixes):
        path = prefix + operation.path
        sentence = remedy(contract, operation, path, body, LIBRARY.contract)
        others = [name for name in PROFILES if name != profile and takes(provider, name, path, body)]
        assert sentence == (_takes_it(others) if others else "No profile takes it.")


def test_a_profile_that_does_not_serve_the_path_is_not_named() -> None:
    vendor = LIBRARY.contract("kkiai", "vendor")
    operation = vendor.operations["submitImage2Video"]
    framed = {
        "model_name": "kling-v2-master", "image": IMAGE, "image_tail": IMAGE, "mode": "pro", "duration": "5"
    }  # fmt: skip
    below_the_relay, natively = (
        remedy(vendor, operation, prefix + operation.path, framed, LIBRARY.contract)
        for prefix in ("/kling", "")
    )
    assert below_the_relay == _takes_it(["documented"])
    assert natively == "No profile takes it."
