"""`mockserver conform`: does a client cope with what providers and networks do to it?"""

from __future__ import annotations

import shlex
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.cli import INTERRUPTED, completion
from mockserver.cli.conform_list import list_
from mockserver.cli.conform_reports import compare_, report_
from mockserver.cli.contract_options import source_options, source_words
from mockserver.cli.report_options import time_limit_option, write_reports

if TYPE_CHECKING:
    from mockserver.kit.conform.case import Case
    from mockserver.kit.conform.results.result import Matrix, Result

_STOPPED = "mockserver: interrupted; the client and the servers were stopped"
_FILE = click.Path(path_type=Path, dir_okay=False)


class Conform(click.Group):
    """Commands of its own, such as `conform list`; after --provider, what follows is the client's command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that runs a client if a provider is given, else the command of that name."""
        if ctx.params.get("providers"):
            return "run", run_, args
        if args[0] not in self.commands:
            raise click.UsageError(f"name the API before {args[0]!r}: --provider NAME -- COMMAND", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Conform, invoke_without_command=True, subcommand_metavar="-- COMMAND [ARG]...")
@click.option("--provider", "providers", multiple=True, metavar="NAME", help="API to serve; may be repeated.",
              shell_complete=completion.providers)  # fmt: skip
@click.option("--profile", type=click.Choice(["documented", "vendor", "observed"]), default="documented",
              show_default=True, help="Which description of the API to follow.")  # fmt: skip
@source_options
@click.option(
    "-j", "jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Cases to run at a time."
)
@click.option("--case", "ids", multiple=True, metavar="ID", help="Run only this case; may be repeated.",
              shell_complete=completion.cases)  # fmt: skip
@click.option("--family", "families", multiple=True, help="Run only this family; may be repeated.",
              shell_complete=completion.families)  # fmt: skip
@click.option("--level", "levels", multiple=True, type=click.Choice(["MUST", "SHOULD", "MAY"]),
              help="Run only cases of this level; may be repeated.")  # fmt: skip
@click.option("--supports", default="", metavar="WHAT,...",
              help="What the client can do besides the basics: resume, callback, thumbnail, cancel, workers, "
              "text (clips from text alone; add picture if it also takes one).")  # fmt: skip
@click.option("--model", default="", metavar="NAME", help="The only model that the client is given.",
              shell_complete=completion.models)  # fmt: skip
@click.option("--name", default="", metavar="TEXT", help="What reports and comparisons call the client.")
@click.option("--returns-link", is_flag=True,
              help="The client prints the clip's link and does not fetch the clip.")  # fmt: skip
@click.option("--key-pair", is_flag=True,
              help="The client signs its requests with an access key and a secret key.")  # fmt: skip
@click.option("--interval", type=click.FloatRange(0, min_open=True), default=0.05, show_default=True,
              help="Seconds between polls that the client is told to wait.")  # fmt: skip
