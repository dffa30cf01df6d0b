"""Clients that do not send what they were given, or take answers too literally."""

from __future__ import annotations

import unicodedata
from typing import Any

import httpx

from mockserver.kit.reference_client import ApiReply, Json
from tests.kit.clients.base import PLAIN, GoodClient


class PlainLetters(GoodClient):
    """It makes plain letters of the prompt."""

    fails = frozenset({"request-longest-prompt", "request-unicode"})

    def _body(self, prompt: str, picture: str, **more: Any) -> Json:
        plain = unicodedata.normalize("NFKD", prompt).encode("ascii", "ignore").decode()
        return super()._body(plain, picture, **more)


class TidiesUp(GoodClient):
    """It makes one line of the prompt."""

    served = "aimlapi"
    fails = frozenset({"request-special-characters"})

    def _body(self, prompt: str, picture: str, **more: Any) -> Json:
        return super()._body(" ".join(prompt.split()), picture, **more)


class CutsThePrompt(GoodClient):
    """It cuts a prompt that it finds long, and tells nobody."""

    served = "kkiai"
    fails = frozenset({"request-longest-prompt", "request-too-long"})

    def _body(self, prompt: str, picture: str, **more: Any) -> Json:
        return super()._body(prompt[:400], picture, **more)


class OwnPicture(GoodClient):
    """It sends a picture of its own making."""

    served = "kkiai"
    fails = frozenset({"request-picture"})

    def _body(self, prompt: str, picture: str, **more: Any) -> Json:
        return super()._body(prompt, f"{picture[:-8]}AAAAAAAA" if picture else "", **more)


class OwnModel(GoodClient):
    """It knows one model, whatever was asked for."""

    served = "aimlapi"
    fails = frozenset({"request-model"})

    def _body(self, prompt: str, picture: str, **more: Any) -> Json:
        return super()._body(prompt, picture, **more | {"model": ""})


class PicturesOnly(GoodClient):
    """Without a picture it asks for a model that needs one all the same."""

    fails = frozenset({"request-text-only"})

    def _body(self, prompt: str, picture: str, **more: Any) -> Json:
        return super()._body(
            prompt, picture, **more if picture else more | {"model": "Kling-Image2Video-V1.6-Pro"}
        )


class NamelessBody(GoodClient):
    """It does not say that its body is JSON."""

    served = "aimlapi"
    helpless = True
    fails = PLAIN - {"request-authorization", "request-model", "request-picture"}

    def api(self) -> httpx.AsyncClient:
        async def undress(request: httpx.Request) -> None:
            request.headers.pop("content-type", None)

        api = super().api()
        api.event_hooks = {"request": [undress]}
        return api


class KeyElsewhere(GoodClient):
    """It sends the key in a header of another name."""

    served = "kkiai"
    helpless = True
    fails = PLAIN - {"request-json", "request-model", "request-picture"}

    def api(self) -> httpx.AsyncClient:
        api = super().api()
        api.headers.pop("authorization")
        api.headers["x-api-key"] = self.key
        return api


KNOWN = frozenset({
    "code", "message", "request_id", "data", "task_id", "task_status", "task_status_msg", "task_info",
    "task_result", "videos", "url", "duration", "id", "created_at", "updated_at", "external_task_id",
    "watermark_url", "final_unit_deduction", "watermark_info", "enabled", "whole",
})  # fmt: skip


class OnlyKnownFields(GoodClient):
    """A field that it does not know makes an answer worthless to it."""

    served = "kkiai"
    fails = frozenset(
        {"evolution-fields", "evolution-reserved", "evolution-unknown", "poll-falling-progress"}
    )

    def _reply(self, response: httpx.Response, content: bytes) -> ApiReply:
        answer = super()._reply(response, content)
        if answer.status == 200:
            self._look(answer.body)
        return answer

    def _look(self, value: Any) -> None:
        if isinstance(value, list):
            for member in value:
                self._look(member)
        elif isinstance(value, dict):
            for name, inner in value.items():
                if name not in KNOWN:
                    raise ValueError(f"unknown field {name}")
                self._look(inner)


class NeedsEveryField(GoodClient):
    """It reads fields that the provider may leave out."""

    served = "kkiai"
    fails = frozenset({"evolution-absent", "evolution-fields", "poll-expired", "poll-wrapped-state"})

    def _succeeded(self, body: Json, job_id: str) -> bool:
        self.refusal = body["data"]["task_status_msg"], body["data"]["task_info"]
        return super()._succeeded(body, job_id)
