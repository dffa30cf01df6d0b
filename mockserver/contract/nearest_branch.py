"""Of the branches of an `anyOf` or `oneOf` the one that was meant, where one can be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import jsonschema_rs

Errors: TypeAlias = "Sequence[jsonschema_rs.ValidationError]"


def nearest_branch(error: jsonschema_rs.ValidationError) -> Errors:
    """The errors of the only branch that has the value's type, or the value's tag; none where it is not one.

    A tag is a constant, or one of a few, that tells the branches apart.
    """
    branches: list[Errors] = [errors for errors in getattr(error.kind, "context", ()) if errors]
    typed = [errors for errors in branches if not any(_has_another_type(each, error) for each in errors)]
    tagged = [errors for errors in typed if not any(_has_another_tag(each) for each in errors)]
    fitting = typed if len(typed) == 1 else tagged
    return fitting[0] if len(fitting) == 1 else ()


def _has_another_type(error: jsonschema_rs.ValidationError, whole: jsonschema_rs.ValidationError) -> bool:
    return error.schema_path[-1] == "type" and error.instance_path == whole.instance_path


def _has_another_tag(error: jsonschema_rs.ValidationError) -> bool:
    return error.schema_path[-1] in ("const", "enum")
