"""Which exchanges are a client's: those with its key, and those without one that it made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockserver.kit.conform.running import journal_tail
from mockserver.kit.conform.running.journal_tail import JournalTail
from tests.kit.conform.environments import KEY, TASK

TOKEN = KEY[-6:]
PROMPT = f'A boat "{TOKEN}"'


class _Journal:
    """A journal with the client's own entries, and with everybody's by what is asked for."""

    def __init__(self, own: list[dict[str, Any]], **others: list[dict[str, Any]]) -> None:
        self.own, self.others = own, others
        self.queries: list[dict[str, Any]] = []

    def send(self, call: Any) -> dict[str, Any]:
        """The answer to a call about everybody."""
        assert not {"key", "tenant"} & call.query.keys()
        return self.journal(**call.query)

    def journal(self, **query: Any) -> dict[str, Any]:
        """The answer to a query."""
        self.queries.append(query)
        if "role" in query or "status" in query:
            return {"exchanges": self.others.get(query.get("role") or "refused", [])}
        return {
            "last": 7,
            "exchanges": [entry for entry in self.own if entry["number"] > query.get("since", 0)],
        }


def _entry(number: int, text: str | None = "", path: str = "/requests", **more: Any) -> dict[str, Any]:
    message = {"text": text, "base64": None, "cut": False}
    entry = {"number": number, "job": None, "tenant": None, "path": path, "query": ""}
    return {**entry, "request": message, "response": dict(message), **more}


def _tail(journal: _Journal, prompt: str = PROMPT) -> JournalTail:
    control: Any = journal
    return JournalTail(control, replace(TASK, prompt=prompt))


@pytest.mark.parametrize(
    ("text", "prompt", "has"),
    [
        (f"... {TOKEN} ...", PROMPT, True),
        ("another's", PROMPT, False),
        (None, PROMPT, False),
        (f"... {TOKEN} ...", "A boat", False),
    ],
)
def test_a_submit_with_the_prompts_last_signs_was_sent_with_another_key(
    text: str | None, prompt: str, has: bool
) -> None:
    journal = _Journal([], submit=[_entry(8, "else"), _entry(9, text)])
    assert _tail(journal, prompt).has_other_key() is has
    assert [query.get("since") for query in journal.queries[1:]] == [7] * (TOKEN in prompt)


@pytest.mark.parametrize(
    ("entry", "is_own"),
    [
        (_entry(9, f"x={PROMPT}"), True),
        (_entry(9, '{"prompt": "A boat \\"' + TOKEN + '\\""}'), True),
        (_entry(9, path="/requests/job-1"), True),
        (_entry(9, query="id=job-1"), True),
        (_entry(9, "A boat"), False),
        (_entry(9, None), False),
        (_entry(9, path="/requests/job-2"), False),
        (_entry(9, path="/requests/job-1", tenant="t"), False),
    ],
)
def test_a_refused_request_without_a_key_is_a_clients_by_its_prompt_or_its_job(
    entry: dict[str, Any], is_own: bool
) -> None:
    journal = _Journal([_entry(8, job="job-1"), _entry(10)], refused=[entry])
    entries: list[Any] = _tail(journal).entries()
    assert [entry["number"] for entry in entries] == [*range(1, 3 + is_own)]
    assert [entry["path"] for entry in entries][1:-1] == [entry["path"]] * is_own


def test_each_exchange_is_collected_once() -> None:
    journal = _Journal([_entry(8), _entry(12)])
    tail = _tail(journal)
    collected = [tail.is_empty]
    tail.collect()
    journal.own.append(_entry(13))
    collected.append(tail.is_empty)
    tail.collect()
    assert collected == [True, False]
    assert [query.get("since") for query in journal.queries] == [None, 7, 12]
    assert len(tail.entries()) == 3


def test_bodies_are_kept_up_to_a_size_and_entries_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_tail, "MAX_BODIES", 8)
    monkeypatch.setattr(journal_tail, "MAX_ENTRIES", 3)
    journal = _Journal([_entry(8, "1234"), _entry(9, "5")])
    tail = _tail(journal)
    tail.collect()
    full = [tail.is_full]
    journal.own.append(_entry(10, None))
    entries: list[Any] = tail.entries()
    assert [*full, tail.is_full] == [False, True]
    assert [(entry["request"]["text"], entry["request"]["cut"]) for entry in entries] == [
        ("1234", False),
        (None, True),
        (None, True),
    ]


def test_a_case_has_room_for_what_clients_do() -> None:
    assert (journal_tail.MAX_ENTRIES, journal_tail.MAX_BODIES) == (20_000, 32 << 20)
