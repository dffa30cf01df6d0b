"""Wrong about what a callback URL is told."""

from __future__ import annotations

from typing import Any

import httpx

from tests.kit.miniatures.base import KEYS, Job
from tests.kit.miniatures.dialects import Kkiai
from tests.kit.miniatures.wire import Reply


class Enveloped(Kkiai):
    """Wraps what it tells in the envelope of its answers."""

    caught_by = frozenset({"callbacks.body", "callbacks.ended"})

    def send(self, url: str, job: Job, body: dict[str, Any]) -> None:
        """With a code and a message."""
        super().send(url, job, self.enveloped(body))


class Unlabelled(Kkiai):
    """Sends its callbacks as plain text."""

    caught_by = frozenset({"callbacks.type"})

    def send(self, url: str, job: Job, body: dict[str, Any]) -> None:
        """JSON under the name of text."""
        content = httpx.Request("POST", url, json=body).read()
        httpx.post(
            url, content=content, headers={"Content-Type": "text/plain"}, trust_env=False, verify=False
        )


class Trusting(Kkiai):
    """Shows the caller's key to whoever listens."""

    caught_by = frozenset({"callbacks.key"})
    noted = True

    def send(self, url: str, job: Job, body: dict[str, Any]) -> None:
        """As if the receiver were the provider."""
        httpx.post(
            url, json=body, headers={"Authorization": f"Bearer {KEYS[0]}"}, trust_env=False, verify=False
        )


class Gossip(Kkiai):
    """Tells the receiver of every job, also of those that were submitted without a URL."""

    caught_by = frozenset({"callbacks.asked"})

    def listener(self, job: Job) -> str | None:
        """Where it last heard of somebody."""
        return self.receiver


class Backwards(Kkiai):
    """Waits for the end of a job, and tells its states from the last to the first."""

    caught_by = frozenset({"callbacks.forward"})

    def due(self, job: Job) -> list[tuple[str, int]]:
        """All of them at the end, reversed."""
        entered = self.entered(job, self.now)
        return entered[::-1] if entered[-1][0] in self.ends and not job.told else []


class Hurried(Kkiai):
    """Tells of a job's whole life as soon as it is submitted."""

    caught_by = frozenset({"callbacks.read-agrees"})

    def due(self, job: Job) -> list[tuple[str, int]]:
        """What is yet to come."""
        return self.entered(job, self.now + 60_000)[job.told :]

    def send(self, url: str, job: Job, body: dict[str, Any]) -> None:
        """At once."""
        self.now = job.created
        super().send(url, job, body)


class Stammering(Kkiai):
    """Tells everything twice, though the receiver has taken it."""

    caught_by = frozenset({"callbacks.once"})
    noted = True

    def send(self, url: str, job: Job, body: dict[str, Any]) -> None:
        """To be sure."""
        super().send(url, job, body)
        self.now += 1
        super().send(url, job, body)


class Optimist(Kkiai):
    """Tells of success after it was read that the job has failed."""

    caught_by = frozenset({"callbacks.agree", "callbacks.read-agrees"})

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def due(self, job: Job) -> list[tuple[str, int]]:
        """No failures."""
        return [entry for entry in super().due(job) if entry[0] != "failed"]

    def read(self, owner: str, name: str) -> Reply:
        """Whoever asks again is answered by hope."""
        job = self.find(owner, name)
        if job is not None and self.state(job) == "failed":
            if name in self.seen and not job.told > 2:
                hope = {"videos": [{"id": job.id, "url": self.link(job), "duration": "5"}]}
                job.told += 1
                self.send(
                    self.receiver, job, {**self.record(job), "task_status": "succeed", "task_result": hope}
                )
            self.seen.add(name)
        return super().read(owner, name)


class Foreign(Kkiai):
    """Tells of a job that nobody has submitted."""

    caught_by = frozenset({"callbacks.known"})

    def send(self, url: str, job: Job, body: dict[str, Any]) -> None:
        """Of the right one, too."""
        super().send(url, job, body)
        if body["task_info"]:
            super().send(url, job, {**body, "task_id": "999999999999999999"})


class Silent(Kkiai):
    """Tells that a job is processed, and never of its end."""

    caught_by = frozenset({"callbacks.ended"})

    def send(self, url: str, job: Job, body: dict[str, Any]) -> None:
        """Only what is not the end."""
        if body["task_status"] not in self.ends:
            super().send(url, job, body)


class Unlinked(Kkiai):
    """Tells of success without a link."""

    caught_by = frozenset({"callbacks.link"})

    def send(self, url: str, job: Job, body: dict[str, Any]) -> None:
        """Without a result."""
        super().send(url, job, {key: value for key, value in body.items() if key != "task_result"})
