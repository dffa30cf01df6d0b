"""A violation in words: where, what was sent, what is allowed, and the source of the rule."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from mockserver.contract import pointer
from mockserver.contract.formats import image_expected
from mockserver.contract.unchecked import list_in, object_in, one_or_more


class Violation(NamedTuple):
    """One broken rule: where (JSON pointer), which keyword, what was sent, what is allowed, by which source.

    `place` is `body`, `path`, `query` or `header`; `source` the provenance of the rule, with the title
    of its page; `problem` says more where "is X" does not suffice; `says` stands in place of both, where the
    provider has been seen to say it in words of its own; `rule` names the rule of contract/rules
    that this mirrors; `clause` is the JSON pointer of the broken keyword in the bundled document.
    """

    place: str
    pointer: str
    keyword: str
    sent: Any
    expected: str
    source: str
    problem: str = ""
    rule: str | None = None
    clause: str = ""
    says: str = ""

    def text(self) -> str:
        """The violation in one clause: field, what was sent, what is allowed, by which source."""
        where = pointer.dotted(shown(self.pointer)) or "the body"
        if self.place != "body":
            where = f"{self.place} parameter {where}"
        if self.says:
            sentence = self.says if self.keyword == "required" else f"{self.says}; expected {self.expected}"
        elif self.keyword in ("required", "unknown"):
            sentence = f"{where} {self.expected}"
        elif self.problem:
            sentence = f"{where} {self.problem}; expected {self.expected}"
        else:
            sentence = f"{where} is {brief(self.sent)}, expected {self.expected}"
        if not self.source:
            return sentence
        return f"{sentence} [{self.source}]"


_PLACES: Final = re.compile(r"\{(value|/[^{}]*)\}")
_CODE: Final = re.compile(r"(?<![\w.])[A-Z]+\d+(?!\.?\w)")
_CODES: Final = rf"{_CODE.pattern}(?:(?:, | and | ){_CODE.pattern})*"
_CITED: Final = re.compile(rf"\b[Rr]eadings? (?P<of>of )?(?P<notes>{_CODES})|(?P<sources>{_CODES})")


_NAMED: Final = 5
"""Unknown members that a message names."""
_CHOICES: Final = 20
"""Values of an enum that a message lists."""
_SHOWN: Final = 200
"""Characters of a name or pointer that a message shows."""
_WRITER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str)


def shown(name: str) -> str:
    """A name of any length as a message shows it."""
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}..."


def brief(value: Any) -> str:
    """A sent value as JSON, cut to a readable length. The time it takes is that of what it shows."""
    if isinstance(value, str) and len(value) > 60:
        return f'{orjson.dumps(value[:57]).decode()[:-1]}..." ({len(value)} characters)'
    if not isinstance(value, list | dict):
        return orjson.dumps(value, default=str).decode()
    text = ""
    for part in _WRITER.iterencode(value):
        text += part
        if len(text) > 80:
            return f"{text[:77]}..."
    return text


class Clause(NamedTuple):
    """What a message says about one keyword of one schema node, whatever was sent.

    `says` has places for what was sent: `{value}`, and `{/pointer}` into the body. `forms` is the number of
    branches of an `anyOf` or `oneOf` for which the contract has no words.
    """

    expected: str
    source: str
    rule: str | None
    properties: Mapping[str, Any]
    at: str
    says: str
    forms: int


def cite(source: str, titles: Mapping[str, str]) -> str:
    """A provenance with titles of sources for their codes, `DOCUMENTED GMI Cloud, ...`, and with the place
    that explains a reading.
    """

    def in_words(match: re.Match[str]) -> str:
        if match["notes"]:
            return (
                f"{'reading' if match['of'] else 'explained'} at {match['notes']} in the contract's NOTES.md"
            )
        codes = _CODE.findall(match["sources"])
        if not titles.keys() >= set(codes):
            return match[0]
        more = f" and {len(codes) - 1} more" if len(codes) > 1 else ""
        goes_on = source.startswith(" ", match.end())
        return f"{titles[codes[0]]}{more}{',' * bool(more and goes_on)}"

    return _CITED.sub(in_words, source)


def read_clause(
    document: Mapping[str, Any], path: tuple[str | int, ...], titles: Mapping[str, str]
) -> Clause:
    """The clause at the path of a keyword in a bundled document; `titles` are its sources by code."""
    names = tuple(str(part) for part in path)
    node = object_in(pointer.follow(document, names[:-1]))
    rule = node.get("x-rule")
    expected, forms = _expected(names[-1], node), 0
    if not expected:
        forms = len(list_in(node.get(names[-1])))
        expected = f"one of {forms} forms"
    return Clause(
        expected=expected,
        source=cite(provenance_at(document, names[:-1]), titles),
        rule=None if rule is None else str(rule),
        properties=node.get("properties", {}),
        at=pointer.write(path),
        says=str(node.get("x-says", "")),
        forms=forms,
    )


def problem_of(keyword: str, message: str, unexpected: Sequence[str]) -> str:
    """What is wrong beyond the value: with a picture, or with the names in an object."""
    if keyword == "additionalProperties" and unexpected:
        return f"has {', '.join(map(shown, unexpected[:_NAMED]))}"
    return message if keyword == "x-image" else ""


def beside(document: Mapping[str, Any], path: tuple[str | int, ...], name: str, sent: Any) -> str:
    """What is expected of a member for which another one of those that were `sent` asks, by the keyword at
    the path.
    """
    demanded = object_in(pointer.follow(document, tuple(map(str, path))))
    asking = next(other for other, names in demanded.items() if other in sent and name in names)
    return f"is required beside {shown(asking)}"


def in_words(says: str, sent: Any, body: Any, defaults: Mapping[str, Any]) -> str:
    """A clause's `says` with what was sent, and with the body's members, or their defaults, in its places."""

    def place(match: re.Match[str]) -> str:
        if match[1] == "value":
            value = sent
        else:
            path = pointer.parts(match[1])
            value = pointer.follow(body, path)
            if value in (None, pointer.ABSENT):
                value = defaults.get(str(path[0]), "")
        return _cut(value) if isinstance(value, str) else brief(value)

    return _PLACES.sub(place, says)


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}... ({len(text)} characters)"


def provenance_at(document: Mapping[str, Any], path: tuple[str, ...]) -> str:
    """The provenance of the node at `path` of a bundled document, or of the nearest one around it; else the
    one that `x-job` has for all that has none.
    """
    for end in range(len(path), 0, -1):
        node = pointer.follow(document, path[:end])
        if isinstance(node, dict) and "x-provenance" in node:
            return str(node["x-provenance"])
    return str(object_in(document.get("x-job")).get("x-provenance", ""))


def _expected(keyword: str, node: Mapping[str, Any]) -> str:
    """In words what the keyword allows; empty for branches that have none."""
    if "x-expected" in node and keyword != "required":
        return str(node["x-expected"])
    value = node.get(keyword)
    if keyword == "type" and isinstance(node.get("enum"), list):
        return f"{_kind(value)}: {_choice(node['enum'])}"
    write = _EXPECTED.get(keyword)
    if write is not None and value is not None and (words := write(value)):
        return words
    description = node.get("description")
    if description:
        return str(description)
    if keyword in ("anyOf", "oneOf"):
        return ""
    return f"what {keyword} {brief(value)} allows"


def _choice(values: list[Any]) -> str:
    words = [brief(value) for value in values]
    if len(words) == 1:
        return words[0]
    if len(words) > _CHOICES:
        return f"one of {', '.join(words[:_CHOICES])} and {len(words) - _CHOICES} more"
    return f"one of {', '.join(words)}"


def _members(branches: Any) -> str:
    """In words where each branch demands members and no more: which of them; empty where one does not."""
    if not all(isinstance(branch, dict) and branch.keys() == {"required"} for branch in branches):
        return ""
    return f"one with {' or '.join(' and '.join(map(str, branch['required'])) for branch in branches)}"


def _one_of_them(branches: Any) -> str:
    words = _members(branches)
    return f"{words}, and no more of them" * bool(words)


def _anything_else(schema: Any) -> str:
    """In words where single values are forbidden; empty where something else is."""
    if not isinstance(schema, dict) or len(schema) != 1:
        return ""
    values = schema.get("enum", [value for name, value in schema.items() if name == "const"])
    return f"anything but {' and '.join(map(brief, values[:_CHOICES]))}" * bool(values)


def _kind(value: Any) -> str:
    return " or ".join(_with_article(name) for name in one_or_more(value))


def _with_article(name: str) -> str:
    if name == "null":
        return name
    article = "an" if name[0] in "aeiou" else "a"
    return f"{article} {name}"


_EXPECTED: Final[Mapping[str, Callable[[Any], str]]] = {
    "x-image": image_expected,
    "required": lambda value: "is required",
    "additionalProperties": lambda value: "no other field than those that the contract names",
    "anyOf": _members,
    "oneOf": _one_of_them,
    "not": _anything_else,
    "enum": _choice,
    "const": brief,
    "type": _kind,
    "minimum": lambda value: f"at least {value}",
    "maximum": lambda value: f"at most {value}",
    "exclusiveMinimum": lambda value: f"more than {value}",
    "exclusiveMaximum": lambda value: f"less than {value}",
    "minLength": lambda value: f"at least {value} characters",
    "maxLength": lambda value: f"at most {value} characters",
    "minItems": lambda value: f"at least {value} items",
    "maxItems": lambda value: f"at most {value} items",
    "pattern": lambda value: f"text that matches {value}",
}
