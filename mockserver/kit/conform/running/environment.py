"""What a run of a case needs: a folder, a key, a task, and a proxy if answers are to be changed."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import orjson

from mockserver.contract.model import Contract
from mockserver.contract.self_contained import self_contained
from mockserver.control_client import ControlClient
from mockserver.kit.conform.case import Case
from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.running.case_run import CaseContext, CaseRun
from mockserver.kit.conform.running.models import ModelChoice
from mockserver.kit.conform.running.mutating_proxy import AnswerMutation, start_proxy
from mockserver.kit.conform.running.situations import prompt_limit
from mockserver.kit.conform.task import Task
from mockserver.kit.strategies.images import png

PROMPT: Final = "A paper boat crosses a pond at dusk"
_SIDE: Final = 320
"""Pixels of the picture's sides: above the minimum of every provider."""


@dataclass(frozen=True, slots=True)
class CaseEnvironment:
    """Runs cases. The `seed` decides keys and prompts; `interval` is seconds between polls.

    With `key_pair` a client gets an access key and a secret key, to sign its requests with.
    """

    context: CaseContext
    choice: ModelChoice
    seed: int
    interval: float
    key_pair: bool = False

    def run(self, case: Case, changes: Sequence[AnswerMutation] = (), attempt: str = "") -> Evidence:
        """Run the client through the case. `attempt` tells this run from others of the same case.

        Raises KitError if the case cannot be run, RunStopped if the whole run has to end.
        """
        server, contract = self.context.server, self.context.contract
        name = f"{self.seed}/{contract.provider}/{case.id}/{attempt}"
        secret = f"sk-conform-{hashlib.sha256(name.encode()).hexdigest()[:24]}"
        access = f"ak-{hashlib.sha256(secret.encode()).hexdigest()[:24]}" if self.key_pair else ""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="conform-")))
            control = stack.enter_context(ControlClient(server.control, server.token, key=access or secret))
            base_url = server.base(contract.provider)
            if case.setup.vary is not None:
                base_url = stack.enter_context(start_proxy(base_url, contract, changes))
            task = self._task(case, base_url, (access, secret), folder)
            return CaseRun(self.context, case, task, control).run()

    def _task(self, case: Case, base_url: str, keys: tuple[str, str], folder: Path) -> Task:
        access, secret = keys
        setup = case.client
        picture, output = folder / "image.png", folder / "output"
        picture.write_bytes(png(_SIDE, _SIDE))
        contract = folder / "contract.json"
        contract.write_bytes(_bundled(self.context.contract))
        output.mkdir()
        return Task(
            base_url=base_url,
            key=f"{access}:{secret}" if access else secret,
            provider=self.context.contract.provider,
            model=self.choice.model(case),
            prompt=f"{PROMPT} ({secret[-6:]})" if setup.prompt is None else self._prompt(case),
            image=str(picture) if self.choice.takes_picture(case) else "",
            output=str(output / "clip.mp4"),
            thumbnail=str(output / "thumbnail.jpg") if setup.thumbnail else "",
            job_file=str(folder / "job"),
            interval=setup.interval or self.interval,
            deadline=setup.deadline,
            callback_url=_callback_url() if setup.callback else "",
            access_key=access,
            secret_key=secret if access else "",
            contract=str(contract),
        )

    def _prompt(self, case: Case) -> str:
        """The case's prompt, as long as the model's limit and `limit_plus` say."""
        prompt, contract = case.client.prompt or "", self.context.contract
        limit = prompt_limit(contract, contract.models[self.choice.model(case)])
        if limit is None or case.client.limit_plus is None:
            return prompt
        length = limit + case.client.limit_plus
        return (prompt * (length // len(prompt) + 1))[:length]


@cache
def _bundled(contract: Contract) -> bytes:
    """The contract as one document, as clients get it."""
    return orjson.dumps(self_contained(contract.document))


def _callback_url() -> str:
    """A URL at which nobody listens yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/callback"
