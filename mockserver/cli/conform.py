"""`mockserver conform`: does a client survive the real world?"""

from __future__ import annotations

import shlex
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import INTERRUPTED
from mockserver.cli.conform_reports import compare_, report_

if TYPE_CHECKING:
    from mockserver.kit.conform.case import Case
    from mockserver.kit.conform.results.result import Matrix, Result

_FILE = click.Path(path_type=Path, dir_okay=False)


class Conform(click.Group):
    """`conform list` is a command of ours; with --provider, what follows is the client's command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Ours by its name where no provider was given, else the one that runs a client."""
        if ctx.params.get("providers"):
            return "run", run_, args
        if args[0] not in self.commands:
            raise click.UsageError(f"say which API before {args[0]!r}: --provider NAME -- COMMAND", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Conform, invoke_without_command=True, subcommand_metavar="-- COMMAND [ARG]...")
@click.option("--provider", "providers", multiple=True, metavar="NAME", help="Which API; may be repeated.")
@click.option("--profile", type=click.Choice(["documented", "vendor", "observed"]), default="documented",
              show_default=True, help="Which reading of the documents.")  # fmt: skip
@click.option("-j", "jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Cases at a time.")
@click.option("--case", "ids", multiple=True, metavar="ID", help="Only this case; may be repeated.")
@click.option("--family", "families", multiple=True, help="Only this family; may be repeated.")
@click.option("--level", "levels", multiple=True, type=click.Choice(["MUST", "SHOULD", "MAY"]),
              help="Only cases of this level; may be repeated.")  # fmt: skip
@click.option("--supports", default="", metavar="WHAT,...",
              help="What else the client can do: resume, callback, thumbnail, cancel, workers, "
              "text (clips from text).")  # fmt: skip
@click.option("--interval", type=click.FloatRange(0, min_open=True), default=0.05, show_default=True,
              help="Seconds between polls that the client is asked for.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Keys, ids and variants come from it.")
