"""A journal in which an operation sends clips is judged, though it keeps none, and nobody is accused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from mockserver.cli import group
from tests.kit.trace.recording import TOKEN, archive
from tests.serving import Running


def test_a_journal_with_clips_that_an_operation_sends_passes(
    running: Callable[..., Running], tmp_path: Path
) -> None:
    server = running(providers=("veo",), token=TOKEN)
    with server.client(None) as client:
        client.headers["x-goog-api-key"] = "key-of-a-journal"
        start = "/v1beta/models/veo-3.1-generate-preview:predictLongRunning"
        name = client.post(start, json={"instances": [{"prompt": "A boat"}]}).json()["name"]
        server.clock.advance(30)
        response = client.get(f"/v1beta/{name}").json()["response"]
        link = response["generateVideoResponse"]["generatedSamples"][0]["video"]["uri"]
        statuses = [client.get(link).status_code]
        # Which of two wrongs is told is the server's to choose: the file is unknown, and `alt` is missing.
        statuses.append(client.get("/v1beta/files/000000000000:download").status_code)
    assert statuses == [200, 400]
    record = tmp_path / "journal.har"
    record.write_text(json.dumps(archive(server)))
    done = CliRunner().invoke(group, ["check-trace", str(record), "--provider", "veo"])
    assert done.exit_code == 0, done.output
    assert "the bytes of 1 file are not recorded" in done.output
