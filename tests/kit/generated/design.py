"""A design: what a made-up provider chose where contracts may differ."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations
from typing import Final, NamedTuple


class Design(NamedTuple):
    """A record of choices; `CHOICES` has what each may be."""

    refusal: str = "own"
    key: str = "bearer"
    naming: str = "path"
    shape: str = "uuid"
    listing: str = "pages"
    cancel: str = "state"
    late: str = "conflict"
    cancelled: str = "body"
    callback: str = "none"
    models: str = "both"
    words: str = "own"
    fields: str = "plain"
    prefix: str = "none"
    time: str = "iso8601"

    @property
    def id(self) -> str:
        """Its choices that differ from the plainest ones, as a test's name."""
        plain = Design()
        return "-".join(
            f"{name}={value}" for name, value in self._asdict().items() if value != getattr(plain, name)
        )


CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "refusal": ("own", "shared", "ok-code", "nested", "text"),
    "key": ("bearer", "header", "query", "cookie", "both", "some-open", "open"),
    "naming": ("path", "query", "nested"),
    "shape": ("uuid", "digits", "base36", "token"),
    "listing": ("pages", "none", "plain", "filter"),
    "cancel": ("state", "none", "fails"),
    "late": ("conflict", "as-is"),
    "cancelled": ("body", "empty"),
    "callback": ("none", "told"),
    "models": ("both", "none", "models"),
    "words": ("own", "one"),
    "fields": ("plain", "default", "header"),
    "prefix": ("none", "two"),
    "time": ("iso8601", "seconds", "milliseconds"),
}
"""What each choice may be, the plainest first.

* `refusal`: a status and envelope each; the same shared in `x-job.answers`; HTTP 200 with a business code;
  a code
  below `/error`; a bare text.
* `key`: as Bearer, in a header of another name, in the query alone, in a cookie alone, in a header and the
  query at once, with open lists of models, or none at all.
* `naming`: the id in the path, in a query, or in a query with the id of an answer below `/data/task`.
* `shape`: of the id; `digits` looks like a number, `token` has a prefix.
* `cancel`: there is a cancelled state, no cancel, or a cancelled job fails. `late`: what a cancel gets that
  is too late.
  `cancelled`: what one in time gets, the job or a 204.
* `words`: `one` word for success and failure.
* `fields`: of a submit; `default` repeats a default, `header` demands a header.
"""


def sample(count: int, seed: int = 0) -> list[Design]:
    """So many different designs; the first ones have every pair of choices that they can have.

    Each is the one of some random designs that has most pairs that none before it has.
    """
    rng = random.Random(seed)
    designs: dict[Design, None] = {Design(): None}
    met = set(_pairs(Design()))
    while len(designs) < count:
        drawn = [Design(*map(rng.choice, CHOICES.values())) for _ in range(30)]
        best = max(drawn, key=lambda design: len(set(_pairs(design)) - met))
        designs[best] = None
        met.update(_pairs(best))
    return list(designs)


def _pairs(design: Design) -> Iterator[tuple[tuple[str, str], ...]]:
    return combinations(design._asdict().items(), 2)