@click.option("--known", type=_FILE, help="Cases that are known to fail, with reasons and expiry (JSON).")
@click.option("--cases", "folder", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Cases of your own, a folder of JSON files, in place of ours.")  # fmt: skip
@click.option("--report", "reports", multiple=True, metavar="FILE", type=_FILE,
              help="Write a report: .json, .html, .md, .xml (JUnit), .svg; may be repeated.")  # fmt: skip
@click.option("--trace", is_flag=True, help="Show the timeline of every case that ran.")
@click.option("--json", "as_json", is_flag=True, help="The whole run as JSON on stdout.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Run a client of any language through situations of the real world and judge what it did.

    COMMAND makes one clip. It is told what to do in the environment variables MOCKSERVER_BASE_URL, _KEY,
    _PROVIDER, _MODEL, _PROMPT, _IMAGE (a file, empty for a clip from text), _OUTPUT, _THUMBNAIL, _JOB_FILE,
    _INTERVAL, _DEADLINE (seconds) and _CALLBACK_URL, or by placeholders of these names in its arguments:
    {base_url}, {key}, {output} ... The key goes into Authorization: Bearer KEY as it is. COMMAND exits with 0
    only when the clip is in its output; else it says the id of the job, if there is one.

    The server is ours, and so is its time: a job of minutes takes a few polls. Only the client's own waiting
    is real. Each case has a budget from the first request on; at its end the client is killed, with all
    that it started.

    Exit codes: 0 no MUST is broken, 1 one is (or an entry of --known is stale), 2 the command line makes no
    sense, 3 some cases could not run, 130 interrupted.

    \b
      mockserver conform --provider gmicloud -j 4 -- python my_client.py
      mockserver conform --provider gmicloud --case submit-answer-lost --trace -- ./client --url {base_url}
      mockserver conform list
      mockserver conform compare before.json after.json
    """
    ctx.obj = given
    if ctx.invoked_subcommand is None:
        raise click.UsageError(
            "say which API and which client: --provider NAME -- COMMAND, or: list, compare, report"
        )


command.add_command(compare_)
command.add_command(report_)


@click.command("run", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="COMMAND")
@click.pass_obj
def run_(given: dict[str, Any], words: tuple[str, ...]) -> None:
    """Run a client."""
    from mockserver.kit.conform.reports import render
    from mockserver.kit.conform.results.known import read_known
    from mockserver.kit.conform.results.result import exit_code

    for path in given["reports"]:
        render.check(path)
    entries = read_known(given["known"]) if given["known"] else []
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        matrices = [
            _matrix(provider, given, words, entries) for provider in dict.fromkeys(given["providers"])
        ]
    except KeyboardInterrupt:
        click.echo("mockserver: interrupted; the client and the servers are ended", err=True)
        raise SystemExit(INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGTERM, before)
    for path in given["reports"]:
        render.write(matrices, path)
    click.echo(
        render.render(matrices, ".json") if given["as_json"] else _told(matrices, trace=given["trace"])
    )
    raise SystemExit(exit_code(matrices))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _told(matrices: Sequence[Matrix], *, trace: bool) -> str:
    from mockserver.kit.conform.reports.text import tell

    return "\n\n".join(tell(one, trace=trace) for one in matrices)


def _matrix(provider: str, given: dict[str, Any], words: tuple[str, ...], entries: list[Any]) -> Matrix:
    from mockserver.kit.conform.case import load_cases
    from mockserver.kit.conform.results.known import excuse
    from mockserver.kit.conform.running.client import CommandClient
    from mockserver.kit.conform.running.runner import RunOptions, run

    every = load_cases(given["folder"])
    options = RunOptions(
        profile=given["profile"],
        jobs=given["jobs"],
        seed=given["seed"],
        interval=given["interval"],
        supports=_supported(given["supports"]),
        begins=_begins(provider, given),
    )
    progress = None if given["quiet"] else _Progress(provider).show
    matrix = run(CommandClient(words), provider, options, _chosen(every, given), progress, words)
    return excuse(matrix, entries, datetime.now(UTC).date(), [one.id for one in every])


def _chosen(every: list[Case], given: dict[str, Any]) -> list[Case]:
    from mockserver.kit.conform.case import FAMILIES, choose

    for name in given["families"]:
        if name not in FAMILIES:
            raise click.BadParameter(f"no family {name!r}; families: {', '.join(FAMILIES)}")
    chosen = choose(every, ids=given["ids"], families=given["families"], levels=given["levels"])
    if not chosen:
        raise click.UsageError("no case is left: --case, --family and --level exclude one another")
    return chosen


def _supported(text: str) -> tuple[str, ...]:
    from typing import get_args

    from mockserver.kit.conform.case import Need

    words = tuple(filter(None, (word.strip() for word in text.split(","))))
    strange = [word for word in words if word not in get_args(Need)]
    if strange:
        raise click.BadParameter(
            f"{strange[0]!r} is none of {', '.join(get_args(Need))}", param_hint="--supports"
        )
    return words


def _begins(provider: str, given: dict[str, Any]) -> str:
    """The command line up to the client's, for one case."""
    parts = ["mockserver", "conform", "--provider", provider]
    usual = {"profile": "documented", "supports": "", "interval": 0.05, "seed": 0, "folder": None}
    for name, value in usual.items():
        if given[name] != value:
            parts += [f"--{'cases' if name == 'folder' else name}", str(given[name])]
    return shlex.join(parts)


@dataclass(slots=True)
class _Progress:
    """A line on stderr for each case."""

    provider: str

    def show(self, result: Result, number: int, total: int) -> None:
        from mockserver.kit.conform.case import PLAIN
        from mockserver.kit.conform.reports.text import line

        click.echo(f"[{self.provider} {number}/{total}] {line(result)}", err=True)
        if result.case == PLAIN and result.shade == "fail" and total > 1:
            click.echo(
                f"{PLAIN} fails, so most others will: Ctrl-C, and mend it first\n  {result.reproduce}",
                err=True,
            )


@command.command("list")
@click.option("--provider", help="Say for each case whether it is for this API.")
@click.option("--judges", "judges_too", is_flag=True, help="The judges instead, with their settings.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def list_(given: dict[str, Any], provider: str | None, judges_too: bool, as_json: bool) -> None:
    """Every case: id, level, what it demands."""
    import json

    from rich.table import Table

    from mockserver.cli.tables import console

    rows = _judge_rows() if judges_too else _case_rows(given["folder"], provider)
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    for number, name in enumerate(rows[0]):
        table.add_column(name, no_wrap=number == 0)
    for row in rows:
        table.add_row(
            *(", ".join(one) if isinstance(one, (list, tuple)) else str(one) for one in row.values())
        )
    console().print(table)


def _case_rows(folder: Path | None, provider: str | None) -> list[dict[str, Any]]:
    from mockserver.kit.conform.case import load_cases

    rows = []
    for one in load_cases(folder):
        row: dict[str, Any] = {
            "case": one.id, "level": one.level, "harm": one.harm, "title": one.title,
            "needs": list(one.needs), "not for": list(one.not_for),
        }  # fmt: skip
        if provider is not None:
            row["applies"] = "no" if provider in one.not_for else "yes"
        rows.append(row)
    return rows


def _judge_rows() -> list[dict[str, Any]]:
    from mockserver.kit.conform.judges.base import judges

    return [
        {"judge": one.name, "always": one.always or "", "demands": one.rule,
         "settings": list(one.schema().get("properties", {}))}
        for one in judges().values()
    ]  # fmt: skip
