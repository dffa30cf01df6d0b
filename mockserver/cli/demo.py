"""`mockserver demo`: jobs of every provider that is served, over real HTTP, to clips on disk."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import httpx
from rich.console import Console
from rich.live import Live
from rich.table import Table

from mockserver.cli import completion
from mockserver.cli.console import console as open_console
from mockserver.cli.contract_options import source_options, source_words
from mockserver.cli.demo_jobs import JOBS, DemoJob, jobs_of
from mockserver.contract import registry
from mockserver.errors import MockserverError, SettingsError
from mockserver.media.probe import ProbedClip, probe

POLL_SECONDS = 0.5


class DemoFailed(MockserverError):
    """The demo's server did not start, or a job did not end in a clip."""

    exit_code = 1


@dataclass(slots=True)
class DemoRun:
    """The progress of one job: the `states` that it went through, and its clip when it has one."""

    job: DemoJob
    job_id: str = ""
    states: list[str] = field(default_factory=list)
    clip: ProbedClip | None = None
    file: Path | None = None

    def enter(self, state: str) -> None:
        """Add a state unless the job is in it already, or the answer has no word for it."""
        if state and self.states[-1:] != [state]:
            self.states.append(state)


@click.command()
@click.option(
    "--output", default="demo", type=click.Path(file_okay=False, path_type=Path), show_default=True,
    help="Folder for the clips and thumbnails.",
)  # fmt: skip
@click.option("--speed", default=1.0, show_default=True, help="How many times as fast jobs run.")
@click.option("--provider", "providers", multiple=True, metavar="NAME",
              help="Run jobs of this provider only, or of all that there are; may be repeated.",
              shell_complete=completion.providers)  # fmt: skip
@source_options
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON and no progress.")
def command(output: Path, speed: float, providers: Sequence[str], as_json: bool) -> None:
    """Run one job for each of the five documented models on a server of its own.

    A further provider (--contracts, --provider) gets one job, the first example of its contract.
    The demo submits, polls and downloads over real HTTP, as a client would, and saves the clips and
    thumbnails.

    Exit codes: 0 every clip was saved, 1 the server or a job failed, 2 the folder cannot be made.
    """
    _make_folder(output)
    served = registry.served(names=providers)
    runs = [DemoRun(job) for name in sorted(served, key=_place) for job in jobs_of(name)]
    console = open_console(err=as_json)
    started = time.monotonic()
    with _server(speed, providers) as url:
        if not as_json:
            console.print(
                f"A mock server runs at {url}. {_count(runs)} submitted at their providers' own paths."
            )
        try:
            asyncio.run(_run_jobs(url, runs, output, None if as_json else console))
        except (httpx.HTTPError, OSError) as error:
            raise DemoFailed(f"the demo stopped: {error or type(error).__name__}") from None
    if as_json:
        click.echo(json.dumps([_row(run) for run in runs], indent=2))
        return
    console.print(_results(runs))
    console.print(f"Clips and thumbnails are in {output}/ ({time.monotonic() - started:.0f} s in total). "
                  "Next: run `make serve` and point your client at it.")  # fmt: skip


def _place(provider: str) -> tuple[bool, int]:
    """Where the provider stands in the tables: those of the documented models first, in their order."""
    names = [job.provider for job in JOBS]
    return provider not in names, [*names, provider].index(provider)


def _count(runs: list[DemoRun]) -> str:
    if len(runs) == 1:
        return "One job is"
    return f"{len(runs)} jobs are"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"cannot make the folder {folder}: {error.strerror}") from None


@contextmanager
def _server(speed: float, providers: Sequence[str]) -> Iterator[str]:
    """Start a server of our own on a free port that stores nothing on disk; yield its URL."""
    line = [
        sys.executable,
        "-m",
        "mockserver",
        "serve",
        "--port",
        "0",
        "--store",
        "memory:",
        "--speed",
        str(speed),
        *source_words(),
        *(word for name in providers for word in ("--provider", name)),
    ]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            if not ready:
                raise DemoFailed("the server did not start; see its message above")
            yield str(json.loads(ready)["url"])
        finally:
            process.terminate()


async def _run_jobs(url: str, runs: list[DemoRun], output: Path, console: Console | None) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=120) as client:
        jobs = asyncio.gather(*(_run_job(client, run, output) for run in runs))
        if console is None:
            await jobs
        elif console.is_terminal:
            await _show_table(jobs, runs, console)
        else:
            await _print_lines(jobs, runs, console)


