"""The catalogue: complete, named well, documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

import mockserver.faults
from mockserver.faults.base import CallbackFault, Fault, MediaFault, PlanFault, Predicate, WireFault
from mockserver.faults.catalogue import SEAMS, _by_name, faults, predicates

ROOM = Path(mockserver.faults.__file__).parent
KINDS = {"plan": PlanFault, "wire": WireFault, "media": MediaFault, "callback": CallbackFault}
ASKED = """
fail cancel stuck-waiting stuck-running slow late-failure no-link other-spelling unknown-state step-back
straight-to-success no-reason
answer unauthorized unpaid forbidden not-found too-many upstream-error gateway-page business-code delay
drip malformed empty truncated reset lost-answer server-error-after missing-for-a-while no-id
id-elsewhere wrapped clock-skew falling-progress several-links
expired-link redirect cut-file wrong-length wrong-type html-page zero-bytes other-job no-thumbnail
stalled no-ranges
callback-late callback-twice callback-out-of-order callback-early callback-forged callback-never
"""


def files(folder: str) -> list[str]:
    return sorted(path.stem for path in (ROOM / folder).glob("*.py") if path.stem != "__init__")


def test_every_fault_that_is_asked_for_is_there() -> None:
    assert sorted(faults()) == sorted(re.findall(r"\S+", ASKED))


@pytest.mark.parametrize("seam", SEAMS)
def test_every_file_holds_one_fault_of_its_seam_and_its_name(seam: str) -> None:
    there = [fault for fault in faults().values() if fault.seam == seam]

    assert sorted(fault.__module__.rpartition(".")[2] for fault in there) == files(seam)
    for fault in there:
        assert issubclass(fault, KINDS[seam])
        stem = fault.name.removeprefix("callback-").replace("-", "_")
        assert fault.__module__ == f"mockserver.faults.{seam}.{stem}"


def test_every_file_of_predicates_holds_one_of_its_name() -> None:
    assert list(predicates()) == files("predicates")


@pytest.mark.parametrize("name", faults())
def test_a_fault_is_named_and_documented(name: str) -> None:
    fault = faults()[name]

    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert "Use: " in (fault.__doc__ or "")
    assert fault.usual & fault.roles
    assert not fault.main or fault.main in fault.model_fields


@pytest.mark.parametrize("name", faults())
def test_every_setting_is_explained(name: str) -> None:
    fault = faults()[name]
    unsaid = [
        field
        for field in fault.model_fields
        if not re.search(rf"\b{field}\b", (fault.__doc__ or "").replace("`", " "))
    ]

    assert unsaid == []


@pytest.mark.parametrize("name", faults())
def test_no_setting_has_the_name_of_something_else_in_a_marker(name: str) -> None:
    assert not faults()[name].model_fields.keys() & {*predicates(), "times"}


@pytest.mark.parametrize("name", predicates())
def test_a_predicate_is_documented(name: str) -> None:
    predicate = predicates()[name]
    assert predicate.__doc__
    assert predicate.__doc__ != Predicate.__doc__
    assert predicate.form


def test_faults_are_models_that_refuse_what_they_do_not_know() -> None:
    assert issubclass(Fault, BaseModel)
    assert Fault.model_config["extra"] == "forbid"


def test_two_of_one_name_are_refused() -> None:
    fail = faults()["fail"]
    with pytest.raises(ValueError, match=r"two are called 'fail': .*Fail.* and .*Fail"):
        _by_name(iter((fail, fail)))
