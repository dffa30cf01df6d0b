"""Numbers from the pool are as long as asked for, and never the same twice, in no process."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.jobs.random_pool import RandomPool, random_pool


@given(st.integers(0, 5000))
def test_a_number_has_at_most_as_many_bits_as_asked_for(bits: int) -> None:
    assert 0 <= RandomPool().getrandbits(bits) < 2**bits


def test_a_negative_number_of_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="non-negative"):
        RandomPool().getrandbits(-1)


def test_no_number_comes_twice_and_every_bit_is_used() -> None:
    pool = RandomPool()
    numbers = [pool.getrandbits(64) for _ in range(5000)]
    assert len({*numbers}) == 5000
    assert all(0.4 < sum(number >> bit & 1 for number in numbers) / 5000 < 0.6 for bit in range(64))
    assert len({pool.random() for _ in range(5000)}) == 5000
    assert len({pool.getrandbits(50_000) % 2**64 for _ in range(20)}) == 20
    assert all(pool.getrandbits(50_000).bit_length() > 49_900 for _ in range(20))
    assert {pool.randrange(3) for _ in range(200)} == {0, 1, 2}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork")
def test_a_process_that_is_forked_draws_its_own() -> None:
    random_pool().getrandbits(8)
    reader, writer = os.pipe()
    if not (child := os.fork()):
        os.write(writer, b"%d" % random_pool().getrandbits(128))
        os._exit(0)
    os.waitpid(child, 0)
    assert int(os.read(reader, 100)) != random_pool().getrandbits(128)
