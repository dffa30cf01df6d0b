"""A change of our own source, made in a process that has imported it."""

from __future__ import annotations

import gc
import inspect
from collections import Counter
from types import CodeType, FunctionType
from typing import Final

Identity = tuple[str, int]
"""Qualified name and first line of a function.

Code that has run, or whose assertions pytest has rewritten, is not equal to what was compiled.
"""
CodeChanges = dict[Identity, CodeType]
"""Of each function that changes its code afterwards."""

_FUNCTION: Final = inspect.CO_OPTIMIZED
"""What the code of a function has and that of a module or of a class has not."""

_COMPREHENSIONS: Final = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


def code_changes(before: str, after: str) -> CodeChanges | None:
    """What changes inside functions.

    None if something changes that runs when the module is imported, or the functions inside a function, or
    one of two functions that cannot be told apart.
    """
    changes: CodeChanges = {}
    same_outside = _compare(_compiled(before), _compiled(after), changes)
    return changes if same_outside else None


def patch(file: str, changes: CodeChanges) -> None:
    """Give every function of a module its changed code, whoever holds the function and by whatever name."""
    gc.unfreeze()  # what is frozen is not listed
    for function in gc.get_objects():
        if type(function) is FunctionType and function.__code__.co_filename == file:
            function.__code__ = changes.get(_identity(function.__code__), function.__code__)
    gc.freeze()


def _identity(code: CodeType) -> Identity:
    return code.co_qualname, code.co_firstlineno


def _compiled(source: str) -> CodeType:
    return compile(source, "<module>", "exec", dont_inherit=True)


def _compare(before: CodeType, after: CodeType, changes: CodeChanges) -> bool:
    """Whether the code of two modules or classes is the same but for the functions in it, which it notes."""
    if (before.co_code, before.co_names) != (after.co_code, after.co_names):
        return False
    if len(before.co_consts) != len(after.co_consts):
        return False
    for old, new in zip(before.co_consts, after.co_consts, strict=True):
        if not isinstance(old, CodeType):
            same = repr(old) == repr(new)  # 1, 1.0 and True are equal
        elif old.co_flags & _FUNCTION:
            same = _note(old, new, changes)
        else:
            same = _compare(old, new, changes)
        if not same:
            return False
    return True


def _note(before: CodeType, after: CodeType, changes: CodeChanges) -> bool:
    """Note a function's change and those of functions inside it; False if those there are cannot take it."""
    if before == after:
        return True
    if changes.setdefault(_identity(before), after) is not after:
        return False
    inner, then = _inner(before), _inner(after)
    if before.co_freevars != after.co_freevars or len(inner) != len(then):
        return False
    names = Counter(map(_identity, inner))
    return all(
        old == new or (names[_identity(old)] == 1 and _note(old, new, changes))
        for old, new in zip(inner, then, strict=True)
    )


def _inner(code: CodeType) -> list[CodeType]:
    """The functions inside a function, but for those of comprehensions, which nobody holds."""
    constants = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return [code for code in constants if code.co_name not in _COMPREHENSIONS]
