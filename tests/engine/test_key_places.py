"""A key may be taken by any scheme, in a header, in the query or in a cookie, and by one of several."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.loader import load_contract
from mockserver.errors import ContractError
from mockserver.media.picture import measure
from tests.comet import changed_comet
from tests.serving import Running

SCHEMES = {
    "word": {"type": "http", "scheme": "Key"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Goog-Api-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
}
INVENTED = {"x-provenance": "ASSUMED invented key"}


def _folder(tmp_path: Path, *security: str | None) -> Path:
    def change(document: dict[str, Any]) -> None:
        document["security"] = [{} if name is None else {name: []} for name in security]
        document["components"]["securitySchemes"] = {
            name: {**scheme, **INVENTED} for name, scheme in SCHEMES.items() if name in security
        }

    return changed_comet(tmp_path, change)


@pytest.mark.parametrize(
    ("security", "sent", "status"),
    [
        (["word"], {"headers": {"authorization": "Key abc"}}, 200),
        (["word"], {"headers": {"authorization": "key abc"}}, 200),
        (["word"], {"headers": {"authorization": "Bearer abc"}}, 401),
        (["word"], {}, 401),
        (["query"], {"params": {"key": "abc"}}, 200),
        (["query"], {"params": {"key": ""}}, 401),
        (["query"], {"headers": {"key": "abc"}}, 401),
        (["cookie"], {"headers": {"cookie": "a=b; session=abc"}}, 200),
        (["cookie"], {"headers": {"cookie": "session"}}, 401),
        (["query", "header"], {"headers": {"x-goog-api-key": "abc"}}, 200),
        (["query", "header"], {"params": {"key": "abc"}}, 200),
        (["query", "header"], {"headers": {"authorization": "Bearer abc"}}, 401),
        (["word", None], {}, 200),
        (["word", None], {"headers": {"authorization": "Bearer abc"}}, 401),
    ],
)
def test_a_key_is_taken_where_the_contract_has_it(
    running: Callable[..., Running],
    tmp_path: Path,
    security: list[str | None],
    sent: dict[str, Any],
    status: int,
) -> None:
    served = running(contracts=(_folder(tmp_path, *security),), strict=True)
    with served.client(None) as client:
        answer = client.post("/queue/comets", json={"text": "a kite"}, **sent)

    assert answer.status_code == status, answer.text


def test_one_key_is_one_tenant_wherever_it_stands(running: Callable[..., Running], tmp_path: Path) -> None:
    served = running(contracts=(_folder(tmp_path, "query", "header"),))
    with served.client(None) as client:
        job = client.post("/queue/comets", json={"text": "a kite"}, params={"key": "abc"}).json()["id"]
        mine = client.get(f"/queue/comets/{job}", headers={"x-goog-api-key": "abc"})
        other = client.get(f"/queue/comets/{job}", headers={"x-goog-api-key": "xyz"})

    assert (mine.status_code, other.status_code) == (202, 404)


def test_the_refusal_says_where_the_key_belongs(running: Callable[..., Running], tmp_path: Path) -> None:
    served = running(contracts=(_folder(tmp_path, "query", "header", "word", "cookie"),))
    with served.client(None) as client:
        refused = client.post("/queue/comets", json={"text": "a kite"}).json()["refused"]

    assert refused == (
        "send the header X-Goog-Api-Key: KEY or the header Authorization: Key KEY or key=KEY in the query or "
        "the cookie session=KEY; any key will do here"
    )


def test_a_scheme_that_carries_no_key_is_refused_at_load(tmp_path: Path) -> None:
    path = _folder(tmp_path, "word")
    document = json.loads((path / "openapi.json").read_text())
    document["components"]["securitySchemes"]["word"] = {"type": "oauth2", "flows": {}, **INVENTED}
    (path / "openapi.json").write_text(json.dumps(document))

    with pytest.raises(ContractError, match="neither http with a key nor an apiKey"):
        load_contract(path, measure=measure)
