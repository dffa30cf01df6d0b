"""Where our own source can be changed: cosmic-ray's operators, and two of our own for statements.

What has no behaviour is left alone: annotations, aliases and imports of types, docstrings, memoising, and
what keeps programmers from changing a dataclass (tests/test_style.py holds which may change).
"""

from __future__ import annotations

import ast
import difflib
import random
import warnings
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
NEED_ARGUMENTS: Final = ("core/VariableReplacer", "core/VariableInserter")
WITHOUT_BEHAVIOUR: Final = frozenset({"cache", "lru_cache", "override", "final", "overload"})
PROTECTION: Final = frozenset({"frozen", "slots", "repr"})
"""What a dataclass is given that no program notices which neither changes nor prints it."""

Span = tuple[int, int, int, int]
"""First line, its column, last line, its column; lines count from 1, columns from 0, in characters."""


class Place(NamedTuple):
    """A place in a module: the operators that fit it, with the number that each knows it by."""

    line: int
    choices: tuple[tuple[str, int], ...]


class Mutant(NamedTuple):
    """A module of our own, `path` relative to the checkout, changed at `line` into `source`."""

    path: str
    line: int
    operator: str
    source: str

    def diff(self) -> str:
        """The change as a unified diff without its header."""
        before = (ROOT / self.path).read_text(encoding="utf-8").splitlines()
        lines = list(difflib.unified_diff(before, self.source.splitlines(), n=0, lineterm=""))
        return "\n".join(line for line in lines[2:] if not line.startswith("@@"))


def sample(paths: list[str], number: int, seed: str) -> list[Mutant]:
    """`number` different mutants of the modules below `paths`, the same for the same seed and source.

    A module is drawn by its places, a place evenly, and then one of the operators that fit it.
    """
    chance = random.Random(seed)
    modules = sorted({module for path in paths for module in _modules(ROOT / path)})
    sources = {module: module.read_text(encoding="utf-8") for module in modules}
    weights = [len(sources[module]) for module in modules]
    drawn: dict[tuple[str, str], Mutant] = {}
    for _ in range(number * 20 if modules else 0):
        module = chance.choices(modules, weights)[0]
        mutant = _draw(module, sources[module], chance)
        if mutant is not None:
            drawn.setdefault((mutant.path, mutant.source), mutant)
        if len(drawn) == number:
            break
    return list(drawn.values())


def sample_of_each(paths: list[str], number: int, seed: str) -> list[Mutant]:
    """`number` mutants of each path, whatever its size; of one that is named twice no more than of others."""
    drawn = [mutant for path in paths for mutant in sample([path], number, seed)]
    return list({(mutant.path, mutant.source): mutant for mutant in drawn}.values())


def _modules(path: Path) -> list[Path]:
    return [path] if path.is_file() else [*path.rglob("*.py")]


def _draw(module: Path, source: str, chance: random.Random) -> Mutant | None:
    here = places(source)
    if not here:
        return None
    place = chance.choice(here)
    name, number = chance.choice(place.choices)
    changed = apply(source, name, number)
    if changed is None or same(source, changed):
        return None
    return Mutant(module.relative_to(ROOT).as_posix(), place.line, name, changed)


def same(source: str, changed: str) -> bool:
    """Whether a changed source is no mutant: it means the same, or Python refuses it or warns of it."""
    try:
        with warnings.catch_warnings(action="error"):  # `is` beside a literal: Python itself would tell
            compile(changed, "<changed>", "exec", dont_inherit=True)
        return ast.dump(ast.parse(source)) == ast.dump(ast.parse(changed))
    except (SyntaxError, SyntaxWarning):
        return True


@cache
def places(source: str) -> tuple[Place, ...]:
    """Every place of a module's source that has behaviour."""
    tree = ast.parse(source)
    dead = list(_without_behaviour(tree))
    choices: dict[Span, list[tuple[str, int]]] = {}
    for span, name, number in (*_of_cosmic_ray(source), *_of_statements(tree)):
        if not any(_within(span, other) for other in dead):
            choices.setdefault(span, []).append((name, number))
    return tuple(Place(span[0], tuple(names)) for span, names in sorted(choices.items()))


