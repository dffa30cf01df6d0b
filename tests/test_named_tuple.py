"""Our way to make records: as `typing` makes them."""

from __future__ import annotations

import inspect
import pickle
import typing
from typing import Any

import pytest

from mockserver.named_tuple import NamedTuple


class Ours(NamedTuple):
    """A place."""

    row: int
    column: int = 2
    names: tuple[str, ...] = ()

    @property
    def sum(self) -> int:
        """Of both."""
        return self.row + self.column

    def __str__(self) -> str:
        return f"{self.row}/{self.column}"


class Theirs(typing.NamedTuple):
    """A place."""

    row: int
    column: int = 2
    names: tuple[str, ...] = ()

    @property
    def sum(self) -> int:
        """Of both."""
        return self.row + self.column

    def __str__(self) -> str:
        return f"{self.row}/{self.column}"


@pytest.mark.parametrize(
    "what",
    [
        lambda record: record(1) == record(1, 2, ()) == (1, 2, ()),
        lambda record: record(1, names=("a",))._replace(row=3),
        lambda record: (record(1).sum, str(record(4)), record(5)._asdict()),
        lambda record: (record._fields, record._field_defaults, record.__doc__, record.__module__),
        lambda record: [(each.name, each.default) for each in inspect.signature(record).parameters.values()],
        lambda record: typing.get_type_hints(record),
        lambda record: (isinstance(record(1), tuple), hash(record(1)), record.__match_args__),
        lambda record: pickle.loads(pickle.dumps(record(7))) == record(7),
        lambda record: inspect.getdoc(record.sum),
    ],
)
def test_a_record_is_as_that_of_typing(what: Any) -> None:
    assert what(Ours) == what(Theirs)


def test_its_signature_has_the_types() -> None:
    assert str(inspect.signature(Ours)) == "(row: 'int', column: 'int' = 2, names: 'tuple[str, ...]' = ())"


@pytest.mark.parametrize("record", [Ours, Theirs])
def test_it_shows_itself_by_its_name(record: Any) -> None:
    assert repr(record(1)) == f"{record.__name__}(row=1, column=2, names=())"
    assert record.__qualname__ == record.__name__


@pytest.mark.parametrize("record", [Ours, Theirs])
def test_it_takes_no_other_field_and_cannot_change(record: Any) -> None:
    with pytest.raises(TypeError):
        record()
    with pytest.raises(TypeError):
        record(1, other=2)
    with pytest.raises(AttributeError):
        record(1).row = 2
