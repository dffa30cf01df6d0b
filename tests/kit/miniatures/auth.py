"""Wrong about keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mockserver.contract.model import Contract
from tests.kit.miniatures.base import KEYS, GoodServer
from tests.kit.miniatures.dialects import Kkiai
from tests.kit.miniatures.wire import Reply, Request


class OpenModels(GoodServer):
    """Lists models for everybody who sends no key."""

    caught_by = frozenset({"auth.required"})

    def authorise(self, request: Request) -> str:
        bare = "authorization" not in request.headers and request.path.endswith("/models")
        return KEYS[0] if bare else super().authorise(request)


class KeylessIsForbidden(Kkiai):
    """Answers 403 where no key was sent."""

    caught_by = frozenset({"auth.required"})

    def route(self, request: Request, path: str) -> Reply:
        if "authorization" in request.headers or request.method == "DELETE":
            return super().route(request, path)
        body = {"code": 1103, "message": "no right", "request_id": "r"}
        return Reply(403, body)


class AnyScheme(GoodServer):
    """Takes a key by any scheme."""

    caught_by = frozenset({"auth.scheme"})

    def authorise(self, request: Request) -> str:
        _, _, key = request.headers.get("authorization", "").partition(" ")
        return super().authorise(request._replace(headers={"authorization": f"Bearer {key}"}))


class ClosedModels(GoodServer):
    """Asks for a key to list models, by a contract that needs none for it."""

    caught_by = frozenset({"auth.open"})

    @property
    def contract(self) -> Contract:
        known = super().contract
        listed = replace(known.operations["listModels"], credential=None)
        return replace(known, operations={**known.operations, "listModels": listed})


class TellingKey(GoodServer):
    """Repeats a wrong key in its refusal."""

    caught_by = frozenset({"auth.echo"})

    def respond(self, request: Request) -> Reply:
        reply = super().respond(request)
        if reply.status != 401:
            return reply
        return Reply(401, {"error": f"bad credentials: {request.headers.get('authorization')}"})


class KeyAsOwner(GoodServer):
    """Shows the key as the owner of a job."""

    caught_by = frozenset({"auth.echo"})

    def record(self, job: Any) -> dict[str, Any]:
        return {**super().record(job), "org_id": job.owner}
