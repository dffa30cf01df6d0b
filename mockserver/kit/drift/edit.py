"""Edits a contract's files so that they allow its drifts; and makes the merge patch between two versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract
from mockserver.contract.pointer import ABSENT
from mockserver.contract.source import DOCUMENT
from mockserver.kit.drift.drift import Drift, UndocumentedState
from mockserver.kit.drift.shape import joined, kind_of, type_names

_DESCRIPTION: Final = "Not documented; seen in recorded traffic."
_PROVENANCE: Final = "x-provenance"
Files = dict[str, Any]


class Editor:
    """Edits `files` (path to content) in place; every edited node gets `provenance` as its x-provenance."""

    def __init__(self, files: Files, contract: Contract, provenance: str) -> None:
        self._files = files
        self._contract = contract
        self._provenance = provenance

    def edit(self, drifts: Iterable[Drift]) -> None:
        """Allow what each drift shows; a field that no answer had stays as it is."""
        for drift in drifts:
            match drift.kind:
                case "undocumented field":
                    self._add_field(drift)
                case "changed type" | "new enum value":
                    self._widen(drift)
                case "new status word":
                    self._add_word(drift)
                case "undocumented status":
                    self._add_status(drift)

    def _node(self, file: str, at: str) -> dict[str, Any]:
        node = pointer.follow(self._files[file], pointer.parts(at))
        return node if isinstance(node, dict) else {}

    def _add_field(self, drift: Drift) -> None:
        properties = self._node(drift.file, drift.at)
        name = pointer.parts(drift.pointer)[-1]
        schema = drift.shape.schema(self._provenance)
        if name in properties:
            properties[name] = _joined(properties[name], schema)
        else:
            properties[name] = {"description": _DESCRIPTION, **schema}

    def _widen(self, drift: Drift) -> None:
        node = self._node(drift.file, drift.at.rpartition("/")[0])
        widen(node, drift.values)
        self._sign(node)

    def _sign(self, node: dict[str, Any]) -> None:
        old = node.get(_PROVENANCE, "")
        if not old:
            node[_PROVENANCE] = self._provenance
        elif not old.startswith(self._provenance):
            node[_PROVENANCE] = f"{self._provenance}; {old}"

    def _add_word(self, drift: Drift) -> None:
        assert drift.word is not None
        if not drift.at.startswith("/x-job/"):
            self._widen(drift)
        states = self._node(DOCUMENT, "/x-job/states")
        if drift.word.text in states:
            return
        states[drift.word.text] = {
            "phase": drift.word.phase,
            "next": self._next(drift.word, states),
            _PROVENANCE: f"{self._provenance}; the phase is a guess",
        }
        for before in drift.word.before:
            steps = states.get(before, {}).get("next")
            if steps is not None and drift.word.text not in steps and states[before]["phase"] in _GOES_ON:
                states[before]["next"] = [*steps, drift.word.text]
                self._sign(states[before])

    def _next(self, word: UndocumentedState, states: Mapping[str, Any]) -> list[str]:
        """The words that came after it, then those that follow a known word of its phase."""
        if word.phase not in _GOES_ON:
            return []
        like = (state["next"] for state in states.values() if state["phase"] == word.phase)
        successors: Sequence[str] = (*word.after, *next(like, ()))
        known = [text for text in successors if text in states and text != word.text]
        ends = [text for text, state in states.items() if state["phase"] == "succeeded"]
        return list(dict.fromkeys(known)) or ends

    def _add_status(self, drift: Drift) -> None:
        responses = self._node(DOCUMENT, drift.at)
        if str(drift.status) in responses:
            return
        when = f"code-{drift.status}"
        if when in self._contract.operations[drift.operation].answers:
            when = f"code-00{drift.status}"
        sample = next((value for value in drift.values if isinstance(value, dict | list)), None)
        response: dict[str, Any] = {"description": _DESCRIPTION, _PROVENANCE: self._provenance}
        if sample is not None:
            schema = drift.shape.schema(self._provenance, named=False)
            response["content"] = {"application/json": {"schema": schema}}
        response["x-job"] = {"when": [when], "body": _template(sample)}
        responses[str(drift.status)] = response


_GOES_ON: Final = ("waiting", "running")


def widen(node: dict[str, Any], values: Iterable[Any]) -> None:
    """Let a schema's `type`, `enum`, `const` and choice of constants allow the values as well."""
    for value in values:
        if "type" in node:
            node["type"] = joined({*type_names(node["type"]), kind_of(value)})
        if not isinstance(value, dict | list):
            _choose(node, value)


def _choose(node: dict[str, Any], value: Any) -> None:
    if "const" in node and not _in(value, [node["const"]]):
        node["enum"] = [node.pop("const"), value]
    if "enum" in node and not _in(value, node["enum"]):
        node["enum"] = [*node["enum"], value]
    for key in ("oneOf", "anyOf"):
        constants = [choice.get("const", ABSENT) for choice in node.get(key, ())]
        if constants and ABSENT not in constants and not _in(value, constants):
            node[key] = [*node[key], {"const": value, "description": _DESCRIPTION}]


def _in(value: Any, values: Iterable[Any]) -> bool:
    """Whether one of the values is equal as JSON Schema compares: 0 is 0.0, and 1 is not true."""
    is_bool = isinstance(value, bool)
    return any(is_bool == isinstance(known, bool) and value == known for known in values)


def _joined(known: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The schema that allows what either of two inferred schemas allows."""
    schema = {**new, **known}
    if "type" in known or "type" in new:
        # Of a value that was only ever null, no type is stated.
        either = (known.get("type", "null"), new.get("type", "null"))
        schema["type"] = joined(name for written in either for name in type_names(written))
    if "properties" in known and "properties" in new:
        schema["properties"] = {**new["properties"], **known["properties"]}
        for name in known["properties"].keys() & new["properties"].keys():
            schema["properties"][name] = _joined(known["properties"][name], new["properties"][name])
    if "items" in known and "items" in new:
        schema["items"] = _joined(known["items"], new["items"])
    return schema


def _template(sample: Any) -> dict[str, Any] | list[Any]:
    """The sample as a template; empty if a template would read some of its names as instructions."""
    if isinstance(sample, dict | list) and not _is_marked(sample):
        return sample
    return [] if isinstance(sample, list) else {}


def _is_marked(sample: Any) -> bool:
    if isinstance(sample, dict):
        return any(name.startswith("$") or _is_marked(part) for name, part in sample.items())
    return isinstance(sample, list) and any(map(_is_marked, sample))


def difference(old: Any, new: Any) -> Any:
    """The merge patch (RFC 7396) from one object to another."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    patch: dict[str, Any] = {name: None for name in old if name not in new}
    for name, value in new.items():
        if name not in old:
            patch[name] = value
        elif old[name] != value:
            patch[name] = difference(old[name], value)
    return patch
