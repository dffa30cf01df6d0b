"""`mockserver contracts new`: drafts a contract from an OpenAPI document or from recorded traffic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from mockserver.errors import SettingsError
from mockserver.escapes import plain_line
from mockserver.numerals import plural

if TYPE_CHECKING:
    from mockserver.contract.check import ContractProblem
    from mockserver.kit.draft.todo import Draft

_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_MOST_LINES: Final = 40


@click.command()
@click.argument("name")
@click.option(
    "--from",
    "origin",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="An OpenAPI 3.0 or 3.1 document in JSON or YAML, or recorded traffic: a HAR or a cassette.",
)
@click.option(
    "--into",
    default=".",
    show_default=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder in which the contract's folder is made.",
)
@click.option(
    "--submit",
    "submits",
    multiple=True,
    metavar="ID",
    help="The operation that submits a job, by operationId or path; may be repeated. Without, it is guessed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def new(
    context: click.Context, name: str, origin: Path, into: Path, submits: Sequence[str], *, as_json: bool
) -> None:
    """Draft the contract NAME: a folder that loads, a reason for each guess, and what is left to do.

    Exit codes: 0 it is written and passes the check, 1 it is written and has findings, 2 nothing is written.
    """
    from mockserver.cli.contract_findings import play, rehearse_documented
    from mockserver.contract.source import Source
    from mockserver.kit.draft.assemble import assemble
    from mockserver.kit.draft.description import Description
    from mockserver.kit.draft.document import read_origin
    from mockserver.kit.draft.mend import mended
    from mockserver.kit.draft.notes import notes
    from mockserver.kit.draft.outcome import pruned
    from mockserver.kit.draft.roles import guess_roles

    folder = _free_folder(name, into)
    description = Description(read_origin(origin))
    draft, problems = mended(assemble(name, description, guess_roles(description, submits)))
    if not problems:
        draft = pruned(draft, lambda files: rehearse_documented(Source(name, folder, files)))
        problems = play(Source(name, folder, draft.files))
    _write(folder, draft.files, notes(draft, description))
    if as_json:
        click.echo(orjson.dumps(_summary(folder, draft, problems), option=orjson.OPT_INDENT_2).decode())
    else:
        for line in _lines(folder, draft, problems):
            click.echo(plain_line(line))
    context.exit(1 if problems else 0)


def _free_folder(name: str, into: Path) -> Path:
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r} cannot be a provider's name; it takes small letters, digits and dashes"
        )
    folder = into / name
    if folder.exists():
        raise SettingsError(f"{folder} is there already; take another name, or move it away")
    return folder


def _write(folder: Path, files: dict[str, Any], notes: str) -> None:
    try:
        for path, content in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        (folder / "NOTES.md").write_text(notes, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{folder}: cannot be written: {error.strerror}") from None


def _lines(folder: Path, draft: Draft, problems: Sequence[ContractProblem]) -> list[str]:
    lines = [f"{folder}: {plural(len(draft.files) + 1, 'file')}", "", "Guesses, each with its reason"]
    lines += [f"  {reason}" for reason in draft.reasons]
    lines += ["", f"To do ({len(draft.todos)})"]
    lines += [f"  {todo.line()}" for todo in draft.todos[:_MOST_LINES]]
    if len(draft.todos) > _MOST_LINES:
        lines.append(f"  and {len(draft.todos) - _MOST_LINES} more, in NOTES.md")
    if draft.left_out:
        others = plural(len(draft.left_out), "other operation")
        lines += ["", f"{others} of the document left out; NOTES.md has the names"]
    if problems:
        lines += ["", f"{plural(len(problems), 'finding')} of the check, to be mended by hand"]
        lines += [f"  {problem.text()}" for problem in problems[:_MOST_LINES]]
    else:
        lines += ["", f"It passes the check. Serve it: mockserver serve --contracts {folder.parent}"]
    return lines


def _summary(folder: Path, draft: Draft, problems: Sequence[ContractProblem]) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "files": [*draft.files, "NOTES.md"],
        "reasons": list(draft.reasons),
        "todos": [todo._asdict() for todo in draft.todos],
        "left_out": list(draft.left_out),
        "findings": [problem.text() for problem in problems],
    }
