"""Which model a client is given, by what the bodies of its submits may say."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.contract.loader import load_contract
from mockserver.kit import contracts
from mockserver.kit.conform.running.models import ModelChoice, fitting_models
from mockserver.kit.conform.running.situations import prompt_limit
from mockserver.media.picture import measure
from tests.comet import changed_comet


@pytest.mark.parametrize("names", [(), ("first",), ("first", "prompt")])
def test_a_place_that_one_submit_names_is_a_place_of_its_models(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    def move(document: dict[str, Any]) -> None:
        media = document["x-job"]["media"]
        document["paths"]["/comets"]["post"]["x-job"]["media"] = {name: media.pop(name) for name in names}

    contract = load_contract(changed_comet(tmp_path, move), measure=measure)
    for image in (True, False):
        assert [model.id for model in fitting_models(contract, image=image)] == ["comet-1"]
    assert [prompt_limit(contract, model) for model in contract.models.values()] == [200]


def test_a_model_of_the_other_kind_does_not_fit() -> None:
    contract = contracts.load("gmicloud")
    for image, kind in ((True, "Image2Video"), (False, "Text2Video")):
        names = [model.id for model in fitting_models(contract, image=image)]
        assert names == [name for name in contract.models if kind in name]


@pytest.mark.parametrize(
    ("named", "needs", "reason"),
    [
        ("", {"picture"}, ""),
        ("Kling-Text2Video-V1.6-Standard", {"picture"}, "takes no picture"),
        ("Kling-Text2Video-V1.6-Standard", {"text"}, ""),
        ("Kling-Image2Video-V1.6-Pro", {"text"}, "needs a picture"),
        ("Kling-Image2Video-V1.6-Pro", {"picture"}, ""),
    ],
)
def test_a_case_is_not_for_a_model_that_lacks_what_it_needs(named: str, needs: set[str], reason: str) -> None:
    choice = ModelChoice(contracts.load("gmicloud"), ("text", "picture"), named)
    case: Any = SimpleNamespace(needs=needs)
    assert choice.why_not(case) == (f"the model {named} {reason}" if reason else "")
