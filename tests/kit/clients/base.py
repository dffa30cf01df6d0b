"""The good client, to be made wrong: the reference client, told its task by a record."""

from __future__ import annotations

import copy
import ssl
from pathlib import Path
from typing import Any, ClassVar, Final

import httpx

from mockserver.kit.conform import Task
from mockserver.kit.reference_client import ApiReply, ApiRequest, Client, Json

NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: to load the usual authorities takes longer than a case."""

PLAIN: Final = frozenset(
    {
        "request-authorization",
        "request-json",
        "request-longest-prompt",
        "request-model",
        "request-picture",
        "request-plain",
        "request-special-characters",
        "request-unicode",
    }
)
"""Cases without faults. A client that gets nothing done fails them."""
FAILING: Final = frozenset(
    {
        "poll-cancelled",
        "poll-expired",
        "poll-failure-with-reason",
        "poll-failure-without-reason",
    }
)
"""Cases in which the job fails, and the client has to say so."""
ENDLESS: Final = frozenset(
    {
        "poll-forgotten",
        "poll-outage-for-good",
        "poll-stuck",
        "poll-stuck-running",
    }
)
"""Cases in which no job's end is ever told, and the client has to give up."""
BY_THE_WAY: Final = frozenset(
    {
        "manners-backoff",
        "manners-deadline",
        "manners-polls-for-a-long-job",
        "money-links-expired-for-good",
        "poll-names-the-job",
    }
)
"""Cases in which there is no clip to be had, though they judge something else."""
IN_VAIN: Final = (
    FAILING
    | ENDLESS
    | frozenset(
        {
            "poll-key-revoked",
            "poll-no-link",
            "result-cut-for-good",
            "result-html-page-for-good",
            "result-links-expired-for-good",
        }
    )
)
"""Cases in which there is no clip to be had of a job that there is."""


class Stopped(BaseException):
    """The case is over; a thread cannot be killed, so the client ends itself."""


class GoodClient(Client):
    """Wrong in no way. `fails` are the cases that a miniature has to fail with `provider`, or be weak in;
    with `command` it is run as a process too, by the cases that are for processes alone. One that is
    `helpless` gets nothing done even in the baseline case: only the cases about requests run it.
    """

    served: ClassVar[str] = "gmicloud"
    fails: ClassVar[frozenset[str]] = frozenset()
    command: ClassVar[bool] = False
    helpless: ClassVar[bool] = False

    @classmethod
    def run(cls, task: Task) -> None:
        """Do what a Task says. Raises GenerationError where there is no clip."""
        cls(task.provider, task.base_url, task.key, task.interval, task.deadline).work(task)

    def work(self, task: Task) -> None:
        """As `run`."""
        self.generate(task.prompt, task.image or None, **self.arguments(task))

    def arguments(self, task: Task) -> Json:
        """What `generate` is given besides prompt and picture."""
        fields = ["model", "thumbnail", "output"] + ["callback_url"] * (task.provider == "kkiai")
        texts = task.texts()
        return {name: texts[name] for name in fields if texts[name]} | {"state_file": task.job_file}

    async def agenerate(self, prompt: str, image: str | None = None, **more: Any) -> Path:
        """As the reference client, but faster to start."""
        self._folder = Path(more["output"]).parent
        async with self.api() as api, self.media() as media:
            connected = copy.copy(self)
            connected._api, connected._media = api, media
            return await connected._generate(prompt, image, **more)

    def api(self) -> httpx.AsyncClient:
        """What asks the API."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.AsyncClient(timeout=self.timeout, headers=headers, verify=NOBODY)

    def media(self) -> httpx.AsyncClient:
        """What fetches files."""
        return httpx.AsyncClient(timeout=self.timeout, follow_redirects=True, verify=NOBODY)

    async def _send(self, request: ApiRequest) -> ApiReply:
        if not self._folder.exists():
            raise Stopped
        return await super()._send(request)
