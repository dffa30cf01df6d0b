"""Wrong about the life of a job."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.kit.miniatures.base import GoodServer, Job
from tests.kit.miniatures.cancelling import Cancelling
from tests.kit.miniatures.dialects import Aimlapi, Kkiai
from tests.kit.miniatures.wire import Reply


class Synonym(GoodServer):
    """Says `running` where the documents say `processing`."""

    caught_by = frozenset({"lifecycle.word", "schema.answer"})
    steps = (("queued", 2000), ("running", 6000))


class Capitals(Kkiai):
    """Says `SUCCEED` where the documents say `succeed`."""

    caught_by = frozenset({"lifecycle.word", "schema.answer", "callbacks.body"})

    def record(self, job: Job) -> dict[str, Any]:
        """A job whose success is shouted."""
        found = super().record(job)
        return {**found, "task_status": found["task_status"].replace("succeed", "SUCCEED")}


class Instant(GoodServer):
    """Answers a submit with `success`, and begins to work afterwards."""

    caught_by = frozenset({"lifecycle.beginning", "lifecycle.final", "lists.agrees"})

    def submitted(self, job: Job) -> dict[str, Any]:
        """A success that is not there yet."""
        return {**super().submitted(job), "status": "success"}


class Relapsing(GoodServer):
    """A job that is read while it is processed is queued again when it is read next."""

    caught_by = frozenset({"lifecycle.forward"})

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def read(self, owner: str, name: str) -> Reply:
        """Queued after processing, once."""
        reply = super().read(owner, name)
        if reply.status == 200 and reply.body["status"] == "processing":
            if name in self.seen:
                body = {key: value for key, value in reply.body.items() if key != "qworker_id"}
                return Reply(200, {**body, "status": "queued"})
            self.seen.add(name)
        return reply


class Revived(Kkiai):
    """A job that has failed is processed again when it is read next."""

    caught_by = frozenset({"lifecycle.final", "callbacks.read-agrees"})

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def read(self, owner: str, name: str) -> Reply:
        """A failure that is taken back."""
        reply = super().read(owner, name)
        data = reply.body["data"] if reply.status == 200 else {}
        if data.get("task_status") == "failed":
            if name in self.seen:
                return Reply(200, {**reply.body, "data": {**data, "task_status": "processing"}})
            self.seen.add(name)
        return reply


class Wavering(GoodServer):
    """Gives another reason for the same failure whenever it is asked."""

    caught_by = frozenset({"lifecycle.lasting", "lists.agrees"})

    def outcome(self, job: Job, state: str) -> dict[str, Any] | None:
        """A reason of the moment."""
        found = super().outcome(job, state)
        return {"error": f"Video generation failed at {self.now}"} if state == "failed" else found


class Tidy(GoodServer):
    """Answers reads with the payload in lower case, though the documents echo it as it was sent."""

    caught_by = frozenset({"lifecycle.echo"})

    def payload(self, job: Job) -> dict[str, Any]:
        """The payload, tidied."""
        found = super().payload(job)
        return {key: value.lower() if isinstance(value, str) else value for key, value in found.items()}

    def submits(self) -> list[dict[str, Any]]:
        """A prompt with a capital."""
        first, *others = super().submits()
        return [{**first, "payload": {**first["payload"], "prompt": "A boat"}}, *others]


class Substitute(GoodServer):
    """Answers with the name of another model than was asked for."""

    caught_by = frozenset({"lifecycle.echo", "lists.filter"})

    def record(self, job: Job) -> dict[str, Any]:
        """Made by whatever was free."""
        return {**super().record(job), "model": "Kling-Image2Video-V1.6-Pro"}


class Unnamed(Kkiai):
    """Answers with a name of its own where the client has named the job."""

    caught_by = frozenset({"lifecycle.echo"})

    def record(self, job: Job) -> dict[str, Any]:
        """Named anew."""
        found = super().record(job)
        named = {"external_task_id": "task"} if found["task_info"] else {}
        return {**found, "task_info": named}


class Clipless(Aimlapi):
    """Says that a job is completed before its clip has a link."""

    caught_by = frozenset({"lifecycle.link", "schema.answer"})

    def record(self, job: Job) -> dict[str, Any]:
        """Completed, with nothing to show."""
        found = super().record(job)
        return {**found, "video": {}} if "video" in found else found


class Hasty(Aimlapi):
    """Gives a link before there is a clip."""

    caught_by = frozenset({"lifecycle.early-link", "media.status"})

    def record(self, job: Job) -> dict[str, Any]:
        """With a link from the beginning, whatever becomes of the job."""
        return {**super().record(job), "video": {"url": self.link(job)}}


class Taciturn(Kkiai):
    """Does not say why a job has failed."""

    caught_by = frozenset({"lifecycle.reason"})

    def record(self, job: Job) -> dict[str, Any]:
        """An empty reason."""
        return {**super().record(job), "task_status_msg": ""}


class Counting(Aimlapi):
    """Names its jobs 1, 2, 3, which anybody can guess."""

    caught_by = frozenset({"lifecycle.id"})

    def new_id(self) -> str:
        """The next number."""
        return str(len(self.jobs) + 1)


class Recycling(GoodServer):
    """Gives the id of a job to the next one."""

    caught_by = frozenset({"lifecycle.fresh", "lifecycle.echo", "lists.agrees"})

    def __init__(self) -> None:
        super().__init__()
        self.given = 0

    def new_id(self) -> str:
        """Two by two."""
        self.given += 1
        return str(UUID(int=(0x1234 << 112) + (self.given + 1) // 2))


class Mistaken(Aimlapi):
    """Answers every read with the job that was made first."""

    caught_by = frozenset({"lifecycle.named"})

    def find(self, owner: str, name: str) -> Job | None:
        """The first of all, if there is one of that name."""
        found = super().find(owner, name)
        return found and next(iter(self.owned(owner)[::-1]))


class TooPolite(Cancelling):
    """Says yes to a cancel that comes too late."""

    caught_by = frozenset({"status.late"})

    def cancel(self, owner: str, name: str) -> Reply:
        """Answers with the record of a job that has ended."""
        reply = super().cancel(owner, name)
        return self.read(owner, name) if reply.status == 409 else reply


class Polite(Cancelling):
    """Says of a job that it is cancelled, and goes on with it."""

    caught_by = frozenset({"lifecycle.cancelled"})

    def cancel(self, owner: str, name: str) -> Reply:
        """Answers with the record, in which nothing has changed."""
        job = self.find(owner, name)
        if job is None or self.state(job) not in dict(self.steps):
            return super().cancel(owner, name)
        return Reply(200, self.record(job))
