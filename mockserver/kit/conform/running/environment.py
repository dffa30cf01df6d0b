"""What a run of a case needs: a folder, a key, a task, and a proxy if answers are to be changed."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from mockserver.contract.model import Contract, Model
from mockserver.control_client import ControlClient
from mockserver.errors import KitError
from mockserver.kit.conform.case import Case
from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.running.case_run import CaseContext, CaseRun
from mockserver.kit.conform.running.mutating_proxy import AnswerMutation, start_proxy
from mockserver.kit.conform.task import Task
from mockserver.kit.strategies.images import png

PROMPT: Final = "A paper boat crosses a pond at dusk"
_SIDE: Final = 320
"""Pixels of the picture's sides: above the minimum of every provider."""


@dataclass(frozen=True, slots=True)
class CaseEnvironment:
    """Runs cases. The `seed` decides keys and prompts; `interval` is seconds between polls."""

    context: CaseContext
    seed: int
    interval: float

    def run(self, case: Case, changes: Sequence[AnswerMutation] = (), attempt: str = "") -> Evidence:
        """Run the client through the case. `attempt` tells this run from others of the same case.

        Raises KitError if the case cannot be run, RunStopped if the whole run has to end.
        """
        server, contract = self.context.server, self.context.contract
        name = f"{self.seed}/{contract.provider}/{case.id}/{attempt}"
        key = f"sk-conform-{hashlib.sha256(name.encode()).hexdigest()[:24]}"
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="conform-")))
            control = stack.enter_context(ControlClient(server.control, server.token, key=key))
            base_url = server.base(contract.provider)
            if case.setup.vary is not None:
                base_url = stack.enter_context(start_proxy(base_url, contract, changes))
            task = self._task(case, base_url, key, folder)
            return CaseRun(self.context, case, task, control).run()

    def _task(self, case: Case, base_url: str, key: str, folder: Path) -> Task:
        setup, contract = case.client, self.context.contract
        picture, output = folder / "image.png", folder / "output"
        picture.write_bytes(png(_SIDE, _SIDE))
        output.mkdir()
        return Task(
            base_url=base_url,
            key=key,
            provider=contract.provider,
            model=setup.model or default_model(contract, image=setup.image),
            prompt=f"{PROMPT} ({key[-6:]})" if setup.prompt is None else setup.prompt,
            image=str(picture) if setup.image else "",
            output=str(output / "clip.mp4"),
            thumbnail=str(output / "thumbnail.jpg") if setup.thumbnail else "",
            job_file=str(folder / "job"),
            interval=setup.interval or self.interval,
            deadline=setup.deadline,
            callback_url=_callback_url() if setup.callback else "",
        )


def default_model(contract: Contract, *, image: bool) -> str:
    """The model with the smallest clips, of those that need a picture, or of those that need none.

    A clip is made for every case, so its size decides how long a run takes. Raises KitError if no model fits.
    """
    field = contract.media["first"][-1]
    models = [
        model for model in contract.models.values() if (field in model.payload.get("properties", {})) == image
    ]
    if not models:
        source = "from a picture" if image else "from text alone"
        raise KitError(f"{contract.provider} has no model that makes a clip {source}")
    return min(models, key=_clip_size).id


def _clip_size(model: Model) -> float:
    clip = model.clips["default"]
    return clip.height * clip.fps


def _callback_url() -> str:
    """A URL at which nobody listens yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/callback"
