"""The cache of decoded jobs stays within its size, and gives no job that it dropped."""

from __future__ import annotations

from mockserver.jobs.job import Job, Plan, Step
from mockserver.stores.records import DecodedJobs

EACH = 10_000


def job(name: str) -> Job:
    """A job of that id."""
    return Job(name, "ann", "p", "submit", "m", {}, 0, Plan((Step("queued", "waiting"),)))


def test_what_was_not_used_for_longest_is_dropped_first() -> None:
    cache = DecodedJobs(3 * EACH)
    cache.put(1, job("one"), 8000)
    cache.put(2, job("two"), 8000)
    assert cache.get(1) == job("one")

    cache.put(3, job("three"), 8000)

    assert cache.get(2) is None
    assert cache.find("p", "two") is None
    assert cache.find("p", "one") == (1, job("one"))
    assert cache.find("p", "three") == (3, job("three"))


def test_a_job_larger_than_the_cache_drops_no_other() -> None:
    cache = DecodedJobs(3 * EACH)
    cache.put(1, job("one"), 8000)

    cache.put(2, job("two"), 3 * EACH)

    assert cache.find("p", "one") == (1, job("one"))
    assert cache.find("p", "two") is None


def test_an_id_given_again_is_that_of_the_new_job_when_the_old_one_is_dropped() -> None:
    cache = DecodedJobs(3 * EACH)
    cache.put(1, job("one"), 8000)
    cache.put(2, job("one"), 8000)

    cache.put(3, job("three"), 8000)

    assert cache.get(1) is None
    assert cache.find("p", "one") == (2, job("one"))
