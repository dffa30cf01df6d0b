"""What is served here: providers with base URLs and routes."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel

from mockserver.contract.router import routes
from mockserver.engine.services import Services

router = APIRouter(tags=["index"])


class Provider(BaseModel):
    """A provider: the base URLs a client may set, and the routes by METHOD path."""

    title: str
    profile: str
    base_urls: list[str]
    routes: list[str]


class Index(BaseModel):
    """What the server serves."""

    providers: dict[str, Provider]
    control: list[str]


@router.get("")
def index(request: Request) -> Index:
    """Every provider with its base URLs and routes, and the control plane's own nouns."""
    services: Services = request.app.state.services
    base = services.settings.public_url or str(request.base_url).rstrip("/")
    return Index(
        providers={
            name: Provider(
                title=contract.title,
                profile=contract.profile,
                base_urls=[base + prefix for prefix in contract.prefixes],
                routes=[
                    f"{method} {route.template}" for route in routes(contract) for method in route.operations
                ],
            )
            for name, contract in services.contracts.items()
        },
        control=[base + path for path in _readable_paths(request)],
    )


def _readable_paths(request: Request) -> list[str]:
    """The paths that a plain GET can read."""
    paths = request.app.openapi()["paths"]
    return sorted(path for path, verbs in paths.items() if "get" in verbs and "{" not in path)
