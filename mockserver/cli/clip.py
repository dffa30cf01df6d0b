"""`mockserver clip`: which job a clip's file is from, what was wanted, and whether it is whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click
import orjson

from mockserver.errors import MediaError
from mockserver.media import lettering
from mockserver.media.reading import ReadClip, read_clip

_ABSENT: Final[tuple[Any, ...]] = (None, "", [], {}, False, 0)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(file: Path, *, as_json: bool) -> None:
    """Say which job the clip in FILE is from, what was wanted, and whether it is whole.

    It reads the file's metadata, and the marks of the first, the middle and the last frame, which outlive
    another encoding.

    Exit codes: 0 the file is as the server sent it, 1 it is not, or no clip of ours, 2 it cannot be read.
    """
    try:
        clip = read_clip(file)
    except MediaError as error:
        raise click.UsageError(str(error)) from None
    report = _report(clip)
    if as_json:
        click.echo(orjson.dumps(report).decode())
    else:
        for name, value in report.items():
            if name != "wanted" and value not in _ABSENT:
                click.echo(f"{name:8}  {value}")
        for name, value in report["wanted"].items():
            click.echo(f"  {name:10}  {_text(value)}")
        if command_line := lettering.to_install(report["wanted"].get("prompt", "")):
            click.echo(
                f"A picture spells or names some letters of the prompt; to have them written: {command_line}"
            )
    if not report["whole"]:
        click.get_current_context().exit(1)


def _report(clip: ReadClip) -> dict[str, Any]:
    marks = [mark for mark in clip.marks if mark]
    request = clip.described.get("request") or next((mark.request for mark in marks), "")
    fault = clip.fault
    if not clip.job:
        fault = fault or "nothing in it says that it is a clip of a mock server"
    elif len(marks) < len(clip.marks) or any(mark.request != request for mark in marks):
        fault = fault or "a frame has no mark, or that of another job"
    wanted = {
        name: value for name, value in clip.described.items() if name not in _KNOWN and value not in _ABSENT
    }
    return {
        "job": clip.job,
        "provider": clip.described.get("provider", ""),
        "model": clip.described.get("model", ""),
        "request": request,
        "marks": f"{len(marks)} of {len(clip.marks)} frames",
        "whole": not fault,
        "fault": fault,
        "wanted": wanted,
    }


_KNOWN: Final = frozenset({"mockserver", "job", "provider", "model", "request", "crc32"})


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {part}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return str(value)
