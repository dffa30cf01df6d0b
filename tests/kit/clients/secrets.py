"""Clients that show their key."""

from __future__ import annotations

from mockserver.kit.conform import Task
from mockserver.kit.reference_client import ApiReply, ApiRequest
from tests.kit.clients.base import BY_THE_WAY, IN_VAIN, GoodClient


class KeyInTheAddress(GoodClient):
    """It puts the key in the query, besides the header."""

    served = "gmicloud"
    fails = frozenset({"request-plain", "secrets-url"})

    async def _send(self, request: ApiRequest) -> ApiReply:
        if not request.file:
            mark = "&" if "?" in request.url else "?"
            request = request._replace(url=f"{request.url}{mark}key={self.key}")
        return await super()._send(request)


class KeyInErrors(GoodClient):
    """Its errors tell the whole request, headers and all."""

    served = "kkiai"
    fails = (
        IN_VAIN
        | BY_THE_WAY
        | frozenset(
            {
                "manners-backoff-submit",
                "manners-stops-at-failure",
                "request-too-long",
                "secrets-refused-key",
                "submit-business-code",
                "submit-content-refused",
                "submit-field-refused",
                "submit-forbidden",
                "submit-gateway-page",
                "submit-login-page",
                "submit-unauthorized",
                "submit-unknown-model",
                "submit-unpaid",
                "submit-upstream-refused",
            }
        )
    )

    def work(self, task: Task) -> None:
        try:
            super().work(task)
        except Exception as error:
            raise RuntimeError(f"{error} (Authorization: Bearer {self.key})") from None
