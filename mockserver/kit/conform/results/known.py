"""Known failures of a client: a file of cases that are expected to fail, each with its reason.

    {"known": [{"case": "submit-answer-lost", "provider": "aimlapi", "reason": "our ticket 12",
                "expires": "2027-01-31"}]}

`case` may hold `*`; without `provider` it is about every one. The cases run all the same, and an entry that
no longer tells the truth fails the run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mockserver.errors import SettingsError
from mockserver.kit.conform.results.result import KnownCaseOutcome, Matrix, Result


class KnownCase(BaseModel):
    """One known failure; it holds until the day `expires`, that included."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    case: str = Field(min_length=1)
    reason: Annotated[str, Field(min_length=1, pattern=r"\S")]
    provider: str | None = None
    expires: date | None = None

    def is_about(self, case: str, provider: str) -> bool:
        """Whether it is about that case of that provider."""
        return self.provider in (None, provider) and fnmatchcase(case, self.case)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    known: list[KnownCase]


def read_known(path: Path) -> list[KnownCase]:
    """The entries of a file. Raises SettingsError that says where and what."""
    try:
        return _File.model_validate(json.loads(path.read_text("utf-8"))).known
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        one = error.errors(include_url=False)[0]
        raise SettingsError(f"{path}: {'.'.join(map(str, one['loc']))}: {one['msg']}") from None
    except ValueError as error:
        raise SettingsError(f"{path}: is not JSON: {error}") from None


def excuse(matrix: Matrix, entries: Sequence[KnownCase], today: date, cases: Iterable[str]) -> Matrix:
    """The matrix with what is known, and what became of each entry. `cases` are the ids of all there are."""
    every = list(cases)
    results = tuple(_excused(one, entries, today) for one in matrix.results)
    about = [one for one in entries if one.provider in (None, matrix.provider)]
    return replace(matrix, results=results, known=tuple(_known(one, matrix, today, every) for one in about))


def _excused(result: Result, entries: Sequence[KnownCase], today: date) -> Result:
    if result.shade not in ("fail", "weak"):
        return result
    holding = [one for one in entries if one.expires is None or one.expires >= today]
    entry = next((one for one in holding if one.is_about(result.case, result.provider)), None)
    return replace(result, excused=entry.reason) if entry else result


def _known(entry: KnownCase, matrix: Matrix, today: date, cases: Sequence[str]) -> KnownCaseOutcome:
    ran = [one for one in matrix.results if entry.is_about(one.case, one.provider)]
    expires = entry.expires.isoformat() if entry.expires else None
    known = KnownCaseOutcome(entry.case, matrix.provider, entry.reason, expires, "failed as known")
    if not any(fnmatchcase(case, entry.case) for case in cases):
        return replace(known, outcome="matches nothing")
    judged = [one for one in ran if one.shade not in ("not applicable", "could not run")]
    if not judged:
        return replace(known, outcome="not run")
    if not any(one.shade in ("fail", "weak") for one in judged):
        return replace(known, outcome="passes unexpectedly")
    if entry.expires is not None and entry.expires < today:
        return replace(known, outcome="expired")
    return known
