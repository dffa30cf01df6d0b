"""Where a case's situation happened, for people: the titles of sources for their codes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from mockserver.contract.registry import USUAL
from mockserver.contract.source import DOCUMENT, builtin_root, find_providers, read_json
from mockserver.contract.violation import cite


def cited(source: str) -> str:
    """A case's `source` as a report shows it."""
    return cite(source, _titles())


@cache
def _titles() -> Mapping[str, str]:
    """The sources of our usual contracts, whose codes cases have; no two use one code for two things."""
    folders = find_providers(builtin_root())
    jobs = [read_json(folders[name], DOCUMENT)["x-job"] for name in USUAL]
    return {code: title for job in jobs for code, title in job["sources"].items()}
