"""Wrong in the envelope of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from tests.kit.miniatures.base import GoodServer
from tests.kit.miniatures.dialects import Aimlapi, Kkiai
from tests.kit.miniatures.wire import Reply, Request


class PlainText(GoodServer):
    """Calls its JSON text/plain."""

    caught_by = frozenset({"envelope.type"})

    def route(self, request: Request, path: str) -> Reply:
        reply = super().route(request, path)
        return Reply(reply.status, reply.body, {**reply.headers, "Content-Type": "text/plain"})


class NotFoundPage(GoodServer):
    """Answers an unknown model with a page for people."""

    caught_by = frozenset({"envelope.json"})

    def error(self, when: str, text: str) -> Reply:
        if when != "unknown-model":
            return super().error(when, text)
        return Reply(404, b"<html>not found</html>", {"Content-Type": "text/html"})


class EmptyRefusal(Aimlapi):
    """Refuses without a body."""

    caught_by = frozenset({"envelope.json"})

    def error(self, when: str, text: str) -> Reply:
        return Reply(self.errors[when], b"")


class RefusalAsSuccess(Kkiai):
    """Refuses with status 200, as many relays do."""

    caught_by = frozenset({"envelope.case"})

    def error(self, when: str, text: str) -> Reply:
        reply = super().error(when, text)
        return Reply(200, reply.body) if when == "invalid" else reply


class SuccessAsRefusal(GoodServer):
    """Lists models with status 404."""

    caught_by = frozenset({"envelope.case"})

    def models(self) -> Reply:
        return Reply(403, super().models().body)


class CodeOne(Kkiai):
    """Has code 1 where all went well."""

    caught_by = frozenset({"envelope.words"})

    def enveloped(self, data: Any) -> dict[str, Any]:
        return {**super().enveloped(data), "code": 1}


class CodeOfAnother(Kkiai):
    """Refuses a key with the code for too many requests."""

    caught_by = frozenset({"envelope.words"})
    codes: ClassVar[Mapping[str, int]] = {**Kkiai.codes, "unauthenticated": 1302}


class OtherEnvelope(GoodServer):
    """Refuses a verb in another envelope; that there is one for it is our reading."""

    caught_by = frozenset({"envelope.error"})
    noted = True

    def error(self, when: str, text: str) -> Reply:
        return Reply(405, {"detail": text}) if when == "method" else super().error(when, text)


class Gateway(GoodServer):
    """Refuses bad input with a status of its own and in a gateway's envelope."""

    caught_by = frozenset({"status.documented", "envelope.error"})

    def error(self, when: str, text: str) -> Reply:
        return Reply(422, {"detail": [text]}) if when == "invalid" else super().error(when, text)


class CodeOfInvalid(Aimlapi):
    """Repeats 400 in every refusal."""

    caught_by = frozenset({"envelope.code"})

    def error(self, when: str, text: str) -> Reply:
        reply = super().error(when, text)
        return Reply(reply.status, {**reply.body, "statusCode": "400"})