@time_limit_option(3600.0)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of keys, ids and variants.")
@click.option(
    "--known", type=_FILE, help="File of cases known to fail, with reasons and expiry dates (JSON)."
)
@click.option("--cases", "folder", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Folder with cases of your own (JSON) to run instead of ours.")  # fmt: skip
@click.option("--report", "reports", multiple=True, metavar="FILE", type=_FILE,
              help="Write a report: .json, .html, .md, .xml (JUnit), .svg; may be repeated.")  # fmt: skip
@click.option("--trace", is_flag=True, help="Show the timeline of every case that ran.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole run as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="Print no progress.")
@click.pass_context
def command(ctx: click.Context, /, **values: Any) -> None:
    """Run a client, in any language, against realistic faults and judge what it does.

    COMMAND makes one clip. It reads its task from the environment variables MOCKSERVER_BASE_URL, _KEY,
    _PROVIDER, _MODEL, _PROMPT, _IMAGE (a file, empty for a clip from text), _OUTPUT, _THUMBNAIL, _JOB_FILE,
    _INTERVAL, _DEADLINE (seconds), _CALLBACK_URL and _CONTRACT (a file), or from placeholders of these names
    in its arguments: {base_url}, {key}, {output} ... It sends the key unchanged in Authorization: Bearer KEY;
    with --key-pair it signs a token with _ACCESS_KEY and _SECRET_KEY, the halves of _KEY. It exits with 0
    only when the clip is at its output; otherwise it prints the id of the job, if there is one.

    The server's time is virtual: a job of minutes takes a few polls. Only the client's own waiting is real.
    Each case has a time budget that starts with the first request. When it ends, the client and every
    process that it started are killed. The case request-plain comes first: where the client asks the provider
    for nothing there, no case can be judged, and there is no score.

    Exit codes: 0 no MUST is broken, 1 one is (or an entry of --known is stale), 2 the command line is
    invalid, 3 no MUST is broken but one could not be judged, 130 interrupted: the reports then have what was
    judged until Ctrl-C, with the verdict INCOMPLETE.

    \b
      mockserver conform --provider gmicloud -j 4 -- python my_client.py
      mockserver conform --provider gmicloud --case submit-answer-lost --trace -- ./client --url {base_url}
      mockserver conform list
      mockserver conform compare before.json after.json
    """
    ctx.obj = values
    if ctx.invoked_subcommand is None:
        raise click.UsageError(
            "name the API and the client: --provider NAME -- COMMAND, or use list, compare or report"
        )


command.add_command(list_)
command.add_command(compare_)
command.add_command(report_)


@click.command("run", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="COMMAND")
@click.pass_obj
def run_(values: dict[str, Any], words: tuple[str, ...]) -> None:
    """Run a client."""
    from mockserver.kit.conform.reports import render
    from mockserver.kit.conform.results.known import read_known
    from mockserver.kit.conform.results.result import exit_code
    from mockserver.kit.hypothesis_storage import hypothesis_in_cache
    from mockserver.kit.traffic.time_limit import TimeLimit

    click.get_current_context().with_resource(hypothesis_in_cache())
    for path in values["reports"]:
        render.check(path)
    entries = read_known(values["known"]) if values["known"] else []
    values = values | {"limit": TimeLimit(values["time_limit"])}
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        matrices = _matrices(values, words, entries)
    except KeyboardInterrupt:
        click.echo(_STOPPED, err=True)
        raise SystemExit(INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGTERM, before)
    interrupted = any(matrix.interrupted for matrix in matrices)
    if interrupted:
        click.echo(f"{_STOPPED}; the reports have what was judged until then", err=True)
    with write_reports(partial(render.write, matrices, path) for path in values["reports"]):
        if values["as_json"]:
            click.echo(render.render(matrices, ".json"))
        else:
            click.echo(_text(matrices, trace=values["trace"]))
    raise SystemExit(INTERRUPTED if interrupted else exit_code(matrices))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _text(matrices: Sequence[Matrix], *, trace: bool) -> str:
    from mockserver.kit.conform.reports.text import render

    return "\n\n".join(render(matrix, trace=trace) for matrix in matrices)


def _matrices(values: dict[str, Any], words: tuple[str, ...], entries: list[Any]) -> list[Matrix]:
    """A matrix for each provider; after an interruption those of the others say that nothing was judged."""
    matrices: list[Matrix] = []
    for provider in dict.fromkeys(values["providers"]):
        begin = not any(matrix.interrupted for matrix in matrices)
        matrices.append(_matrix(provider, values, words, entries, begin=begin))
    return matrices


def _matrix(
    provider: str, values: dict[str, Any], words: tuple[str, ...], entries: list[Any], *, begin: bool
) -> Matrix:
    from mockserver.kit.conform.case import load_cases
    from mockserver.kit.conform.results.known import apply_known
    from mockserver.kit.conform.running.client import CommandClient
    from mockserver.kit.conform.running.run_options import RunOptions
    from mockserver.kit.conform.running.runner import RunInterrupted, not_begun, run

    cases = load_cases(values["folder"])
    options = RunOptions(
        profile=values["profile"],
        jobs=values["jobs"],
        seed=values["seed"],
        interval=values["interval"],
        supports=_supported(values["supports"]),
        begins=_command_of_one_case(provider, values),
        limit=values["limit"],
        model=values["model"],
        name=values["name"],
        returns_link=values["returns_link"],
        key_pair=values["key_pair"],
    )
    progress = None if values["quiet"] else _Progress(provider).show
    selected, client = _selected(cases, values), CommandClient(words)
    try:
        if begin:
            matrix = run(client, provider, options, selected, progress, words)
        else:
            matrix = not_begun(client, provider, options, selected, words)
    except RunInterrupted as interruption:
        matrix = interruption.matrix
    return apply_known(matrix, entries, datetime.now(UTC).date(), [case.id for case in cases])


def _selected(cases: list[Case], values: dict[str, Any]) -> list[Case]:
    from mockserver.kit.conform.case import FAMILIES, select_cases

    for name in values["families"]:
        if name not in FAMILIES:
            raise click.BadParameter(f"no family {name!r}; families: {', '.join(FAMILIES)}")
    selected = select_cases(cases, ids=values["ids"], families=values["families"], levels=values["levels"])
    if not selected:
        raise click.UsageError("no case matches --case, --family and --level together")
    return selected


def _supported(text: str) -> tuple[str, ...]:
    from typing import get_args

    from mockserver.kit.conform.case import Need

    needs = tuple(filter(None, (need.strip() for need in text.split(","))))
    known = [need for need in get_args(Need) if need != "download"]
    for need in needs:
        if need not in known:
            raise click.BadParameter(f"{need!r} is not one of {', '.join(known)}", param_hint="--supports")
    return needs


_REPEATED = {
    "profile": "documented", "supports": "", "model": "", "name": "", "interval": 0.05, "seed": 0,
    "cases": None,
}  # fmt: skip
"""Options that a command line for one case repeats, with the defaults that it need not."""
_REPEATED_FLAGS = ("returns_link", "key_pair")


def _command_of_one_case(provider: str, values: dict[str, Any]) -> str:
    """The command line that runs one case again, up to the case and the client's command."""
    parts = ["mockserver", "conform", "--provider", provider]
    values = values | {"cases": values["folder"]}
    parts += source_words()
    for name, default in _REPEATED.items():
        if values[name] != default:
            parts += [f"--{name}", str(values[name])]
    parts += [f"--{flag.replace('_', '-')}" for flag in _REPEATED_FLAGS if values[flag]]
    return shlex.join(parts)


@dataclass(slots=True)
class _Progress:
    """Prints a line on stderr for each case."""

    provider: str

    def show(self, result: Result, number: int, total: int) -> None:
        from mockserver.kit.conform.case import PLAIN
        from mockserver.kit.conform.reports.text import result_line

        click.echo(f"[{self.provider} {number}/{total}] {result_line(result)}", err=True)
        if result.case.id == PLAIN and result.verdict == "fail" and total > 1:
            click.echo(
                f"{PLAIN} fails, so most others will fail, too. Stop with Ctrl-C and fix it first:\n"
                f"  {result.reproduce}",
                err=True,
            )
        elif result.case.id == PLAIN and result.verdict == "could not run":
            click.echo(f"{PLAIN} could not run: {result.reason}", err=True)
