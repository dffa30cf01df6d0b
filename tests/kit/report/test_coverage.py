"""What of a contract a history exercised: true names, true percentages, and nothing that was not answered."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.kit.contracts import load
from mockserver.kit.findings.run import CoveragePart
from mockserver.kit.report.coverage import coverage
from mockserver.kit.strategies.near_misses import every_near_miss
from mockserver.kit.traffic.history import History
from mockserver.kit.verify.state_machine import SearchOptions
from mockserver.kit.verify.verify import VerifyOptions, verify
from mockserver.settings import Settings, read_pace
from tests.kit.miniatures.base import GoodServer
from tests.kit.miniatures.dialects import Aimlapi, Kkiai
from tests.kit.miniatures.lifecycle import Synonym
from tests.kit.report.runs import history_of
from tests.serving import running_app

PROVIDERS = ("gmicloud", "aimlapi", "kkiai")
NAMES = ("operations", "answers", "request fields", "answer fields", "keywords", "states", "steps")
EVERY = (GoodServer, Kkiai, Aimlapi)


def _parts(history: History) -> dict[str, CoveragePart]:
    return {part.name: part for part in coverage(history)}


@given(st.lists(st.text(max_size=3), unique=True, max_size=9), st.integers(0, 9))
def test_a_percentage_is_of_what_there_is(names: list[str], seen: int) -> None:
    part = CoveragePart("any", tuple(names[:seen]), tuple(names[seen:]))
    assert 0 <= part.percent <= 100
    assert (part.percent == 100) == (not part.missing)
    assert part.percent * len(names) == pytest.approx(100 * len(part.exercised)) if names else True


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_empty_history_exercised_nothing(provider: str) -> None:
    parts = coverage(History(load(provider)))
    assert tuple(part.name for part in parts) == NAMES
    assert [part.exercised for part in parts] == [()] * len(NAMES)
    assert all(part.missing for part in parts)


@pytest.mark.parametrize("miniature", EVERY)
def test_seen_and_unseen_are_all_there_is_and_nothing_is_both(miniature: type[GoodServer]) -> None:
    history, _ = history_of(miniature)
    nothing = _parts(History(history.contract))
    for name, part in _parts(history).items():
        assert len(set(part.exercised + part.missing)) == len(part.exercised) + len(part.missing)
        assert set(part.exercised + part.missing) == set(nothing[name].missing)


@pytest.mark.parametrize("miniature", EVERY)
def test_what_is_said_to_be_seen_was_in_an_exchange(miniature: type[GoodServer]) -> None:
    history, _ = history_of(miniature)
    parts = _parts(history)
    bodies = [call.exchange.response_body.decode("utf-8", "replace") for call in history.calls]
    sent = [
        call.exchange.request_body.decode("utf-8", "replace") + call.exchange.url for call in history.calls
    ]
    statuses = {call.exchange.status for call in history.calls}
    assert {int(name.rpartition(" ")[2]) for name in parts["answers"].exercised} <= statuses
    assert all(any(json.dumps(word) in body for body in bodies) for word in parts["states"].exercised)
    for name in parts["answer fields"].exercised:
        leaf = re.split(r"[. ]", name)[-1].removesuffix("[]")
        assert any(f'"{leaf}"' in body for body in bodies), name
    bodies_sent = "".join(sent)
    for name in parts["request fields"].exercised:
        leaf = re.split(r"[. ]", name)[-1].removesuffix("[]")
        assert leaf in bodies_sent or leaf.endswith("id"), name


@pytest.mark.parametrize("miniature", EVERY)
def test_a_walk_by_all_operations_exercises_them_all(miniature: type[GoodServer]) -> None:
    parts = _parts(history_of(miniature)[0])
    assert parts["operations"].percent == 100
    assert parts["states"].exercised
    assert parts["steps"].exercised
    assert 0 < parts["answers"].percent < 100


def test_a_word_that_the_contract_lacks_is_no_state_of_it() -> None:
    parts = _parts(history_of(Synonym)[0])
    assert set(parts["states"].exercised) < set(Synonym().contract.states)


def test_steps_are_those_of_one_job() -> None:
    history, _ = history_of(GoodServer)
    for name in _parts(history)["steps"].exercised:
        before, _, after = name.partition(" → ")
        assert after in history.contract.states[before].next


def test_what_was_not_answered_was_not_exercised() -> None:
    history, _ = history_of(GoodServer)
    silent = History(history.contract)
    silent.extend(
        call.exchange._replace(status=0, response_headers=(), response_body=b"", error="reset")
        for call in history.calls
    )
    assert [part.exercised for part in coverage(silent)] == [()] * len(NAMES)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_rule_broken_alone_is_all_keywords_and_nothing_else(provider: str) -> None:
    contract = load(provider)
    history = History(contract)
    misses = every_near_miss(contract)
    good = (
        history_of({"gmicloud": GoodServer, "aimlapi": Aimlapi, "kkiai": Kkiai}[provider])[0]
        .calls[0]
        .exchange
    )
    for number, miss in enumerate(misses, 1):
        path = contract.prefixes[0] + contract.operations[miss.request.operation].path
        body = json.dumps(miss.request.body).encode()
        asked = good._replace(number=number, url=f"http://127.0.0.1:1{path}", request_body=body, status=400,
                              response_body=b"{}")  # fmt: skip
        history.add(history.read(asked))
    parts = _parts(history)
    assert parts["keywords"].percent == 100
    assert parts["request fields"].exercised == ()


def test_a_rule_of_one_operation_is_not_that_of_another() -> None:
    rules = _parts(History(load("kkiai")))["keywords"].missing
    assert {rule.partition(" ")[0] for rule in rules} == {
        miss.request.operation for miss in every_near_miss("kkiai")
    }


def test_a_run_counts_what_all_its_histories_exercised(tmp_path: Path) -> None:
    settings = Settings(token="token", pace=read_pace("immediate"), cache_dir=tmp_path)
    with running_app(settings) as server:
        request = VerifyOptions(
            server.url,
            load("gmicloud"),
            stages=("access", "listing", "sequences"),
            search=SearchOptions(2, 4),
        )
        run, target = verify(request)
    parts = _parts(target.full_history())
    assert "listModels" in parts["operations"].exercised
    assert len(target.full_history().calls) == run.calls
    assert len(target.full_history().calls) > len(target.history.calls)
