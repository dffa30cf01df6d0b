"""The hunt: a mutated contract is served, and the kit looks at it by the original one.

First `verify` with its stages, the cheapest to run first; in between a record of what verify cannot ask of
anybody's server: jobs that fail, callbacks, a name of the client's own. The hunt ends with the first catch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple, Self

import httpx

from mockserver.contract import pointer
from mockserver.contract.model import Contract
from mockserver.control_client import ControlClient
from mockserver.jobs.clock import ManualClock
from mockserver.kit import contracts
from mockserver.kit.checks.base import run_checks
from mockserver.kit.findings.finding import Finding
from mockserver.kit.traffic import contract_locations
from mockserver.kit.traffic.history import History
from mockserver.kit.verify.state_machine import SearchOptions
from mockserver.kit.verify.verify import Progress, VerifyOptions, verify
from mockserver.settings import Settings
from tests.kit.checks.test_our_jobs import Aiml, Gmi, Kling
from tests.kit.miniatures import walk
from tests.kit.miniatures.base import KEYS, SPENT
from tests.kit.mutants.edit import Mutant
from tests.kit.test_checks_on_ours import TOKEN, Ours
from tests.serving import running_app

EFFORT: Final = SearchOptions(examples=12, steps=15, seed=4, shrink=False)
ALIAS: Final = "external_task_id"


SLOWEST: Final = 120.0
"""Seconds that a clip may take to be made: no finding comes of a busy machine."""
MODELS: Final = {
    "gmicloud": "Kling-Text2Video-V1.6-Standard",
    "kkiai": "kling-v1",
    "aimlapi": "kling-video/v1/standard/image-to-video",
}
"""What the whole job is of: the clips that are made soonest."""


class Caught(NamedTuple):
    """Who saw a mutant: `verify STAGE` or `record`, and what."""

    by: str
    finding: Finding


class Place(NamedTuple):
    """Where wrong contracts are served from: the folder with the provider's own, None for the right one,
    and a folder for clips."""

    contracts: Path | None
    cache: Path

    def settings(self, provider: str) -> Settings:
        """Settings of a server that answers by the provider's contract there."""
        settings = Settings(cache_dir=self.cache, token=TOKEN, seed=7)
        if self.contracts is None:
            return settings
        return settings._replace(contracts=(self.contracts,), replace=(provider,))


@cache
def original(provider: str) -> Contract:
    """The contract to judge by: one object, as what it takes to spoil requests is kept with it."""
    return contracts.load(provider)


class LockedOut(Exception):
    """The key lets nobody in, so that there is no verdict."""


def hunt(provider: str, place: Place, counts: Callable[[Finding], bool]) -> Caught | None:
    """The first finding that counts, None where there is none, or no verdict, as the key lets nobody in."""
    try:
        return next((Caught(by, one) for by, one in _found(provider, place) if counts(one)), None)
    except LockedOut:
        return None


def counting(mutant: Mutant) -> Callable[[Finding], bool]:
    """A note counts where nobody's word stands behind the fact that was changed."""
    return lambda finding: (
        (mutant.assumed or finding.severity != "note") and "no answer" not in finding.actual
    )


def _found(provider: str, place: Place) -> Iterator[tuple[str, Finding]]:
    yield from _verified(provider, place, "access", "listing")
    yield from _verified(provider, place, "job", key=KEYS[0], other_key=KEYS[1], model=MODELS[provider])
    yield from _verified(provider, place, "refusals")
    yield from (("record", one) for one in _recorded(provider, place))
    yield from _verified(provider, place, "sequences")


def _verified(
    provider: str,
    place: Place,
    *stages: str,
    key: str | None = None,
    other_key: str | None = None,
    model: str | None = None,
) -> Iterator[tuple[str, Finding]]:
    """Where the keys are given, ids and so clips are always the same, and made once."""
    settings = place.settings(provider)
    with running_app(settings) as running, ControlClient(running.url, TOKEN) as control:
        # Stage by stage: a mutant that one of the first sees is spared the requests of the others.
        for stage in stages:
            asked = VerifyOptions(
                running.url + original(provider).prefixes[0], original(provider), key, other_key,
                models=() if model is None else (model,), control=control, stages=(stage,), search=EFFORT,
                interval=1.0, patience=30.0,
            )  # fmt: skip
            run, _ = verify(asked, Progress(sleep=lambda seconds: _pass(running.clock, seconds)))
            if not run.failed and any("check the key" in line for line in run.not_judged):
                raise LockedOut
            yield from ((f"verify {stage}", one) for one in run.findings)


def _pass(clock: ManualClock, seconds: float) -> None:
    clock.advance(seconds)


class Served(Ours):
    """Our server with another contract; it is judged by the right one."""

    place: ClassVar[Place]

    @property
    def contract(self) -> Contract:
        """The right one."""
        return original(self.provider)

    def __enter__(self) -> Self:
        settings = self.place.settings(self.provider)._replace(keys=KEYS)
        self.url = self._stack.enter_context(running_app(settings, self.clock)).url
        self.control = self._stack.enter_context(ControlClient(self.url, TOKEN))
        spent = self._stack.enter_context(ControlClient(self.url, TOKEN, key=SPENT))
        spent.set_quota(requests=0)
        return self


class Plain(Aiml):
    """With a job whose length is left to the model."""

    def submits(self) -> list[dict[str, Any]]:
        """One more."""
        ratio = {"image_url": "https://example.com/a.png", "prompt": "b"}
        return [{"model": MODELS["aimlapi"], **ratio}, *super().submits()]


_KINDS: Final[dict[str, type[Ours]]] = {one.provider: one for one in (Gmi, Kling, Plain)}


def _recorded(provider: str, place: Place) -> list[Finding]:
    """What the checks find in a record of jobs of every end, with their files and callbacks."""
    served = type("Served", (Served, _KINDS[provider]), {"place": place})
    with walk.walking(served) as recorder:
        recorder._http.timeout = httpx.Timeout(SLOWEST)
        jobs = walk._submit(recorder)
        for pause in (0, 3000, 3000, 3000):
            recorder.mini.advance(pause)
            walk._look(recorder, jobs)
        for name in filter(None, (body.get(ALIAS) for body in recorder.mini.submits())):
            recorder.ask("GET", recorder.mini.read_path(name))
        walk._narrow(recorder)
        _overstep(recorder)
        walk._fetch(recorder)
        walk._err(recorder)
        walk._unlock(recorder, jobs)
        walk._second(recorder, jobs)
        history = History(original(provider))
        history.callbacks_complete = True
        return run_checks(history, [history.read(one) for one in recorder.exchanges])


def _overstep(recorder: walk.Recorder) -> None:
    """Ask for pages just outside of what a parameter allows."""
    mini = recorder.mini
    for operation in mini.contract.operations.values():
        path = f"/paths{pointer.write((operation.path, operation.method.lower()))}/parameters"
        for index in range(
            len(contract_locations.follow(mini.contract, path)[1] or ()) if operation.role == "list" else 0
        ):
            _, parameter = contract_locations.follow(mini.contract, f"{path}/{index}")
            schema = parameter["schema"]
            for bound, step in (("minimum", -1), ("maximum", 1)):
                if bound in schema:
                    recorder.ask(
                        "GET", mini.list_path or "", params={parameter["name"]: schema[bound] + step}
                    )
