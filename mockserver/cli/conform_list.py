"""`mockserver conform list`: the cases and judges that there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mockserver.cli import completion


@click.command("list")
@click.option("--provider", help="Show for each case whether it applies to this API.",
              shell_complete=completion.providers)  # fmt: skip
@click.option("--judges", "judges_too", is_flag=True, help="List the judges and their settings instead.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(values: dict[str, Any], provider: str | None, judges_too: bool, as_json: bool) -> None:
    """List every case with its id, its level and what it demands.

    Exit codes: 0 success, 2 a file of cases is invalid.
    """
    import json

    from rich.table import Table

    from mockserver.cli.console import console

    rows = _judge_rows() if judges_too else _case_rows(values["folder"], provider)
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    for number, name in enumerate(rows[0]):
        table.add_column(name, no_wrap=number == 0)
    for row in rows:
        table.add_row(*map(_cell, row.values()))
    console().print(table)


def _cell(value: object) -> str:
    return ", ".join(value) if isinstance(value, (list, tuple)) else str(value)


def _case_rows(folder: Path | None, provider: str | None) -> list[dict[str, Any]]:
    from mockserver.kit.conform.case import load_cases
    from mockserver.kit.conform.running.situations import case_for
    from mockserver.kit.contracts import load

    contract = load(provider) if provider else None
    rows = []
    for case in load_cases(folder):
        if contract is not None:
            case = case_for(case, contract)
        row: dict[str, Any] = {
            "case": case.id, "level": case.level, "harm": case.harm, "title": case.title,
            "needs": list(case.needs), "not for": list(case.not_for),
        }  # fmt: skip
        if provider is not None:
            row["applies"] = "yes"
            if provider in case.not_for:
                row["applies"] = f"no: {case.not_for[provider]}"
        rows.append(row)
    return rows


def _judge_rows() -> list[dict[str, Any]]:
    from mockserver.kit.conform.judges.base import judges

    return [
        {"judge": judge.name, "always": judge.always or "", "demands": judge.rule,
         "settings": list(judge.schema().get("properties", {}))}
        for judge in judges().values()
    ]  # fmt: skip