def apply(source: str, operator: str, number: int) -> str | None:
    """The source after the operator's change at its place `number`; None if there is no such place."""
    if operator in _STATEMENTS:
        return _replace(source, _spans(ast.parse(source), operator)[number], _STATEMENTS[operator])
    try:
        changed: str | None = import_module("cosmic_ray.mutating").mutate_code(
            source, _operators()[operator], number
        )
    except AttributeError:
        # cosmic-ray replaces no dotted name among several exceptions, though it counts its place.
        return None
    return changed


@cache
def _operators() -> dict[str, Any]:
    plugins: Any = import_module("cosmic_ray.plugins")
    names = [name for name in plugins.operator_names() if name not in NEED_ARGUMENTS]
    return {name: plugins.get_operator(name)() for name in names}


def _of_cosmic_ray(source: str) -> Iterator[tuple[Span, str, int]]:
    trees: Any = import_module("cosmic_ray.ast")
    counts = dict.fromkeys(_operators(), 0)
    for node in trees.ast_nodes(trees.get_ast(source)):
        for name, operator in _operators().items():
            for start, end in operator.mutation_positions(node):
                yield (*start, *end), name, counts[name]
                counts[name] += 1


_STATEMENTS: Final = {"our/RemoveStatement": "pass", "our/ReturnNone": "None"}


def _of_statements(tree: ast.Module) -> Iterator[tuple[Span, str, int]]:
    for name in _STATEMENTS:
        yield from ((span, name, number) for number, span in enumerate(_spans(tree, name)))


def _spans(tree: ast.Module, operator: str) -> list[Span]:
    if operator == "our/RemoveStatement":
        return [_span(node) for node in ast.walk(tree) if isinstance(node, ast.stmt) and _acts(node)]
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)]
    return [_span(value) for value in values if value is not None]


def _acts(node: ast.stmt) -> bool:
    """Whether it is a statement that does something: a call, a change of an attribute or item, a raise."""
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant | ast.Yield | ast.YieldFrom)
    if isinstance(node, ast.Assign):
        return isinstance(node.targets[0], ast.Attribute | ast.Subscript)
    return isinstance(node, ast.Raise | ast.AugAssign | ast.Delete)


def _without_behaviour(tree: ast.Module) -> Iterator[Span]:
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(annotation=hint) | ast.arg(annotation=ast.expr() as hint):
                yield _span(hint)
            case (
                ast.FunctionDef(returns=ast.expr() as hint) | ast.AsyncFunctionDef(returns=ast.expr() as hint)
            ):
                yield _span(hint)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield _span(node)
            case ast.Expr(value=ast.Constant()):
                yield _span(node)
            case _:
                pass
        for decorator in getattr(node, "decorator_list", ()):
            yield from _of_decorator(decorator)
    yield from (_span(node) for node in tree.body if _names_a_type(node))


def _of_decorator(node: ast.expr) -> Iterator[Span]:
    called = node.func if isinstance(node, ast.Call) else node
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if name in WITHOUT_BEHAVIOUR:
        # The whole of its lines, from the at sign to the end of the line.
        yield node.lineno, 0, (node.end_lineno or node.lineno) + 1, 0
    if name == "dataclass" and isinstance(node, ast.Call):
        yield from (_span(given.value) for given in node.keywords if given.arg in PROTECTION)


def _names_a_type(node: ast.stmt) -> bool:
    """Whether it is an alias of types, as in `Json = dict[str, Any] | None`."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.BinOp | ast.Subscript):
        return False
    inner = [part for part in ast.walk(node.value) if isinstance(part, ast.BinOp | ast.Call | ast.Lambda)]
    return all(isinstance(part, ast.BinOp) and isinstance(part.op, ast.BitOr) for part in inner)


def _span(node: ast.expr | ast.stmt) -> Span:
    return node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0


def _within(span: Span, other: Span) -> bool:
    return other[:2] <= span[:2] and span[2:] <= other[2:]


def _replace(source: str, span: Span, text: str) -> str:
    lines = [line.encode() for line in source.splitlines(keepends=True)]  # ast counts columns in bytes
    first, start, last, end = span
    lines[first - 1 : last] = [lines[first - 1][:start] + text.encode() + lines[last - 1][end:]]
    return b"".join(lines).decode()
