"""The contracts in force, as bundled OpenAPI documents."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel

from mockserver.contract.model import Contract
from mockserver.control import ROOT
from mockserver.engine.services import Services

router = APIRouter(prefix=ROOT, tags=["contracts"])


class ContractRow(BaseModel):
    """A contract in one row; `document` is where its OpenAPI document is."""

    provider: str
    title: str
    profile: str
    overlays: list[str]
    models: list[str]
    states: list[str]
    document: str


def _row(contract: Contract) -> ContractRow:
    return ContractRow(
        provider=contract.provider,
        title=contract.title,
        profile=contract.profile,
        overlays=list(contract.overlays),
        models=list(contract.models),
        states=list(contract.states),
        document=f"/__mock/contracts/{contract.provider}",
    )


@router.get("/contracts")
def contracts(request: Request) -> list[ContractRow]:
    """Every contract this server follows."""
    services: Services = request.app.state.services
    return [_row(contract) for contract in services.contracts.values()]


@router.get("/contracts/{provider}")
def contract(provider: str, request: Request) -> dict[str, Any]:
    """One provider's contract as a self-contained OpenAPI 3.1 document."""
    services: Services = request.app.state.services
    if provider not in services.contracts:
        raise HTTPException(404, f"no provider {provider!r}; providers: {', '.join(services.contracts)}")
    return dict(services.contracts[provider].document)
