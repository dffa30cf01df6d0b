"""No request of the kit asks to wait for the end of its job: a run would wait with each."""

from __future__ import annotations

import copy
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.contract.loader import load_contract
from mockserver.contract.source import resolve
from mockserver.kit.contracts import as_contract
from mockserver.kit.strategies.submit_requests import from_contract
from mockserver.kit.verify.schemathesis_reading import document_of
from mockserver.media.picture import measure
from tests.comet import COMET

CONTRACT = load_contract(COMET, measure=measure)


@settings(max_examples=10)
@given(st.data())
def test_no_drawn_submit_asks_to_wait(data: st.DataObject) -> None:
    assert "Prefer" not in data.draw(from_contract(CONTRACT)).headers


def test_schemathesis_does_not_know_how_to_ask() -> None:
    document = document_of(as_contract("replicate", "documented"))
    for path in ("/predictions", "/models/{model_owner}/{model_name}/predictions"):
        listed = [resolve(document, parameter) for parameter in document["paths"][path]["post"]["parameters"]]
        names = [parameter["name"] for parameter in listed]
        assert "Cancel-After" in names
        assert "Prefer" not in names


def test_nor_where_the_parameter_is_one_of_the_whole_path() -> None:
    contract = as_contract("replicate", "documented")
    plain = copy.deepcopy(dict(contract.document))
    item = plain["paths"]["/predictions"]
    item["parameters"] = item["post"].pop("parameters")

    left = document_of(replace(contract, document=plain))["paths"]["/predictions"]
    names = [resolve(plain, parameter)["name"] for parameter in left["parameters"]]
    assert "Cancel-After" in names
    assert "Prefer" not in names
