"""A change made in a process that has imported a module does what the changed module would."""

from __future__ import annotations

import ast
import gc
from types import ModuleType

import pytest
from _pytest.assertion.rewrite import rewrite_asserts

from tests.mutation_patch import code_changes, patch

BEFORE = """
from functools import cache, wraps

LIMIT = 10

def logged(function):
    @wraps(function)
    def call(*arguments):
        return function(*arguments)
    return call

@cache
def double(number):
    return number * 2

@logged
def limited(number):
    return min(number, LIMIT)

class Box:
    size = 3
    def area(self, scale=1):
        return [self.size * scale for _ in range(2)]

def adder(first):
    def add(second):
        return first + second
    return add

add_one = adder(1)
half = lambda number: number / 2
"""


def _imported(source: str) -> ModuleType:
    module = ModuleType("changed")
    exec(compile(source, "changed.py", "exec", dont_inherit=True), module.__dict__)
    return module


@pytest.mark.parametrize(
    ("old", "new", "call", "gives"),
    [
        ("number * 2", "number * 3", "double(2)", 6),
        ("min(number, LIMIT)", "max(number, LIMIT)", "limited(2)", 10),
        ("self.size * scale", "self.size + scale", "Box().area(2)", [5, 5]),
        ("range(2)", "range(1)", "Box().area()", [3]),
        ("first + second", "first - second", "add_one(3)", -2),
        ("first + second", "first - second", "adder(5)(1)", 4),
        ("number / 2", "number / 4", "half(8)", 2),
        ("return function(*arguments)", "return function(3)", "limited(2)", 3),
    ],
)
@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("often", [0, 100])
def test_a_change_inside_a_function_is_made_wherever_the_function_is(
    old: str, new: str, call: str, gives: object, frozen: bool, often: int
) -> None:
    module = _imported(BEFORE)
    for _ in range(often):
        eval(call, module.__dict__)
    module.double.cache_clear()
    if frozen:
        gc.freeze()
    changes = code_changes(BEFORE, BEFORE.replace(old, new))
    assert changes is not None
    patch("changed.py", changes)
    assert eval(call, module.__dict__) == gives


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 10", "LIMIT = 11"),
        ("LIMIT = 10", "LIMIT = 10.0"),
        ("size = 3", "size = 4"),
        ("scale=1", "scale=2"),
        ("@logged\n", ""),
        ("adder(1)", "adder(2)"),
        ("return first + second", "return second"),  # closes over nothing
    ],
)
def test_a_change_of_what_runs_at_import_can_only_be_made_by_importing_anew(old: str, new: str) -> None:
    assert code_changes(BEFORE, BEFORE.replace(old, new)) is None


def test_two_functions_of_one_name_and_line_are_not_told_apart() -> None:
    source = "def both():\n    return (lambda: 1, lambda: 2)\n"
    assert code_changes(source, source.replace("2", "3")) is None


def test_a_function_is_known_again_though_pytest_has_rewritten_its_assertions() -> None:
    source = "def least(numbers):\n    assert numbers is not None\n    return min(numbers)\n"
    module = ModuleType("changed")
    tree = ast.parse(source)
    rewrite_asserts(tree, source.encode())
    exec(compile(tree, "changed.py", "exec", dont_inherit=True), module.__dict__)
    changes = code_changes(source, source.replace("min", "max"))
    assert changes is not None
    patch("changed.py", changes)
    assert module.least([1, 2]) == 2


def test_lines_that_only_move_are_no_change_of_what_runs() -> None:
    module = _imported(BEFORE)
    changes = code_changes(BEFORE, BEFORE.replace("LIMIT = 10\n", "LIMIT = 10\n\n\n"))
    assert changes is not None
    patch("changed.py", changes)
    assert module.double(2) == 4
