"""A list may come in pages that go on behind the last job of the page before, in either order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.contract.loader import load_contract
from mockserver.errors import ContractError
from mockserver.media.picture import measure
from tests.comet import changed_comet, parameter
from tests.serving import Running

QUERY = {"after": "string", "limit": "integer", "order": "string"}
BODY = {
    "ids": {"$each": "jobs", "$do": {"$": "job.id"}},
    "first": {"$": "jobs.first", "$default": None},
    "last": {"$": "jobs.last", "$default": None},
    "more": {"$": "jobs.more"},
    "cursor": {"$": "jobs.cursor"},
    "next": {"$": "jobs.next"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The comet provider with a list by cursor."""

    def change(document: dict[str, Any]) -> None:
        answer = {
            "description": "A page.",
            "x-job": {"when": ["default"], "body": BODY},
            "x-provenance": "ASSUMED invented answer",
        }
        page = {"cursor": "query.after", "size": "query.limit", "order": "query.order", "most": 2}
        document["paths"]["/comets"]["get"] = {
            "operationId": "all",
            "summary": "All comets.",
            "parameters": [parameter("query", name, type=kind) for name, kind in QUERY.items()],
            "responses": {"200": answer},
            "x-job": {"role": "list", "page": page, "x-provenance": "ASSUMED invented operation"},
        }

    return changed_comet(tmp_path, change)


def _pages(client: httpx.Client, path: str) -> Iterator[dict[str, Any]]:
    while path:
        page = client.get(path).json()
        yield page
        path = page.get("next", "")


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_the_pages_together_are_the_whole_list(
    running: Callable[..., Running], folder: Path, order: str
) -> None:
    served = running(contracts=(folder,))
    with served.client() as client:
        ids = [client.post("/queue/comets", json={"text": "a kite"}).json()["id"] for _ in range(5)]
        pages = [*_pages(client, f"/queue/comets?order={order}")]

    expected = ids if order == "asc" else ids[::-1]
    assert [job for page in pages for job in page["ids"]] == expected
    assert [page["more"] for page in pages] == [True, True, False]
    assert all((page["first"], page["last"]) == (page["ids"][0], page["ids"][-1]) for page in pages)
    assert [page.get("cursor") for page in pages] == [expected[1], expected[3], None]


def test_a_job_that_comes_between_two_pages_moves_nothing(
    running: Callable[..., Running], folder: Path
) -> None:
    served = running(contracts=(folder,))
    with served.client() as client:
        ids = [client.post("/queue/comets", json={"text": "a kite"}).json()["id"] for _ in range(3)]
        first = client.get("/queue/comets").json()
        client.post("/queue/comets", json={"text": "a kite"})
        second = client.get(first["next"]).json()

    assert [*first["ids"], *second["ids"]] == ids[::-1]


def test_an_empty_list_has_neither_first_nor_next(running: Callable[..., Running], folder: Path) -> None:
    served = running(contracts=(folder,))
    with served.client() as client:
        assert client.get("/queue/comets").json() == {"ids": [], "first": None, "last": None, "more": False}
        assert client.get("/queue/comets", params={"limit": 0}).json()["more"] is False


def test_a_cursor_that_names_no_job_is_refused(running: Callable[..., Running], folder: Path) -> None:
    served = running(contracts=(folder,))
    with served.client() as client:
        answer = client.get("/queue/comets", params={"after": "nobody"})

    assert answer.status_code == 422
    assert answer.json() == {"refused": "nobody is no job of this list"}


def test_a_list_has_numbers_or_cursors(folder: Path) -> None:
    document = json.loads((folder / "openapi.json").read_text())
    document["paths"]["/comets"]["get"]["x-job"]["page"]["number"] = "query.limit"
    (folder / "openapi.json").write_text(json.dumps(document))

    with pytest.raises(ContractError):
        load_contract(folder, measure=measure)


@pytest.mark.parametrize("limit", [1, 2, 4, 5])
def test_pages_by_offset_together_are_the_whole_list(
    running: Callable[..., Running], folder: Path, limit: int
) -> None:
    document = json.loads((folder / "openapi.json").read_text())
    listing = document["paths"]["/comets"]["get"]
    listing["x-job"]["page"] = {"offset": "query.offset", "size": "query.limit"}
    listing["parameters"].append(parameter("query", "offset", type="integer", default=0))
    (folder / "openapi.json").write_text(json.dumps(document))

    served = running(contracts=(folder,))
    with served.client() as client:
        ids = [client.post("/queue/comets", json={"text": "a kite"}).json()["id"] for _ in range(5)]
        pages = [*_pages(client, f"/queue/comets?limit={limit}")]
        within = client.get(f"/queue/comets?limit={limit}&offset=3").json()
        behind = client.get(f"/queue/comets?limit={limit}&offset=9").json()

    assert [job for page in pages for job in page["ids"]] == ids[::-1]
    assert [page["more"] for page in pages] == [True] * (len(pages) - 1) + [False]
    assert within["ids"] == ids[::-1][3 : 3 + limit]
    assert (behind["ids"], behind["more"]) == ([], False)
