"""How it ended: with the clip, or with an honest end."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from mockserver.kit.conform.evidence import ClientRun, Evidence, LargeFile, WrittenFile, size_of
from mockserver.kit.conform.judges.base import JudgeBreach, judge
from mockserver.numerals import plural


@judge("delivers", "The client exits with 0, and its output is byte for byte the clip of its job.")
def delivers(evidence: Evidence) -> Iterator[JudgeBreach]:
    """Every run that had to finish the work delivers. One that returns a link prints that of the clip."""
    if evidence.returns_link:
        yield from _returns_link(evidence)
        return
    for run, output in zip(evidence.last_runs, evidence.outputs, strict=False):
        if run.ending != "exited" or run.exit_code != 0:
            yield JudgeBreach("the clip is delivered, exit code 0", ended(run))
        elif output is None:
            yield JudgeBreach("the clip is delivered", "exit code 0, and there is no output file")
        elif output not in evidence.clips.values():
            yield JudgeBreach("the output is the clip of the job", _mismatch(output, evidence))


@judge(
    "gives-up",
    "The client ends by itself, its exit code is not 0, and there is no output.",
)
def gives_up(evidence: Evidence) -> Iterator[JudgeBreach]:
    """Every run that had to finish the work gives up."""
    for run, output in zip(evidence.last_runs, evidence.outputs, strict=False):
        if run.ending != "exited":
            yield JudgeBreach("the client gives up by itself", ended(run))
        elif run.exit_code == 0:
            yield JudgeBreach("an exit code that is not 0, as there is no clip to be had", "exit code 0")
        elif output is not None:
            yield JudgeBreach(
                "no output file, as there is no clip to be had", f"a file of {size_of(output)} bytes"
            )


@judge("ends-in-time", "The client ends by itself, one way or the other.")
def ends_in_time(evidence: Evidence) -> Iterator[JudgeBreach]:
    """The runner did not have to stop it."""
    for run in evidence.last_runs:
        if run.ending != "exited":
            yield JudgeBreach("the client ends by itself", ended(run))


@judge("no-output", "There is no output file.")
def no_output(evidence: Evidence) -> Iterator[JudgeBreach]:
    """Where there is no clip to be had, a file of that name misleads whoever comes next."""
    for output in evidence.outputs:
        if output is not None:
            yield JudgeBreach("no output file", f"a file of {size_of(output)} bytes")


@judge("nothing-left-over", "Beside the output there is nothing: no half of a file.")
def nothing_left_over(evidence: Evidence) -> Iterator[JudgeBreach]:
    """The folder of the output was empty before."""
    if evidence.leftovers:
        yield JudgeBreach("nothing but the output in its folder", f"also {', '.join(evidence.leftovers)}")


@judge(
    "true-to-outcome", "Exit code 0 and the right clip, or another exit code and no output: never a mixture."
)
def true_to_outcome(evidence: Evidence) -> Iterator[JudgeBreach]:
    """For cases that may end either way."""
    for run, output in zip(evidence.last_runs, evidence.outputs, strict=False):
        if run.ending != "exited":
            yield JudgeBreach("the client ends by itself", ended(run))
        elif evidence.returns_link:
            if run.exit_code == 0 and not _prints_link(run, evidence):
                yield JudgeBreach("exit code 0 means that the link is printed", "it is not")
        elif run.exit_code == 0 and output not in evidence.clips.values():
            yield JudgeBreach("exit code 0 means that the clip is there", _mismatch(output, evidence))
        elif run.exit_code != 0 and output is not None:
            yield JudgeBreach("no output file where the client failed", f"a file of {size_of(output)} bytes")


def _returns_link(evidence: Evidence) -> Iterator[JudgeBreach]:
    for run in evidence.last_runs:
        if run.ending != "exited" or run.exit_code != 0:
            yield JudgeBreach("the clip's link is printed, exit code 0", ended(run))
        elif not _prints_link(run, evidence):
            yield JudgeBreach("the clip's link is printed", "exit code 0, and the output has no link")


def _prints_link(run: ClientRun, evidence: Evidence) -> bool:
    """Whether it prints the link to the clip of a job that has succeeded, plain or in JSON."""
    output = unquote(run.output.replace("\\/", "/"))
    jobs = (job for job in evidence.jobs if job["phase"] == "succeeded")
    return any(f"/media/{job['provider']}/{job['id']}/video.mp4" in output for job in jobs)


def ended(run: ClientRun) -> str:
    """How a run ended, as a text."""
    if run.ending == "exited":
        return f"exit code {run.exit_code} after {run.seconds:.1f} s"
    return f"still running after {run.seconds:.1f} s, stopped"


def _mismatch(output: WrittenFile | None, evidence: Evidence) -> str:
    if output is None:
        return "there is no output file"
    if isinstance(output, LargeFile):
        return f"a file of {plural(output.size, 'byte')}, more than any clip of the case has"
    if not output:
        return "an empty file"
    true = next(iter(evidence.clips.values()), None)
    if true is None:
        return f"a file of {plural(len(output), 'byte')}, though no job has a clip"
    if true.startswith(output):
        return f"only the first {len(output)} of {plural(len(true), 'byte')}"
    start = output[:16].decode("latin-1").encode("unicode_escape").decode()
    sizes = plural(len(output), "byte"), plural(len(true), "byte")
    return f"another file: {sizes[0]} that begin with {start!r}, the clip has {sizes[1]}"
