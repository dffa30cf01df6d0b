"""Every check catches the small server that is wrong in its way, and leaves the good ones alone."""

from __future__ import annotations

import pytest

from mockserver.contract import pointer
from mockserver.contract.model import Contract
from mockserver.kit.checks.base import checks
from tests.kit.miniatures import every
from tests.kit.miniatures.base import GoodServer
from tests.kit.miniatures.dialects import Aimlapi, Kkiai
from tests.kit.miniatures.walk import run

LEAST = 40


@pytest.mark.parametrize("miniature", [GoodServer, Kkiai, Aimlapi])
def test_a_good_server_gives_no_finding(miniature: type[GoodServer]) -> None:
    assert [found.sentence for found in run(miniature)] == []


@pytest.mark.parametrize(
    "miniature", every(), ids=lambda one: f"{one.__module__.rpartition('.')[2]}-{one.__name__}"
)
def test_a_wrong_server_is_caught_by_the_checks_it_names(miniature: type[GoodServer]) -> None:
    found = run(miniature)
    assert {one.check for one in found} == miniature.caught_by, "\n".join(one.sentence for one in found)
    assert any(one.severity != "note" for one in found) != miniature.noted
    assert [one.sentence for one in found if not one.source] == []
    assert [one.clause for one in found if not _stands(miniature().contract, one.clause)] == []


def _stands(contract: Contract, clause: str) -> bool:
    """Whether a finding's clause is a place in its contract."""
    return pointer.follow(contract.document, pointer.parts(clause)) is not pointer.ABSENT


@pytest.mark.parametrize("one", [one.id for one in checks()])
def test_every_check_has_its_miniature(one: str) -> None:
    assert any(one in miniature.caught_by for miniature in every())


def test_there_are_enough_miniatures_and_each_says_how_it_is_wrong() -> None:
    assert len(every()) >= LEAST
    assert not [one.__name__ for one in every() if not one.__doc__]


def test_ids_of_checks_are_unique_and_begin_with_their_family() -> None:
    ids = [one.id for one in checks()]
    assert len(ids) == len(set(ids))
    assert all(one.examine or one.conclude for one in checks())
