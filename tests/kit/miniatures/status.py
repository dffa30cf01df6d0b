"""Wrong in the status of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from mockserver.kit.checks.job_ids import unassigned_id
from tests.kit.miniatures.base import GoodServer
from tests.kit.miniatures.dialects import Aimlapi, Kkiai
from tests.kit.miniatures.wire import Reply, Request


class CreatedInPlaceOfOk(GoodServer):
    """Answers a submit with 202, which no page has."""

    caught_by = frozenset({"status.documented"})

    def submit(self, owner: str, request: Request) -> Reply:
        reply = super().submit(owner, request)
        return Reply(202, reply.body) if reply.status == 200 else reply


class Unprocessable(GoodServer):
    """Refuses bad input with 422, which no page has."""

    caught_by = frozenset({"status.documented"})
    errors: ClassVar[Mapping[str, int]] = {**GoodServer.errors, "invalid": 422}


class TakesAnything(GoodServer):
    """Takes a duration that is no option."""

    caught_by = frozenset({"status.refuses"})

    def fault(self, body: Mapping[str, Any]) -> str:
        return ""


class TakesAnyLength(Aimlapi):
    """Takes seven seconds."""

    caught_by = frozenset({"status.refuses"})

    def fault(self, body: Mapping[str, Any]) -> str:
        return ""


class Picky(GoodServer):
    """Wants a duration, which may be left out."""

    caught_by = frozenset({"status.accepts"})

    def fault(self, body: Mapping[str, Any]) -> str:
        return (
            "" if body.get("payload", {}).get("duration") in ("5", "10") else "payload.duration is required"
        )


class PickyList(Kkiai):
    """Takes no page of less than ten."""

    caught_by = frozenset({"status.accepts"})

    def listing(self, owner: str, request: Request) -> Reply:
        small = int(request.query.get("pageSize", 30)) < 10
        return self.error("invalid", "pageSize") if small else super().listing(owner, request)


class MalformedIsBig(GoodServer):
    """Answers a body that is no JSON with 413."""

    caught_by = frozenset({"status.malformed"})
    errors: ClassVar[Mapping[str, int]] = {**GoodServer.errors, "malformed": 413}


class MalformedIsInvalid(Kkiai):
    """Gives a body that is no JSON the code of a wrong value."""

    caught_by = frozenset({"status.malformed"})
    codes: ClassVar[Mapping[str, int]] = {**Kkiai.codes, "malformed": 1201}


class AnyType(GoodServer):
    """Refuses a body of another type as if it were invalid, which is nobody's word but our reading."""

    caught_by = frozenset({"status.media-type"})
    noted = True
    errors: ClassVar[Mapping[str, int]] = {**GoodServer.errors, "media-type": 400}


class UnknownIsInvalid(Aimlapi):
    """Answers an unknown id with 400."""

    caught_by = frozenset({"status.unknown"})
    errors: ClassVar[Mapping[str, int]] = {**GoodServer.errors, "unknown": 400}


class FindsAnything(GoodServer):
    """Makes up a job for an id that nobody has, and forgets it."""

    caught_by = frozenset({"status.unknown"})

    def read(self, owner: str, name: str) -> Reply:
        if name != unassigned_id(self.contract):
            return super().read(owner, name)
        job = self.owned(owner)[-1]
        return Reply(200, {**self.record(job), "request_id": name})


class ModelIsInvalid(GoodServer):
    """Answers an unknown model with 403."""

    caught_by = frozenset({"status.unknown"})

    def model(self, name: str) -> Reply:
        reply = super().model(name)
        return Reply(403, reply.body) if reply.status == 404 else reply


class Forgetful(GoodServer):
    """Forgets a job when it has ended."""

    caught_by = frozenset({"status.found"})

    def read(self, owner: str, name: str) -> Reply:
        job = self.find(owner, name)
        if job is not None and self.state(job) in self.ends:
            return self.error("unknown", "request not found")
        return super().read(owner, name)


class AnyVerb(Kkiai):
    """Says that DELETE went well, though nothing was documented or done."""

    caught_by = frozenset({"status.verb"})

    def error(self, when: str, text: str) -> Reply:
        return Reply(200, self.enveloped([])) if when == "method" else super().error(when, text)


class Breaking(GoodServer):
    """Fails at an unknown id with 500."""

    caught_by = frozenset({"status.works"})

    def read(self, owner: str, name: str) -> Reply:
        return super().read(owner, name) if name in self.jobs else Reply(500, {"error": "no row"})


class Hanging(GoodServer):
    """Hangs up on a body that is no JSON."""

    caught_by = frozenset({"status.answered"})

    def error(self, when: str, text: str) -> Reply:
        return Reply(0, b"") if when == "malformed" else super().error(when, text)
