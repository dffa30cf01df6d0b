"""The fields of a query string, of which a request may have a thousand."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs

MAX_FIELDS: Final = 1000
"""Fields of one query: the documents know a handful, and each costs some microseconds."""


class TooManyFields(Exception):
    """The query has more than MAX_FIELDS fields; the text says so."""


def read_fields(text: str) -> dict[str, list[str]]:
    """The values of each name, empty ones included. Raises TooManyFields."""
    try:
        return parse_qs(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise TooManyFields(f"the query has more than {MAX_FIELDS} fields; send fewer") from None
