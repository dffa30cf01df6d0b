"""The file of a job that an operation sends is asked for with the key, and judged by what is sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockserver.control_client import ControlClient
from mockserver.kit.contracts import load
from mockserver.kit.verify.verify import Progress, VerifyOptions, verify
from tests.serving import KEY, Running

TOKEN = "the-token"


@pytest.mark.parametrize(("provider", "prefix", "sending"), [
    ("openai", "/v1", "downloadVideo"), ("veo", "/v1beta", "downloadFile"),
])  # fmt: skip
def test_the_file_of_a_job_is_asked_for(
    provider: str, prefix: str, sending: str, running: Callable[..., Running]
) -> None:
    server = running(providers=(provider,))
    options = VerifyOptions(
        server.url + prefix, load(provider), KEY, stages=["job"], interval=1.0, patience=30.0
    )

    def wait(seconds: float) -> None:
        server.clock.advance(seconds)

    run, target = verify(options, Progress(sleep=wait))
    assert (run.findings, run.not_judged) == ((), ())
    calls = target.history.calls
    sent = [call for call in calls if call.operation is not None and call.operation.id == sending]
    assert [(call.exchange.status, call.exchange.response_body[4:8]) for call in sent] == [(200, b"ftyp")]


def test_an_end_without_a_word_for_it_is_told_by_its_phase(running: Callable[..., Running]) -> None:
    server = running(providers=("veo",), token=TOKEN)
    options = VerifyOptions(
        f"{server.url}/v1beta", load("veo"), KEY, stages=["job"], interval=1.0, patience=30.0
    )
    with ControlClient(server.url, TOKEN, key=KEY) as control:

        def fail(_: float) -> None:
            for job in control.jobs():
                control.force("veo", job["id"], "failed", "no")

        run, _ = verify(options, Progress(sleep=fail))
    assert any("ended as failed, so none of its files" in line for line in run.not_judged), run.not_judged
