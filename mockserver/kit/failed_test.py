"""A failed test as one HTML page that needs no network, no other file and no script: what the server saw."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from mockserver.control_client.answers import ExplanationAnswer, JournalEntryAnswer, MessageAnswer
from mockserver.kit.report.formatting import day_and_time
from mockserver.kit.report.html import template
from mockserver.numerals import plural

LONGEST_BODY: Final = 16_384
"""Characters of a body that the page shows."""
_ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})
_NARROWEST: Final = 1.5
"""Per cent of a timeline that a state has at least, so that it can be seen."""
_PAGE: Final = Path(__file__).with_name("failed_test.html.j2")


@dataclass(frozen=True, slots=True)
class ExchangeStory:
    """An exchange: `since` as text, what it meant in a sentence, and what explains it, line by line.

    `status` is what the client got, in a word, and `answer` what stands above the answer's body.
    """

    entry: JournalEntryAnswer
    since: str
    status: str
    answer: str
    sentence: str
    details: Sequence[str]


@dataclass(frozen=True, slots=True)
class ServerPart:
    """What one server saw: a sentence, its base URLs by provider, exchanges, jobs, and further sentences.

    `still` are the ids of those jobs whose clock stands still.
    """

    head: str
    bases: Mapping[str, str]
    exchanges: Sequence[ExchangeStory]
    jobs: Sequence[ExplanationAnswer]
    still: Collection[str] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class FailedTest:
    """A test by its name, how it failed by phase, the moment in Unix seconds, and what the servers saw."""

    name: str
    errors: Mapping[str, str]
    at: float
    servers: Sequence[ServerPart]


@dataclass(frozen=True, slots=True)
class StateSpan:
    """A state on the line of a job's life: its share of the width in per cent."""

    state: str
    phase: str
    width: float
    planned: bool
    title: str


def render(test: FailedTest) -> str:
    """The page."""
    return template(_PAGE).render(
        test=test,
        at=day_and_time(test.at),
        plural=plural,
        spans=spans,
        asked_at=moments_asked,
        body=body_lines,
        seconds=_seconds,
    )


def spans(job: ExplanationAnswer) -> list[StateSpan]:
    """The states of a job, those that are planned as well."""
    steps = [*_entered(job)]
    start, end = _bounds(job)
    moments = [*(at for at, *_ in steps), end]
    widths = [max(_NARROWEST, 100 * (after - at) / (end - start)) for at, after in pairwise(moments)]
    whole = sum(widths)
    return [
        StateSpan(state, phase, 100 * width / whole, planned, f"{state} after {_seconds(at - start)}")
        for (at, state, phase, planned), width in zip(steps, widths, strict=True)
    ]


def moments_asked(job: ExplanationAnswer, exchanges: Sequence[ExchangeStory]) -> list[tuple[float, str]]:
    """Where on the line of a job the client asked for it, in per cent, and what it then got."""
    start, end = _bounds(job)
    about = (story for story in exchanges if story.entry["job"] == job["job"]["id"])
    return [
        (
            100 * min(1, max(0, (story.entry["at"] - start) / (end - start))),
            f"#{story.entry['number']} {story.status} {story.sentence}",
        )
        for story in about
    ]


def _entered(job: ExplanationAnswer) -> Iterator[tuple[int, str, str, bool]]:
    for entry in job["timeline"]:
        if entry["what"] == "state":
            yield entry["at"], str(entry["state"]), str(entry["phase"]), False
    for step in job["planned"]:
        yield step["at"], step["state"], step["phase"], True


def _bounds(job: ExplanationAnswer) -> tuple[int, int]:
    """When the line of a job's life begins and ends, in Unix milliseconds."""
    start = job["job"]["created_at"]
    *_, (last, _, phase, _) = _entered(job)
    end = max(last, start + 1)
    if phase not in _ENDED:
        end = max(end, job["now"])
    # Its end state is a moment; it has a tenth of the line.
    return start, end + (end - start) // 9 + 1


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f} s"


def body_lines(message: MessageAnswer, refused: Sequence[str] = ()) -> list[tuple[str, bool]]:
    """A body line by line, JSON laid out, and whether `refused` (the violations) is about the line."""
    text = message["text"]
    if text is None:
        return [(f"{message['size']} bytes that are no text", False)]
    try:
        value = json.loads(text)
    except ValueError:
        lines = [(line, False) for line in text.splitlines()]
    else:
        lines = [*_laid_out(value, "", "", refused)]
    return [*_bounded(lines, cut=message["cut"])]


def _bounded(lines: Sequence[tuple[str, bool]], *, cut: bool) -> Iterator[tuple[str, bool]]:
    left = LONGEST_BODY
    for line, marked in lines:
        yield line[:left], marked
        left -= len(line)
        if left <= 0:
            cut = True
            break
    if cut:
        yield "... the rest is cut", False


def _laid_out(
    value: Any, indent: str, place: str, refused: Sequence[str], name: str = "", comma: str = ""
) -> Iterator[tuple[str, bool]]:
    """The lines of a value at a dotted place, as violations name places."""
    marked = any(violation.startswith(f"{place} ") for violation in refused) and bool(place)
    if not isinstance(value, dict | list) or not value:
        yield f"{indent}{name}{json.dumps(value, ensure_ascii=False)}{comma}", marked
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield f"{indent}{name}{opening}", marked
    members = [*_members(value, place)]
    for inner, inner_place, inner_name in members:
        more = "," * (inner_place != members[-1][1])
        yield from _laid_out(inner, f"{indent}  ", inner_place, refused, inner_name, more)
    yield f"{indent}{closing}{comma}", False


def _members(value: Any, place: str) -> Iterator[tuple[Any, str, str]]:
    """The values within a value, each with its place and its name as JSON has it."""
    if isinstance(value, list):
        yield from ((inner, f"{place}[{index}]", "") for index, inner in enumerate(value))
    else:
        for key, inner in value.items():
            yield inner, f"{place}.{key}".removeprefix("."), f"{json.dumps(key, ensure_ascii=False)}: "
