"""How the source reads: one name for one thing, names that say something, and lines that are not folded."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.serving import ROOT

SOURCE: Final = ROOT / "mockserver"
SHARED: Final[Mapping[str, str]] = {}
"""Class names that may stand twice, each with the room whose protocol asks for it and why."""
NOTHING: Final = frozenset({"one", "found", "said", "told", "asked", "seen", "kept"})
"""Words that name nothing: a reader has to look up what such a variable holds."""
CHANGING: Final = frozenset({
    "Asset", "Budget", "Client", "Context", "DemoRun", "Expectation", "JobHistory", "JobView",
    "Head", "Progress", "RateLimitWaits", "Reply", "Request", "Response",
    "ServerUnderTest", "Shape", "_Counts", "_Field", "_Flight", "_Observation", "_Progress",
    "_Tally", "_Traces", "_Walked"
})  # fmt: skip
"""Dataclasses that are filled in on their way; no other record changes."""
MOST_CONDITIONALS: Final = 14
"""Conditional expressions in a thousand lines: more of them is folding, not brevity."""

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@cache
def trees() -> Mapping[str, ast.Module]:
    """Every module's tree, by its path below the project."""
    paths = sorted(SOURCE.rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def bound_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that a module gives to something, with its line."""
    keys = set(json_keys(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node not in keys:
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name, node.lineno
        elif isinstance(node, ast.alias):
            yield node.asname or "", node.lineno
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            yield node.name or "", node.lineno


def json_keys(tree: ast.AST) -> Iterator[ast.expr]:
    """The fields of a TypedDict, which are the keys of a JSON document: others depend on their names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "TypedDict" for base in node.bases):
            yield from (field.target for field in node.body if isinstance(field, ast.AnnAssign))


def says_nothing(name: str) -> bool:
    """Whether a name is one of the words that name nothing, underscores and case aside."""
    return name.strip("_").lower() in NOTHING


def folded(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Expressions that should be statements: what is wrong with each, and its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.IfExp):
            parts = (node.test, node.body, node.orelse)
            if any(isinstance(part, ast.IfExp) for part in parts):
                yield "a conditional expression within another", node.lineno
        if isinstance(node, Comprehension) and len(node.generators) > 1 and _has_condition(node):
            yield "a comprehension with two `for`s and a condition", node.lineno


def _has_condition(node: Comprehension) -> bool:
    return any(generator.ifs for generator in node.generators)


def public_classes() -> Mapping[str, list[str]]:
    """Where each public class at a module's top stands, by its name."""
    places: dict[str, list[str]] = defaultdict(list)
    for path, tree in trees().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(f"{path}:{node.lineno}")
    return places


def test_no_two_public_classes_share_a_name() -> None:
    shared = {name: places for name, places in public_classes().items() if len(places) > 1}
    assert {name: places for name, places in shared.items() if name not in SHARED} == {}
    assert SHARED.keys() <= shared.keys()


def dataclasses() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every dataclass by its name, with what its decorator is given."""
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                for decorator in node.decorator_list:
                    call = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
                    if ast.unparse(call.func) == "dataclass":
                        yield node.name, {word.arg or "": ast.unparse(word.value) for word in call.keywords}


def test_a_record_does_not_change_unless_it_is_filled_in_on_its_way() -> None:
    """What reads a record may keep it: nobody else changes it later."""
    assert {name for name, given in dataclasses() if given.get("frozen") != "True"} == CHANGING


@pytest.mark.parametrize("path", trees())
def test_every_name_says_what_it_holds(path: str) -> None:
    empty = [f"{path}:{line}: {name}" for name, line in bound_names(trees()[path]) if says_nothing(name)]
    assert empty == []


def test_no_module_is_called_by_a_word_that_names_nothing() -> None:
    assert [
        path for path in trees() if any(says_nothing(part) for part in Path(path).with_suffix("").parts)
    ] == []


@pytest.mark.parametrize("path", trees())
def test_a_decision_is_a_statement(path: str) -> None:
    assert [f"{path}:{line}: {what}" for what, line in folded(trees()[path])] == []


def test_conditional_expressions_are_rare() -> None:
    count = sum(isinstance(node, ast.IfExp) for tree in trees().values() for node in ast.walk(tree))
    lines = sum(len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in trees())
    assert 1000 * count / lines <= MOST_CONDITIONALS


@pytest.mark.parametrize(
    "code",
    [
        "one = 1",
        "def f(found): ...",
        "for said in (): ...",
        "[told for told in ()]",
        "self.asked = 1",
        "import json as seen",
        "class Kept: ...",
        "try: ...\nexcept E as _found: ...",
        "match x:\n    case [one, *_]: ...",
        "lambda kept: 1",
    ],
)
def test_the_reader_finds_names_that_say_nothing(code: str) -> None:
    assert any(says_nothing(name) for name, _ in bound_names(ast.parse(code)))


def test_the_keys_of_a_typed_dict_are_not_ours_to_name() -> None:
    tree = ast.parse("class VerdictAnswer(TypedDict):\n    said: str")
    assert not any(says_nothing(name) for name, _ in bound_names(tree))


@pytest.mark.parametrize(
    "code", ["a if b else c if d else e", "(a if b else c) if d else e", "[x for y in z for x in y if x]"]
)
def test_the_reader_finds_what_is_folded(code: str) -> None:
    assert list(folded(ast.parse(code)))


@pytest.mark.parametrize("code", ["a if b else c", "[x for y in z for x in y]", "[x for x in y if x]"])
def test_the_reader_leaves_plain_expressions_alone(code: str) -> None:
    assert not list(folded(ast.parse(code)))


def first_defaults(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    """Of each record the first field with a default: the record's name, the field's, and its place."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        heads = [*node.bases, *(getattr(mark, "func", mark) for mark in node.decorator_list)]
        if not {getattr(head, "id", "") for head in heads} & {"NamedTuple", "dataclass"}:
            continue
        fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
        for place, field in enumerate(fields):
            if field.value is not None:
                yield node.name, ast.unparse(field.target), place
                break


def leaves_out(call: ast.Call, field: str, place: int) -> bool:
    """Whether the call makes a record without giving that field."""
    named = {keyword.arg for keyword in call.keywords}
    return len(call.args) <= place and not named & {field, None}


def test_a_default_stands_only_where_somebody_leaves_it_out() -> None:
    rooms = tuple(f"mockserver/{room}/" for room in ("contract", "faults", "jobs", "stores"))
    calls: defaultdict[str, list[ast.Call]] = defaultdict(list)
    for tree in (
        *trees().values(),
        *(ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "tests").rglob("*.py")),
    ):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                calls[getattr(node.func, "id", getattr(node.func, "attr", ""))].append(node)
    idle = []
    for path, tree in trees().items():
        if path.startswith(rooms):
            for record, field, place in first_defaults(tree):
                if not any(leaves_out(call, field, place) for call in calls[record]):
                    idle.append(f"{path} {record}.{field}")

    assert not idle
