"""Finds fields in schemas by what the field calls them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from mockserver.contract.unchecked import object_in
from mockserver.kit.draft import vocabulary
from mockserver.kit.draft.description import Description, types_of
from mockserver.kit.draft.vocabulary import phase_of, plain

_DEEPEST: Final = 3
_TEXT: Final = frozenset({"string"})


class FoundField(NamedTuple):
    """A field: its path in the value, and its schema."""

    path: tuple[str, ...]
    schema: Any

    @property
    def name(self) -> str:
        """Its name in small letters, without signs."""
        return plain(self.path[-1])


def fields(description: Description, schema: Any, deepest: int = _DEEPEST) -> Iterator[FoundField]:
    """The fields of an object and of the objects in it, those further out first; lists are not entered."""
    level: list[FoundField] = [FoundField((), schema)]
    for _ in range(deepest):
        inner: list[FoundField] = []
        for holder in level:
            for name, part in description.properties(holder.schema).items():
                inner.append(FoundField((*holder.path, name), part))
        yield from inner
        level = inner


def named(
    description: Description, schema: Any, names: Sequence[str], types: frozenset[str]
) -> FoundField | None:
    """The field of the surest of these names that may hold a value of these types."""
    by_name: dict[str, FoundField] = {}
    for field in fields(description, schema):
        if field.name in names and _may_be(description, field.schema, types):
            by_name.setdefault(field.name, field)
    return next((by_name[name] for name in names if name in by_name), None)


def _may_be(description: Description, schema: Any, types: frozenset[str]) -> bool:
    own = description.types(schema)
    return not own or bool(own & types)


def status_field(description: Description, schema: Any) -> FoundField | None:
    """The field that says how far a job is: of those that could be, the one with the most words of states."""
    best: FoundField | None = None
    for field in fields(description, schema):
        if field.name not in vocabulary.STATUSES or not _may_be(description, field.schema, _TEXT):
            continue
        if best is None or known_words(description, field.schema) > known_words(description, best.schema):
            best = field
    return best


def known_words(description: Description, schema: Any) -> int:
    """How many of the words that a schema lists or shows mean a state."""
    words = [*description.words(schema), *description.shown(schema)]
    return len({word for word in words if isinstance(word, str) and phase_of(word)})


def done_field(description: Description, schema: Any) -> FoundField | None:
    """The boolean that says that a job has ended."""
    field = named(description, schema, vocabulary.DONE, frozenset({"boolean"}))
    if field is not None and description.types(field.schema):
        return field
    return None


def id_field(description: Description, schema: Any, key: str) -> FoundField | None:
    """The field with the id of a job that reads name by the parameter `key`."""
    names = (plain(key), *vocabulary.IDS)
    return named(description, schema, list(dict.fromkeys(names)), frozenset({"string", "integer"}))


def list_field(description: Description, schema: Any) -> FoundField | None:
    """The field with the jobs of a list; an empty path where the whole answer is the list."""
    candidates = [FoundField((), schema), *fields(description, schema, 2)]
    for field in candidates:
        items = items_of(description, field.schema)
        if items is not None and id_field(description, items, "id") is not None:
            return field
    return None


def items_of(description: Description, schema: Any) -> Any:
    """The schema of a list's items, None for what is no list of objects."""
    for form in description.branches(schema):
        items = form.get("items")
        if "array" in types_of(form) and isinstance(items, dict) and description.properties(items):
            return items
    return None


def body_names(description: Description, schema: Any) -> set[str]:
    """The plain names of a submitted body's fields, those that its examples show too."""
    names = {field.name for field in fields(description, schema, 2)}
    for value in description.shown(schema):
        names |= {plain(name) for name in object_in(value)}
    return names
