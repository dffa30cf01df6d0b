"""A change of our own source, made in a process that has imported it."""

from __future__ import annotations

import gc
import inspect
from types import CodeType, FunctionType
from typing import Final

Identity = tuple[object, ...]
"""Name, first line and names of a function's code: what has run often is not equal to what was compiled."""
CodeChanges = dict[Identity, CodeType]
"""Of each function that changes its code afterwards."""

_FUNCTION: Final = inspect.CO_OPTIMIZED
"""What the code of a function has and that of a module or of a class has not."""


def code_changes(before: str, after: str) -> CodeChanges | None:
    """What changes inside functions.

    None if something changes that runs when the module is imported, or the functions inside a function.
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
    return code.co_qualname, code.co_firstlineno, code.co_varnames, code.co_names


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
    changes[_identity(before)] = after
    inner, then = _inner(before), _inner(after)
    if before.co_freevars != after.co_freevars or len(inner) != len(then):
        return False
    return all(_note(old, new, changes) for old, new in zip(inner, then, strict=True))


def _inner(code: CodeType) -> list[CodeType]:
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]
