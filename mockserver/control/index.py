"""What is served here: providers with base URLs and routes."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from mockserver.contract.first_submit import first_submit
from mockserver.contract.model import Contract
from mockserver.contract.router import routes
from mockserver.control import ROOT
from mockserver.engine.services import Services
from mockserver.settings import Settings

router = APIRouter(prefix=ROOT, tags=["index"])


class SubmitExample(BaseModel):
    """A submit to try, with a key where it belongs; the body is sent as JSON."""

    method: str
    url: str
    headers: dict[str, str]
    body: Any


class Provider(BaseModel):
    """A provider: the base URLs a client may set, the routes by METHOD path, its states, a submit to try."""

    title: str
    profile: str
    base_urls: list[str]
    routes: list[str]
    states: list[str]
    submit: SubmitExample


class Index(BaseModel):
    """What the server serves; `any_key` says whether it takes every API key."""

    any_key: bool
    providers: dict[str, Provider]
    control: list[str]


def own_address(request: Request, settings: Settings) -> str:
    """The control plane's address as the client knows it."""
    return settings.public_url or str(request.base_url).rstrip("/")


def providers_address(request: Request, settings: Settings) -> str:
    """The address of the providers, which may have a port of their own."""
    return settings.public_url or settings.providers_url or own_address(request, settings)


@router.get("")
def index(request: Request) -> Index:
    """Every provider with its base URLs and routes, and the control plane's own nouns."""
    services: Services = request.app.state.services
    settings = services.settings
    base, own = providers_address(request, settings), own_address(request, settings)
    return Index(
        any_key=not settings.keys,
        providers={
            name: _provider(contract, base, "YOUR-KEY" if settings.keys else "any-key")
            for name, contract in services.contracts.items()
        },
        control=[own + path for path in _readable_paths(request)],
    )


def _provider(contract: Contract, base: str, key: str) -> Provider:
    submit = first_submit(contract, key)._asdict()
    return Provider(
        title=contract.title,
        profile=contract.profile,
        base_urls=[base + prefix for prefix in contract.prefixes],
        routes=[f"{method} {route.template}" for route in routes(contract) for method in route.operations],
        states=list(contract.states),
        submit=SubmitExample(url=base + submit.pop("target"), **submit),
    )


def _readable_paths(request: Request) -> list[str]:
    """The paths that a plain GET can read."""
    paths = request.app.openapi()["paths"]
    return sorted(path for path, verbs in paths.items() if "get" in verbs and "{" not in path)
