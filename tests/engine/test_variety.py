"""Of too many exchanges a list shows some of each kind."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.journal.exchange import PackedEntry
from mockserver.engine.journal.journal import Journal
from mockserver.engine.journal.variety import varied
from mockserver.engine.message import Request, Response


def packed(number: int, tenant: str) -> PackedEntry:
    journal = Journal()
    journal.record(Request("GET", "/", "", (), b"", "http://x"), Response(200), 0, tenant=tenant)
    return journal._entries[0]._replace(number=number)


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.integers(0, 40))
def test_each_kind_has_its_newest_and_none_has_two_more_than_one_that_lacks_some(
    tenants: list[str], limit: int
) -> None:
    entries = [packed(number, tenant) for number, tenant in enumerate(tenants)]
    chosen = varied(entries, limit)
    assert len(chosen) == min(limit, len(entries))
    assert [entry.number for entry in chosen] == sorted({entry.number for entry in chosen})
    there, had = Counter(tenants), Counter(str(entry.tenant) for entry in chosen)
    for tenant, count in there.items():
        own = [entry.number for entry in entries if entry.tenant == tenant]
        assert [entry.number for entry in chosen if entry.tenant == tenant] == own[len(own) - had[tenant] :]
        if had[tenant] < count:
            assert max(had.values(), default=0) <= had[tenant] + 1


def test_a_refusal_among_a_thousand_reads_is_there() -> None:
    reads = [packed(number, "a") for number in range(1000)]
    reads[10] = reads[10]._replace(refusal="no", status=400)
    assert [entry.number for entry in varied(reads, 3)] == [10, 998, 999]
