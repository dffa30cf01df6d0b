"""Wrong in the form of a body or a header."""

from __future__ import annotations

from typing import Any

from tests.kit.miniatures.base import GoodServer, Job
from tests.kit.miniatures.dialects import Aimlapi, Kkiai
from tests.kit.miniatures.wire import Reply


class WithoutOwner(GoodServer):
    """Leaves org_id out of a read."""

    caught_by = frozenset({"schema.answer"})

    def record(self, job: Job) -> dict[str, Any]:
        return {key: value for key, value in super().record(job).items() if key != "org_id"}


class TextForTruth(GoodServer):
    """Writes is_public as a text."""

    caught_by = frozenset({"schema.answer"})

    def record(self, job: Job) -> dict[str, Any]:
        return {**super().record(job), "is_public": "false"}


class ModelsAsObjects(GoodServer):
    """Lists models as objects in place of ids."""

    caught_by = frozenset({"schema.answer"})

    def models(self) -> Reply:
        return Reply(200, {"model_ids": [{"id": model} for model in self.contract.models]})


class EarlyOutcome(GoodServer):
    """Gives an empty outcome in place of null while a job is under way."""

    caught_by = frozenset({"schema.answer"})

    def outcome(self, job: Job, state: str) -> dict[str, Any] | None:
        return super().outcome(job, state) or {}


class NumberForSeconds(Kkiai):
    """Writes a clip's length as a number, where the relay has a text; in what it tells of itself, too."""

    caught_by = frozenset({"schema.answer", "callbacks.body"})

    def record(self, job: Job) -> dict[str, Any]:
        record = super().record(job)
        for video in record.get("task_result", {}).get("videos", ()):
            video["duration"] = self.seconds(job)
        return record


class ShortRefusal(Aimlapi):
    """Refuses without the request's id and path."""

    caught_by = frozenset({"schema.answer"})

    def error(self, when: str, text: str) -> Reply:
        reply = super().error(when, text)
        kept = ("message", "statusCode", "timestamp")
        body = {key: value for key, value in reply.body.items() if key in kept}
        # No refusal of a verb, whose form no operation describes.
        return reply if when == "method" else Reply(reply.status, body)


class SoonInWords(GoodServer):
    """Says `soon` in Retry-After."""

    caught_by = frozenset({"schema.headers"})

    def error(self, when: str, text: str) -> Reply:
        reply = super().error(when, text)
        return Reply(reply.status, reply.body, {"Retry-After": "soon"} if reply.headers else {})


class LateInThePast(GoodServer):
    """Says -1 in Retry-After."""

    caught_by = frozenset({"schema.headers"})

    def error(self, when: str, text: str) -> Reply:
        reply = super().error(when, text)
        return Reply(reply.status, reply.body, {"Retry-After": "-1"} if reply.headers else {})
