"""Every breaking change of a schema shows a value that the one side allows and the other refuses."""

from __future__ import annotations

import json
from itertools import permutations

import pytest

from mockserver.contract.source import builtin_root, find_providers
from mockserver.contract.validate import Validator
from mockserver.kit.diff.change import Change, Severity
from mockserver.kit.diff.codes import CODES
from mockserver.kit.diff.compare import compare
from mockserver.kit.diff.side import Side, read
from tests.kit.diff.test_cases import OF_SCHEMAS

PROFILES = ("documented", "vendor", "observed")
PAIRS = [(name, *pair) for name in find_providers(builtin_root()) for pair in permutations(PROFILES, 2)]
WITHOUT = {
    ("gmicloud", "response.choice-widened"): "the fields that the alternatives ask for are required anyway",
    ("aimlapi", "request.condition-narrowed"): "it speaks of models that were refused before",
    ("openai", "request.condition-narrowed"): "it speaks of sizes that were refused before",
    ("veo", "request.choice-narrowed"): "one of the alternatives was the one form that there was",
    ("kkiai", "request.condition-narrowed"): "an empty picture, of which the rule speaks, was never allowed",
}
"""Changes that break nobody, for the reason given."""


def allows(side: Side, change: Change, value: object) -> bool:
    operation, _, rest = change.where[0].partition(" ")
    if operation == "model":
        operation, rest = "createGeneration", "body"
    if operation == "every":
        return _shared_schema(side, rest).is_valid(value)
    found = side.contract.operations[operation]
    if rest.startswith("body"):
        assert found.body is not None
        return found.body.is_valid(value)
    answer = next(each for each in found.answers.values() if each.status == int(rest[:3]) and each.schema)
    assert answer.schema is not None
    return answer.schema.is_valid(value)


def _shared_schema(side: Side, rest: str) -> Validator:
    """The schema of an answer that belongs to no operation, by `operation, CASE ...`."""
    when = rest.removeprefix("operation, ").split(" ")[0].rstrip(":")
    operation = next(iter(side.contract.operations.values()))
    answer = side.contract.unknown_path if when == "unknown-path" else operation.answers[when]
    assert answer is not None
    assert answer.schema is not None
    return answer.schema


@pytest.mark.parametrize(("name", "first", "second"), PAIRS)
def test_every_breaking_change_between_profiles_is_proven(name: str, first: str, second: str) -> None:
    before, after = read(f"{name}@{first}"), read(f"{name}@{second}")
    for change in compare(before, after):
        if CODES[change.code].severity is not Severity.BREAKING or change.code not in OF_SCHEMAS:
            continue
        if change.witness is None:
            assert (name, change.code) in WITHOUT, change
            assert change.severity is Severity.RISKY
            assert change.why.endswith("; no value was found that shows it")
            continue
        witness = json.loads(change.witness)
        allowing, refusing = (before, after) if change.code.startswith("request.") else (after, before)
        assert allows(allowing, change, witness)
        assert not allows(refusing, change, witness)
