"""The keys of a query, whatever else stands there."""

from __future__ import annotations

import pytest

from mockserver.contract.credential import Credential
from mockserver.engine.credentials import _values_at


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("k=a&%C2%A9=b", [b"a"]),
        ("k=%C3%A9&%FF", [b"\xc3\xa9"]),
        ("%C2%A9=k&k=&k=b", [b"", b"b"]),
    ],
)
def test_a_key_stands_beside_names_of_any_letters(query: str, values: list[bytes]) -> None:
    credential = Credential(b"k", "", place="query")

    assert [*_values_at(credential, (), query)] == values
