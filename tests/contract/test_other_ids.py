"""A job's further ids: made from its own id and changed back into it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.other_ids import OtherId
from mockserver.jobs.ids import make_id
from mockserver.terms import IdKind

SHAPES: dict[IdKind, int] = {"uuid": 36, "digits": 9, "base36": 12, "token": 16}


@pytest.mark.parametrize("kind", SHAPES)
@given(rng=st.randoms(use_true_random=False), name=st.sampled_from(["file", "asset", "x"]))
def test_a_further_id_can_be_changed_back(kind: IdKind, rng: Any, name: str) -> None:
    own = make_id(kind, SHAPES[kind], "job-", rng)
    other = OtherId(name, f"{name}_", kind, "job-")
    changed = other.of(own)

    assert other.own(changed) == own
    assert len(changed.removeprefix(f"{name}_")) == len(own.removeprefix("job-"))
    assert changed.removeprefix(f"{name}_") != own.removeprefix("job-")


@pytest.mark.parametrize("kind", SHAPES)
@given(text=st.text(max_size=40))
def test_any_text_is_an_id_or_none(kind: IdKind, text: str) -> None:
    other = OtherId("file", "", kind, "job-")
    own = other.own(text)
    assert own is None or other.of(own) == text


@pytest.mark.parametrize(
    ("kind", "own", "further"),
    [
        ("uuid", "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "7da843af-90c9-4921-90c6-aa311f7b6706"),
        ("digits", "100000000", "104537889"),
        ("digits", "987654321", "992192210"),
        ("base36", "000abczzz012", "xf3ye2wfqwxd"),
        (
            "token",
            "A-z_0123456789abcdefghijklmnopqrstuvwxyz",
            "7cqkBFVpRXI6rOMNZRWLbuDc0wUFioWHZwlH9brX",
        ),
    ],
)
def test_a_further_id_stays_the_same_as_it_is_stored_nowhere(kind: IdKind, own: str, further: str) -> None:
    other = OtherId("film", "film_", kind, "job-")

    assert other.of(f"job-{own}") == f"film_{further}"
    assert other.own(f"film_{further}") == f"job-{own}"


@pytest.mark.parametrize(
    ("kind", "own"),
    [
        ("uuid", "job-1"),
        ("uuid", "1B4E28BA-2FA1-41D2-883F-0016D3CCA427"),
        ("uuid", "1b4e28ba2fa141d2883f0016d3cca427"),
        ("digits", "job-0123"),
        ("digits", "job-12x"),
        ("digits", "job-１２"),
        ("base36", "job-aB"),
        ("token", "job--a"),
        ("token", "job-a.b"),
        ("token", "job-"),
    ],
)
def test_an_id_of_another_shape_stays_within_its_further_id(kind: IdKind, own: str) -> None:
    other = OtherId("film", "film_", kind, "job-")

    assert other.of(own) == f"film_film-{own}"
    assert other.own(f"film_film-{own}") == own


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("uuid", "7da843af-90c9-4921-90c6-aa311f7b6706"),
        ("uuid", "film_1"),
        ("digits", "film_012"),
        ("base36", "film_A"),
        ("token", "film_-a"),
        ("token", "film_"),
    ],
)
def test_a_text_that_no_job_can_have_as_its_further_id_finds_none(kind: IdKind, text: str) -> None:
    assert OtherId("film", "film_", kind, "job-").own(text) is None
