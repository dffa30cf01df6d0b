"""Names have the shape that was asked for, follow their seed, and give no key away."""

from __future__ import annotations

import hashlib
import re
import uuid
from itertools import count, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.jobs import ids
from mockserver.jobs.ids import make_id, make_rising_id, tenant_of, tenant_uuid
from mockserver.terms import IdKind

SHAPES: dict[IdKind, str] = {
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "digits": r"[1-9][0-9]{%d}",
    "base36": r"[0-9a-z][0-9a-z]{%d}",
    "token": r"[A-Za-z0-9_][A-Za-z0-9_-]{%d}",
}

kinds = st.sampled_from(list(SHAPES))


@given(st.integers(0, 2**32))
def test_a_uuid_is_that_of_the_standard_library(seed: int) -> None:
    expected = uuid.UUID(int=Random(seed).getrandbits(128), version=4)
    assert make_id("uuid", 36, "", Random(seed)) == str(expected)


@given(kinds, st.integers(1, 64), st.sampled_from(["", "task-"]), st.integers())
def test_an_id_has_its_prefix_and_the_shape_of_its_kind(
    kind: IdKind, length: int, prefix: str, seed: int
) -> None:
    shape = SHAPES[kind] if kind == "uuid" else SHAPES[kind] % (length - 1)

    assert re.fullmatch(prefix + shape, make_id(kind, length, prefix, Random(seed)))


@given(kinds, st.integers())
def test_ids_follow_their_seed(kind: IdKind, seed: int) -> None:
    first, second = Random(seed), Random(seed)

    assert [make_id(kind, 12, "", first) for _ in range(3)] == [
        make_id(kind, 12, "", second) for _ in range(3)
    ]


@given(kinds, st.integers(1, 64), st.sampled_from(["", "task-"]), st.integers())
def test_a_rising_id_has_the_same_shape(kind: IdKind, length: int, prefix: str, seed: int) -> None:
    shape = SHAPES[kind] if kind == "uuid" else SHAPES[kind] % (length - 1)

    assert re.fullmatch(prefix + shape, make_rising_id(kind, length, prefix, Random(seed)))


@pytest.mark.parametrize(("kind", "length"), [("uuid", 36), ("digits", 18), ("base36", 24), ("token", 21)])
def test_it_stands_behind_the_one_before_in_an_index(kind: IdKind, length: int) -> None:
    made = [make_rising_id(kind, length, "x-", Random()) for _ in range(2000)]

    assert len(set(made)) == len(made)
    # The count may begin anew once.
    assert sum(later < earlier for earlier, later in pairwise(made)) <= 1


@pytest.mark.parametrize(("kind", "length"), [("uuid", 36), ("digits", 18), ("base36", 24), ("token", 21)])
def test_what_does_not_count_in_it_is_drawn(kind: IdKind, length: int) -> None:
    lead = 8 if kind == "uuid" else 6
    first, second = (make_rising_id(kind, length, "", Random(7)) for _ in range(2))

    assert first != second
    assert first[lead:] == second[lead:] == make_id(kind, length, "", Random(7))[lead:]


@pytest.mark.parametrize(("kind", "digits"), [("uuid", 16), ("digits", 10), ("base36", 36), ("token", 36)])
def test_its_count_begins_anew_where_there_is_no_greater_one(
    kind: IdKind, digits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 8 if kind == "uuid" else 4
    last = digits**size if kind != "digits" else 9 * digits ** (size - 1)
    numbers = count(last - 1)
    monkeypatch.setattr(ids, "_numbers", lambda: numbers)

    greatest, least = (make_rising_id(kind, 12, "", Random(7))[:size] for _ in range(2))

    assert greatest == {"uuid": "f", "digits": "9"}.get(kind, "z") * size
    assert least == ("1" if kind == "digits" else "0").ljust(size, "0")


@given(kinds)
def test_ids_of_one_source_differ(kind: IdKind) -> None:
    rng = Random(1)

    assert len({make_id(kind, 16, "", rng) for _ in range(500)}) == 500


def test_no_id_begins_with_what_a_shell_or_a_number_would_misread() -> None:
    rng = Random(1)

    assert not any(make_id("token", 8, "", rng).startswith("-") for _ in range(2000))
    assert not any(make_id("digits", 8, "", rng).startswith("0") for _ in range(2000))


def test_a_tenant_is_the_first_half_of_its_keys_hash() -> None:
    assert tenant_of("test-key") == hashlib.sha256(b"test-key").hexdigest()[:32]


@given(st.text(st.characters()), st.text(st.characters()))
def test_any_text_is_a_key_and_each_its_own_tenant(one: str, other: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", tenant_of(one))
    assert (tenant_of(one) == tenant_of(other)) == (one == other)


@given(st.text())
def test_a_tenants_uuid_is_a_version_4_one_and_always_the_same(key: str) -> None:
    name = tenant_uuid(tenant_of(key))

    assert re.fullmatch(SHAPES["uuid"], name)
    assert uuid.UUID(name).version == 4
    assert name == tenant_uuid(tenant_of(key))
