"""What a submitted body says: the model, what the clip must show, where to call back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from mockserver.contract import pointer
from mockserver.contract.unchecked import list_in
from mockserver.kit.draft import finder, vocabulary
from mockserver.kit.draft.description import DescribedOperation, Description
from mockserver.kit.draft.facts import SentField
from mockserver.kit.draft.finder import FoundField

_SCALARS: Final = frozenset({"string", "integer", "number", "boolean"})
_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "seconds": frozenset({"string", "integer", "number"}),
    "sound": frozenset({"boolean"}),
    "watermark": frozenset({"boolean"}),
}
"""Types that a field of `media` may have, where they are not text alone."""
_TEXT: Final = frozenset({"string"})
_MOST_MODELS: Final = 200


class SubmitBody(NamedTuple):
    """The places of a submitted body as JSON pointers, and the models that it may name."""

    model: str
    models: Sequence[str]
    media: Mapping[str, str]
    callback: str
    is_open: bool


def read_body(description: Description, operation: DescribedOperation, words: frozenset[str]) -> SubmitBody:
    """What the body of a submit says; `words` are the places of `media` that the language has."""
    schema = operation.body if operation.body is not None else {}
    fields = [*finder.fields(description, schema, 3)]
    model = _first(description, fields, vocabulary.MODELS, _TEXT)
    models = _models(description, schema, model)
    media = {
        what: pointer.write(field.path)
        for what, names in vocabulary.MEDIA.items()
        if what in words and (field := _first(description, fields, names, _KINDS.get(what, _TEXT)))
    }
    callback = _first(description, fields, vocabulary.CALLBACKS, _TEXT)
    listed = model is not None and bool(description.words(model.schema))
    return SubmitBody(
        pointer.write(model.path) if model else "",
        models[:_MOST_MODELS],
        media,
        pointer.write(callback.path) if callback else "",
        is_open=not listed,
    )


def _first(
    description: Description, fields: Sequence[FoundField], names: Sequence[str], types: frozenset[str]
) -> FoundField | None:
    """The field of the surest name: a field of a clip's picture may be an object that has its link."""
    named = [field for field in fields if field.name in names]
    for field in sorted(named, key=lambda field: names.index(field.name)):
        if description.types(field.schema) & types:
            return field
        inner = _inner(description, field, types)
        if inner is not None:
            return inner
    return None


def _inner(description: Description, field: FoundField, types: frozenset[str]) -> FoundField | None:
    """The one text of an object that stands for a picture: its link."""
    if types != _TEXT or description.types(field.schema) != {"object"}:
        return None
    for name, part in description.properties(field.schema).items():
        if vocabulary.plain(name) in ("url", "imageurl", "uri") and description.types(part) & _TEXT:
            return FoundField((*field.path, name), part)
    return None


def _models(description: Description, schema: Any, model: FoundField | None) -> list[str]:
    if model is None:
        return []
    names = [*description.words(model.schema), *description.shown(model.schema)]
    names += [pointer.follow(value, model.path) for value in description.shown(schema)]
    return list(dict.fromkeys(name for name in names if isinstance(name, str) and name))


def sent_fields(description: Description, submits: Sequence[DescribedOperation]) -> dict[str, SentField]:
    """The scalar fields that all submits take, by plain name."""
    shared: dict[str, SentField] = {}
    for number, submit in enumerate(submits):
        own = {
            field.name: SentField(
                pointer.write(field.path),
                frozenset(description.types(field.schema)),
                frozenset(description.words(field.schema)),
                len(field.path) == 1
                and all(field.path[0] in needed for needed in _required(description, submit)),
            )
            for field in reversed([*finder.fields(description, submit.body, 2)])
        }
        own = {name: entry for name, entry in own.items() if entry.types and entry.types <= _SCALARS}
        shared = own if number == 0 else {name: own[name] for name in shared if shared[name] == own.get(name)}
    return shared


def _required(description: Description, operation: DescribedOperation) -> list[list[Any]]:
    """The names that each form of a body must have."""
    return [list_in(form.get("required")) for form in description.branches(operation.body)]


def examples(description: Description, operation: DescribedOperation) -> list[Any]:
    """The bodies that the document shows for a submit."""
    if not isinstance(operation.body, dict):
        return []
    shown = [*list_in(operation.body.get("examples")), *description.shown(operation.body)]
    return [
        value for index, value in enumerate(shown) if isinstance(value, dict) and value not in shown[:index]
    ]
