"""Where a contract speaks of a value: places that are there, and say whose word it is."""

from __future__ import annotations

import pytest

from mockserver.contract.pointer import ABSENT, follow, parts
from mockserver.contract.violation import provenance_at
from mockserver.kit import contracts
from mockserver.kit.traffic import schema_nodes
from mockserver.kit.traffic.call import Reader
from tests.kit.checks.histories import JOB, kling, look, read, submit, tell


@pytest.mark.parametrize("profile", ["documented", "vendor", "observed"])
@pytest.mark.parametrize(
    "exchange",
    [submit(), read("success", 1), read("failed", 1), kling(), look("succeed", 1), tell("succeed", 1)],
)
def test_every_fact_of_an_answer_has_a_place_with_a_source(exchange: object, profile: str) -> None:
    provider = "gmicloud" if JOB in str(exchange) else "kkiai"
    contract = contracts.load(provider, profile=profile)
    call = Reader(contract).read(exchange)  # type: ignore[arg-type]
    assert call.sightings
    for sighting in call.sightings:
        for fact in sighting.facts.values():
            clause = schema_nodes.of_answer(call, fact.pointer)
            assert follow(contract.document, parts(clause)) is not ABSENT
            assert provenance_at(contract.document, parts(clause))


@pytest.mark.parametrize("name", ["gmicloud", "kkiai", "aimlapi"])
def test_what_may_be_asked_and_what_is_made_have_a_place_with_a_source(name: str) -> None:
    contract = contracts.load(name)
    for model in contract.models.values():
        clauses = [schema_nodes.of_clip(contract, model.id, mode) for mode in model.clips]
        clauses.append(schema_nodes.of_parameter(contract, model.id, contract.media["seconds"]))
        assert clauses[-1].endswith("/duration")
        for clause in clauses:
            assert provenance_at(contract.document, parts(clause))


def test_a_place_that_the_schema_lacks_is_that_of_the_answer() -> None:
    call = Reader(contracts.load("gmicloud")).read(read("success", 1))
    assert schema_nodes.of_answer(call, "/nowhere/7").endswith("/responses/200")