async def _show_table(jobs: asyncio.Future[list[None]], runs: list[DemoRun], console: Console) -> None:
    """Show a table that changes in place until all jobs are done."""
    with Live(_progress(runs), console=console, refresh_per_second=8, transient=True) as live:
        while not jobs.done():
            live.update(_progress(runs))
            await asyncio.wait([jobs], timeout=0.2)
    await jobs


async def _print_lines(jobs: asyncio.Future[list[None]], runs: list[DemoRun], console: Console) -> None:
    """Print a line for each new state, where there is no terminal to draw on."""
    printed = [0] * len(runs)
    while not jobs.done():
        await asyncio.wait([jobs], timeout=0.2)
        for index, run in enumerate(runs):
            for state in run.states[printed[index] :]:
                console.print(f"  {run.job.provider} {run.job.model}: {state}")
            printed[index] = len(run.states)
    await jobs


async def _run_job(client: httpx.AsyncClient, run: DemoRun, output: Path) -> None:
    """Do what every client of such an API does: submit, poll until the job ends, download."""
    job = run.job
    answer = await client.post(job.path, json=job.body, headers=dict(job.headers))
    if answer.is_error:
        raise DemoFailed(f"{job.model}: HTTP {answer.status_code}: {answer.text}")
    run.job_id = job.read_id(answer.json())
    while True:
        body = await _read(client, job, job.read_path(run.job_id))
        state = job.read_state(body)
        run.enter(state)
        if state in job.ended:
            break
        await asyncio.sleep(POLL_SECONDS)
    if state != job.success:
        raise DemoFailed(f"{job.model} ended in {state}: {json.dumps(body)}")
    run.enter("making the clip")
    if job.result_path is not None:
        body = await _read(client, job, job.result_path(run.job_id))
    await _fetch(client, run, output, body)


async def _read(client: httpx.AsyncClient, job: DemoJob, path: str) -> Any:
    answer = await client.get(path, headers=dict(job.headers))
    return answer.raise_for_status().json()


async def _fetch(client: httpx.AsyncClient, run: DemoRun, output: Path, body: Any) -> None:
    """Download clip and thumbnail without the key, as links need none and it would leak; or a clip that is
    behind the key."""
    job = run.job
    name = f"{job.provider}-{job.model.replace('/', '-')}"
    run.file = output / f"{name}.mp4"
    if job.content_path is not None:
        answer = await client.get(job.content_path(run.job_id), headers=dict(job.headers))
        run.file.write_bytes(answer.raise_for_status().content)
    elif job.guarded:
        answer = await client.get(job.read_video(body), headers=dict(job.headers))
        run.file.write_bytes(answer.raise_for_status().content)
    else:
        video = job.read_video(body)
        run.file.write_bytes((await client.get(video)).raise_for_status().content)
        thumbnail = await client.get(video.replace("video.mp4", "thumbnail.jpg"))
        (output / f"{name}.jpg").write_bytes(thumbnail.raise_for_status().content)
    run.clip = await asyncio.to_thread(probe, run.file)
    run.enter("saved")


def _progress(runs: list[DemoRun]) -> Table:
    table = Table(box=None, padding=(0, 2))
    for title in ("provider", "model", "states so far"):
        table.add_column(title)
    for run in runs:
        table.add_row(run.job.provider, run.job.model, " → ".join(run.states) or "submitting")
    return table


def _results(runs: list[DemoRun]) -> Table:
    table = Table(title="Requested and received", title_justify="left")
    for title in ("provider", "model", "requested", "states", "clip"):
        table.add_column(title, overflow="fold")
    for run in runs:
        row = _row(run)
        table.add_row(row["provider"], row["model"], row["asked"], " → ".join(row["states"]), row["clip"])
    return table


def _row(run: DemoRun) -> dict[str, Any]:
    clip = run.clip
    assert clip is not None
    assert run.file is not None
    size = run.file.stat().st_size // 1024
    return {
        "provider": run.job.provider,
        "model": run.job.model,
        "asked": run.job.request,
        "job_id": run.job_id,
        "states": [state for state in run.states if state not in ("making the clip", "saved")],
        "clip": f"{clip.width}x{clip.height}, {clip.seconds:.1f} s, {clip.codec}, {size} KiB",
        "file": str(run.file),
    }
