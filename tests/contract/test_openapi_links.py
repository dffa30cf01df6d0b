"""Each of OpenAPI's links is checked, also behind those that name no operation."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.contract import openapi_links
from mockserver.contract.openapi_links import check_links
from mockserver.errors import ContractError

GOOD: dict[str, Any] = {"operationId": "read", "parameters": {"ID": "x", "path.id": "y"}}


@pytest.mark.parametrize(
    ("link", "message", "at"),
    [
        (None, "", ""),
        ({"operationRef": "#/paths"}, "", ""),
        ({"operationId": "nothing"}, "'nothing' is not one of the operations", "/1/operationId"),
        ({"operationId": 5}, "5 is not one of the operations", "/1/operationId"),
        (
            {"operationId": "read", "parameters": {"id": "x", "query.page": "y"}},
            "'query.page' is not a parameter of read; parameters: id",
            "/1/parameters/query.page",
        ),
    ],
)
def test_a_link_leads_to_an_operation_by_its_parameters(
    link: Any, message: str, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = [*enumerate([GOOD, link, GOOD])] if link else [(0, GOOD)]
    monkeypatch.setattr(openapi_links, "_links", lambda *_: [({"operationRef": "#/a"}, "/a")] + [
        (each, f"/{number}") for number, each in links
    ])  # fmt: skip
    operations: Any = {
        "read": SimpleNamespace(parameters=SimpleNamespace(names=lambda place: ["id"] * (place == "path")))
    }
    bundled: Any = SimpleNamespace(error=lambda text, where: ContractError(text, file="f", pointer=where))
    if not message:
        check_links(bundled, operations)
        return
    with pytest.raises(ContractError, match=message) as broken:
        check_links(bundled, operations)
    assert broken.value.pointer == at
