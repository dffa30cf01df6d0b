"""The score: one number of 0 to 100 for some results, and how it comes about.

It says how much of what was demanded a client kept. Known failures cost as much as others: whoever knows of
them still has them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mockserver.kit.conform.judges.base import Level
from mockserver.kit.conform.results.result import Result, Shade

WEIGHTS: Final[dict[Level, int]] = {"MUST": 5, "SHOULD": 2, "MAY": 1}
COSTS: Final[dict[Shade, int]] = {"fail": WEIGHTS["MUST"], "weak": WEIGHTS["SHOULD"], "remark": 0, "pass": 0}
"""What a verdict takes from its case's points. Other shades are no verdict on the client."""
CAP: Final = 89
"""The most there is while a MUST is broken: 90 and more says that nothing is that has to hold."""
FORMULA: Final = (
    "A case is worth 5 points (MUST), 2 (SHOULD) or 1 (MAY). A broken MUST costs 5, a broken SHOULD 2, "
    "never more than the case is worth; a remark costs nothing. Score = 100 x points kept / points possible, "
    f"rounded down, and at most {CAP} while a MUST is broken. "
    "Cases that are not applicable or could not run are left out."
)


@dataclass(frozen=True, slots=True)
class Score:
    """The number (None where nothing was judged) and all it is made of.

    `kept` and `possible` are points; `cases` how many were judged. `must_failed` counts cases in which a MUST
    is broken, `known` those of them that the file of known failures has. The rest was left out.
    """

    number: int | None
    kept: int
    possible: int
    cases: int
    must_failed: int
    known: int
    not_applicable: int
    could_not_run: int
    formula: str = FORMULA

    @property
    def shown(self) -> str:
        """`97 %`, or `none`."""
        return "none" if self.number is None else f"{self.number} %"

    @property
    def line(self) -> str:
        """`97 % · 0 MUST failed`."""
        known = f" ({self.known} known)" if self.known else ""
        return f"{self.shown} · {self.must_failed} MUST failed{known}"

    @property
    def sum(self) -> str:
        """The formula with its numbers, and what was left out."""
        out = f"left out: {self.not_applicable} not applicable, {self.could_not_run} could not run"
        if not self.possible:
            return f"nothing was judged; {out}"
        raw = 100 * self.kept // self.possible
        capped = f", at most {CAP} as a MUST is broken" if self.must_failed and raw > CAP else ""
        return f"100 x {self.kept} / {self.possible} = {raw}{capped}; {self.cases} cases judged; {out}"


def score(results: Iterable[Result]) -> Score:
    """The score of some results, in whatever order."""
    every = list(results)
    judged = [one for one in every if one.shade in COSTS]
    failed = [one for one in judged if one.shade == "fail"]
    kept, possible = sum(map(_kept, judged)), sum(WEIGHTS[one.level] for one in judged)
    return Score(
        number=_number(kept, possible, capped=bool(failed)),
        kept=kept,
        possible=possible,
        cases=len(judged),
        must_failed=len(failed),
        known=sum(bool(one.excused) for one in failed),
        not_applicable=sum(one.shade == "not applicable" for one in every),
        could_not_run=sum(one.shade == "could not run" for one in every),
    )


def _kept(result: Result) -> int:
    return max(0, WEIGHTS[result.level] - COSTS[result.shade])


def _number(kept: int, possible: int, *, capped: bool) -> int | None:
    if not possible:
        return None
    number = 100 * kept // possible
    return min(number, CAP) if capped else number
