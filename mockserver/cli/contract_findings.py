"""What is wrong with a contract: in its files, and when every operation is played."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from mockserver.contract.check import ContractProblem, check_folder, labelled
from mockserver.contract.loader import compile_contract
from mockserver.contract.profile_readings import Loaded, distinct_readings, load_reading
from mockserver.contract.source import DOCUMENT, Source
from mockserver.engine.rehearsal import PlayedProblem, rehearse
from mockserver.errors import ContractError
from mockserver.media.picture import measure
from mockserver.numerals import plural

_MOST_OF_SOURCES: Final = 3
"""Findings of missing sources that are listed one by one."""


def find_problems(folder: Path) -> list[ContractProblem]:
    """The findings of a provider's folder: of its files first, of the play after them, of sources last."""
    loaded: Loaded = []
    problems = check_folder(folder, measure, loaded)
    in_files = [problem for problem in problems if not problem.is_of_sources]
    of_sources = [problem for problem in problems if problem.is_of_sources]
    return [*in_files, *_played(folder.resolve().name, loaded), *of_sources]


def play(files: Source) -> list[ContractProblem]:
    """What goes wrong when each reading that loads is played; what does not load is the check's to tell."""
    loaded: Loaded = []
    for reading in distinct_readings(files):
        with suppress(ContractError):
            loaded.append((reading, load_reading(files, reading, measure)))
    return _played(files.name, loaded)


def _played(name: str, loaded: Loaded) -> list[ContractProblem]:
    labels: dict[tuple[str, str], str] = {}
    for reading, contract in loaded:
        for problem in rehearse(contract):
            labels.setdefault((problem.at, problem.text()), reading.label)
    return [
        ContractProblem(name, DOCUMENT, at, labelled(message, label))
        for (at, message), label in labels.items()
    ]


def rehearse_documented(files: Source) -> list[PlayedProblem]:
    """What goes wrong when the documented reading is played. Raises ContractError where it does not load."""
    return rehearse(compile_contract(files, measure=measure))


def lines(problems: Sequence[ContractProblem]) -> Iterator[str]:
    """The findings as lines; of many missing sources one line for each provider."""
    yield from (problem.text() for problem in problems if not problem.is_of_sources)
    of_sources = [problem for problem in problems if problem.is_of_sources]
    for provider in dict.fromkeys(problem.provider for problem in of_sources):
        own = [problem for problem in of_sources if problem.provider == provider]
        if len(own) <= _MOST_OF_SOURCES:
            yield from (problem.text() for problem in own)
        else:
            places = ", ".join(f"{problem.file}#{problem.pointer}" for problem in own[:_MOST_OF_SOURCES])
            yield (
                f"{provider}: {plural(len(own), 'place has', 'places have')} no x-provenance, such as"
                f" {places}; give each its source, or x-job one for all"
            )
