"""Where cases are played: a folder, a key and a task for each run, a relay where answers are to vary."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from mockserver.contract.model import Contract
from mockserver.control_client import ControlClient
from mockserver.errors import KitError
from mockserver.kit.conform.case import Case
from mockserver.kit.conform.evidence import Evidence
from mockserver.kit.conform.running.case_run import CaseContext, CaseRun
from mockserver.kit.conform.running.mutating_proxy import AnswerMutation, relayed
from mockserver.kit.conform.task import Task
from mockserver.kit.strategies.images import png

PROMPT: Final = "A paper boat crosses a pond at dusk"
_SIDE: Final = 320
"""Pixels of the picture's sides: above the least of every provider."""


@dataclass(frozen=True, slots=True)
class CaseEnvironment:
    """A place for cases. The `seed` decides keys and prompts; `interval` is seconds between polls."""

    setting: CaseContext
    seed: int
    interval: float

    def play(self, case: Case, changes: Sequence[AnswerMutation] = (), take: str = "") -> Evidence:
        """Run the client through the case. `take` tells this run from others of the same case.

        Raises KitError where it cannot be run, Stopped where all is to end.
        """
        server, contract = self.setting.server, self.setting.contract
        name = f"{self.seed}/{contract.provider}/{case.id}/{take}"
        key = f"sk-conform-{hashlib.sha256(name.encode()).hexdigest()[:24]}"
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="conform-")))
            control = stack.enter_context(ControlClient(server.control, server.token, key=key))
            base = server.base(contract.provider)
            if case.setup.vary is not None:
                base = stack.enter_context(relayed(base, contract, changes))
            task = self._task(case, base, key, folder)
            return CaseRun(self.setting, case, task, control, folder).run()

    def _task(self, case: Case, base: str, key: str, folder: Path) -> Task:
        asked = case.client
        picture = folder / "image.png"
        picture.write_bytes(png(_SIDE, _SIDE))
        (folder / "output").mkdir()
        prompt = f"{PROMPT} ({key[-6:]})" if asked.prompt is None else asked.prompt
        return Task(
            base_url=base,
            key=key,
            provider=self.setting.contract.provider,
            model=asked.model or default_model(self.setting.contract, image=asked.image),
            prompt=prompt,
            image=str(picture) if asked.image else "",
            output=str(folder / "output" / "clip.mp4"),
            thumbnail=str(folder / "output" / "thumbnail.jpg") if asked.thumbnail else "",
            job_file=str(folder / "job"),
            interval=asked.interval or self.interval,
            deadline=asked.deadline,
            callback_url=f"http://127.0.0.1:{_free_port()}/callback" if asked.callback else "",
        )


def default_model(contract: Contract, *, image: bool) -> str:
    """The model whose clips are the smallest, of those that need a picture, or of those that need none.

    A clip is made for every case, so its size decides how long a run takes. Raises KitError for none such.
    """
    at = contract.media["first"][-1]
    fitting = [one for one in contract.models.values() if (at in one.payload.get("properties", {})) == image]
    if not fitting:
        what = "from a picture" if image else "from text alone"
        raise KitError(f"{contract.provider} has no model that makes a clip {what}")
    return min(fitting, key=lambda one: one.clips["default"].height * one.clips["default"].fps).id


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
