"""Compares the words of x-job that say one thing each: of an operation, a model, a state, the document.

A word that has no comparison of its own here or in the other modules is a change with a code of its own, so
that no word of the language can change unnoticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mockserver.contract import pointer
from mockserver.kit.diff.change_log import ChangeLog, change_word
from mockserver.kit.diff.side import Side

_ELSEWHERE: Final = frozenset(
    {"role", "key", "by", "of", "model", "default-model", "alias", "callback", "filters", "page", "media"}
)
"""What of an operation is compared in `operations`."""
_DOCUMENT: Final = frozenset(
    {
        "provider",
        "title",
        "sources",
        "profiles",
        "id",
        "ids",
        "time",
        "states",
        "models",
        "media",
        "reasons",
        "rules",
    }
)
"""What of a document is compared in `facts` and `lifecycle`, or in `answers`."""
_SHARED: Final = frozenset({"answers", "unknown-path"})
_ONE_CODE: Final = {
    "file": "operation.file-changed",
    "makes": "operation.makes-changed",
    "wait": "operation.wait-changed",
    "rules": "rules.changed",
    "credits": "operation.credits-changed",
    "parallel": "limit.parallel-changed",
}
_TEXT: Final = "x-provenance"


class _Words:
    """The words of one node of both sides, at `at` and `there`; changes are at `where`."""

    def __init__(self, log: ChangeLog, where: str, at: str, there: str) -> None:
        self.log, self.where, self.at, self.there = log, where, at, there
        self.old, self.new = _mapping(log.before, at), _mapping(log.after, there)

    def add(self, code: str, before: Any, after: Any, *keys: str) -> None:
        """Add a change of what stands at `keys`, if the values are not equal."""
        if before != after:
            within = pointer.write(keys)
            self.log.add(code, self.where, before, after, self.at + within, self.there + within)

    def rest(self, compared: frozenset[str], prefix: str) -> None:
        """Compare each word that is not `compared` as it stands."""
        for key in dict.fromkeys((*self.old, *self.new)):
            if key not in compared and key != _TEXT:
                code = _ONE_CODE.get(key, f"{prefix}.word-changed")
                self.add(code, self.old.get(key), self.new.get(key), key)


def of_operation(log: ChangeLog, name: str, at: str, there: str) -> None:
    """Add the changes in the x-job of an operation at these pointers."""
    words = _Words(log, name, f"{at}/x-job", f"{there}/x-job")
    words.rest(_ELSEWHERE | {"source", "upload"}, "operation")
    _media(log, name, f"{at}/x-job/media", f"{there}/x-job/media")
    deprecated(log, name, at, there)
    _source(words)
    _upload(log, name, f"{at}/x-job/upload", f"{there}/x-job/upload")


def deprecated(log: ChangeLog, name: str, at: str, there: str) -> None:
    """Add the change of whether what stands at these pointers, an operation or a parameter, is to go."""
    before, after = (
        bool(_mapping(*place).get("deprecated")) for place in ((log.before, at), (log.after, there))
    )
    if before != after:
        code = "operation.undeprecated"
        if after:
            code = "operation.deprecated"
        log.add(code, name, before, after, f"{at}/deprecated", f"{there}/deprecated")


def of_document(log: ChangeLog) -> None:
    """Add the changes in the words of the document that have no kin."""
    words = _Words(log, "the document", "/x-job", "/x-job")
    words.rest(_DOCUMENT | _SHARED | {"null"}, "document")
    code = "null.refused"
    if "null" in words.new:
        code = "null.taken"
    words.add(code, words.old.get("null"), words.new.get("null"), "null")
    _key_pairs(log)


def of_callback(log: ChangeLog, where: str, at: str, there: str) -> None:
    """Add the changes of what the callback at these pointers of x-job tells of, and how it is signed."""
    words = _Words(log, where, at, there)
    for key in ("signature", "filter"):
        kind = "changed" if key in words.old else "added"
        words.add(f"callback.{key}-{kind}", words.old.get(key), words.new.get(key), key)
    old, new = words.old.get("on"), words.new.get("on")
    code = "callback.phases-widened"
    if new is not None and (old is None or {*old} - {*new}):
        code = "callback.phases-narrowed"
    words.add(code, old, new, "on")


def _media(log: ChangeLog, name: str, at: str, there: str) -> None:
    """Compare the places that the submits themselves name."""
    old, new = _mapping(log.before, at), _mapping(log.after, there)
    for key in dict.fromkeys((*old, *new)):
        code = f"media.{change_word(key, old, new)}".replace("changed", "moved")
        words = _Words(log, f"{name} media {key}", at, there)
        words.add(code, old.get(key), new.get(key), key)


def _source(words: _Words) -> None:
    """Compare the clip that a submit goes on from."""
    old, new = words.old.get("source"), words.new.get("source")
    if not old or not new:
        code = "operation.source-removed"
        if new:
            code = "operation.source-added"
        words.add(code, _video(old), _video(new), "source")
        return
    words.add("operation.source-moved", old["video"], new["video"], "source", "video")
    before, after = old.get("of"), new.get("of")
    narrower = after is not None and (before is None or bool({*before} - {*after}))
    code = "operation.source-widened"
    if narrower:
        code = "operation.source-narrowed"
    words.add(code, before, after, "source", "of")
    for key in ("adds", "most"):
        words.add("operation.source-length-changed", old.get(key), new.get(key), "source", key)


def _video(source: Mapping[str, Any] | None) -> Any:
    return source and source["video"]


def _upload(log: ChangeLog, name: str, at: str, there: str) -> None:
    """Compare what a place for a file takes; where one side has none, its role is another one."""
    words = _Words(log, name, at, there)
    if not words.old or not words.new:
        return
    words.add("operation.upload-moved", words.old["kind"], words.new["kind"], "kind")
    old, new = words.old["types"], words.new["types"]
    for kind in dict.fromkeys((*old, *new)):
        code = f"operation.upload-type-{change_word(kind, old, new)}"
        words.add(code, old.get(kind), new.get(kind), "types", kind)
    before, after = words.old["seconds"], words.new["seconds"]
    code = "operation.upload-lengthened"
    if after < before:
        code = "operation.upload-shortened"
    words.add(code, before, after, "seconds")


def _key_pairs(log: ChangeLog) -> None:
    """Compare who may sign the keys of a scheme that both sides have."""
    at = "/components/securitySchemes"
    old, new = _mapping(log.before, at), _mapping(log.after, at)
    for name in old.keys() & new.keys():
        words = _Words(log, f"security scheme {name}", *[f"{at}{pointer.write((name,))}"] * 2)
        before, after = (_claim(node.get("x-key-pair")) for node in (words.old, words.new))
        code = "security.key-pair-changed"
        if before is None:
            code = "security.key-pair-added"
        words.add(code, before, after, "x-key-pair")


def _claim(pair: Mapping[str, Any] | None) -> str | None:
    return None if pair is None else str(pair["caller"])


def _mapping(side: Side, at: str) -> Mapping[str, Any]:
    node = side.node(at)
    return node if isinstance(node, Mapping) else {}
