"""A contract's files, edited so that they allow what was seen; and the merge patch between two versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.contract.model import Contract
from mockserver.contract.pointer import ABSENT
from mockserver.contract.source import DOCUMENT
from mockserver.kit.drift.drift import Drift, UndocumentedState
from mockserver.kit.drift.shape import Shape, joined, kind_of

_SAID: Final = "Not documented; seen in recorded traffic."
_PROVENANCE: Final = "x-provenance"
Files = dict[str, Any]


class Editor:
    """Edits `files` (path to content) in place; `provenance` is what every edited place says of itself."""

    def __init__(self, files: Files, contract: Contract, provenance: str) -> None:
        self._files = files
        self._contract = contract
        self._provenance = provenance

    def edit(self, drifts: Iterable[Drift]) -> None:
        """Allow what each drift has seen; what was never seen stays as it is."""
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
        found = pointer.follow(self._files[file], pointer.parts(at))
        return found if isinstance(found, dict) else {}

    def _add_field(self, drift: Drift) -> None:
        properties = self._node(drift.file, drift.at)
        name = pointer.parts(drift.pointer)[-1]
        shape = drift.shape
        if name in properties:
            shape = Shape()
            shape.join(drift.shape)
            properties[name] = _joined(properties[name], shape.schema(self._provenance))
        else:
            properties[name] = {"description": _SAID, **shape.schema(self._provenance)}

    def _widen(self, drift: Drift) -> None:
        node = self._node(drift.file, drift.at.rpartition("/")[0])
        widen(node, drift.values)
        self._sign(node)

    def _sign(self, node: dict[str, Any]) -> None:
        old = node.get(_PROVENANCE, "")
        if not old.startswith(self._provenance):
            node[_PROVENANCE] = f"{self._provenance}; {old}" if old else self._provenance

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
        """The words seen after it, then those that follow a known word of its phase."""
        if word.phase not in _GOES_ON:
            return []
        kin: Sequence[str] = next(
            (entry["next"] for entry in states.values() if entry["phase"] == word.phase), ()
        )
        known = [text for text in (*word.after, *kin) if text in states and text != word.text]
        ends = [text for text, entry in states.items() if entry["phase"] == "succeeded"]
        return list(dict.fromkeys(known)) or ends

    def _add_status(self, drift: Drift) -> None:
        responses = self._node(DOCUMENT, drift.at)
        if str(drift.status) in responses:
            return
        taken = self._contract.operations[drift.operation].answers
        when = f"code-{drift.status}"
        sample = next((one for one in drift.values if isinstance(one, dict | list)), None)
        found: dict[str, Any] = {"description": _SAID, _PROVENANCE: self._provenance}
        if sample is not None:
            schema = drift.shape.schema(self._provenance, named=False)
            found["content"] = {"application/json": {"schema": schema}}
        found["x-job"] = {
            "when": [when if when not in taken else f"code-00{drift.status}"],
            "body": _template(sample),
        }
        responses[str(drift.status)] = found


_GOES_ON: Final = ("waiting", "running")


def widen(node: dict[str, Any], values: Iterable[Any]) -> None:
    """Let a schema's `type`, `enum`, `const` and choice of constants allow the values as well."""
    for value in values:
        if "type" in node:
            kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
            node["type"] = joined({*kinds, kind_of(value)})
        if not isinstance(value, dict | list):
            _choose(node, value)


def _choose(node: dict[str, Any], value: Any) -> None:
    if "const" in node and not _in(value, [node["const"]]):
        node["enum"] = [node.pop("const"), value]
    if "enum" in node and not _in(value, node["enum"]):
        node["enum"] = [*node["enum"], value]
    for key in ("oneOf", "anyOf"):
        constants = [one.get("const", ABSENT) for one in node.get(key, ())]
        if constants and ABSENT not in constants and not _in(value, constants):
            node[key] = [*node[key], {"const": value, "description": _SAID}]


def _in(value: Any, values: Iterable[Any]) -> bool:
    """As JSON Schema compares: 0 is 0.0, and 1 is not true."""
    return any(isinstance(value, bool) == isinstance(one, bool) and value == one for one in values)


def _joined(known: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """A schema that both of two inferred ones fit in."""
    found = {**new, **known}
    if "type" in known and "type" in new:
        kinds = [one if isinstance(one, list) else [one] for one in (known["type"], new["type"])]
        found["type"] = joined({name for names in kinds for name in names})
    if "properties" in known and "properties" in new:
        found["properties"] = {**new["properties"], **known["properties"]}
        for name in known["properties"].keys() & new["properties"].keys():
            found["properties"][name] = _joined(known["properties"][name], new["properties"][name])
    if "items" in known and "items" in new:
        found["items"] = _joined(known["items"], new["items"])
    return found


def _template(sample: Any) -> dict[str, Any] | list[Any]:
    """The sample as a template, nothing where a template would take some of it for its own words."""
    if sample is None or _is_marked(sample):
        return [] if isinstance(sample, list) else {}
    found: dict[str, Any] | list[Any] = sample
    return found


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
