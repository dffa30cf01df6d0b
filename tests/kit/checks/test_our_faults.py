"""Faults that our own server is told to have are found by the checks that are about them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kit.checks.test_our_jobs import Gmi, Kling, judged
from tests.kit.test_checks_on_ours import Ours

SLOWLY = [500] * 24 + [10_000]
QUICKLY = [0, 5000, 5000]
MEDIA = {"role": "media"}


def found(ours: type[Ours], fault: str, when: dict[str, Any], **settings: Any) -> set[str]:
    """The ids of what the four families find while a fault is set."""

    class Faulty(ours):  # type: ignore[misc, valid-type]
        def __enter__(self) -> Faulty:
            super().__enter__()
            self.control.add_rule(fault, when=when, settings=settings)
            return self

    files = when == MEDIA
    return {one.check for one in judged(Faulty, QUICKLY if files else SLOWLY, files=files)[0]}


@pytest.mark.parametrize(
    ("fault", "check", "settings"),
    [
        ("cut-file", "media.status", {"size": 1000}),
        ("expired-link", "media.open", {}),
        ("html-page", "media.type", {}),
        ("no-ranges", "media.ranges", {}),
        ("no-thumbnail", "media.status", {}),
        ("wrong-type", "media.type", {}),
        ("zero-bytes", "media.length", {}),
    ],
)
def test_a_fault_of_a_file_is_found(fault: str, check: str, settings: dict[str, Any]) -> None:
    assert check in found(Gmi, fault, MEDIA, **settings)


@pytest.mark.parametrize(
    ("fault", "check", "settings"),
    [
        ("step-back", "lifecycle.forward", {}),
        ("other-spelling", "lifecycle.word", {}),
        ("unknown-state", "lifecycle.word", {}),
        ("no-link", "lifecycle.link", {}),
        ("no-reason", "lifecycle.reason", {}),
        ("callback-never", "callbacks.ended", {}),
        ("callback-out-of-order", "callbacks.forward", {"seconds": 10}),
        ("callback-twice", "callbacks.once", {}),
    ],
)
def test_a_fault_of_a_job_is_found(fault: str, check: str, settings: dict[str, Any]) -> None:
    assert check in found(Kling, fault, {"role": "submit"}, **settings)
