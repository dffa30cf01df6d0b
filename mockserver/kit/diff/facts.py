"""Compares the facts of a whole contract: addresses, ids, moments, models, media, reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract import pointer
from mockserver.contract.model import ClipDefaults, Model, Price
from mockserver.kit.diff import words
from mockserver.kit.diff.change_log import ChangeLog, change_word
from mockserver.kit.diff.side import Side


def compare(log: ChangeLog) -> None:
    """Add the changes in facts that belong to no single operation."""
    _servers(log)
    _identity(log)
    _media(log)
    _reasons(log)
    _models(log)
    words.of_document(log)
    _rules(log)
    _texts(log)


def _servers(log: ChangeLog) -> None:
    old, new = _urls(log.before), _urls(log.after)
    for url in dict.fromkeys((*old, *new)):
        if url not in new:
            log.add("server.removed", "base URL", url, None, f"/servers/{old[url]}", "/servers")
        elif url not in old:
            log.add("server.added", "base URL", None, url, "/servers", f"/servers/{new[url]}")


def _urls(side: Side) -> dict[str, int]:
    servers = side.contract.document.get("servers", ())
    return {server["url"]: index for index, server in enumerate(servers)}


def _identity(log: ChangeLog) -> None:
    old, new = log.before.contract, log.after.contract
    where = "a job's id"
    log.add_difference("id.kind-changed", where, old.id_kind, new.id_kind, "/x-job/id/kind")
    if (old.id_kind, new.id_kind) != ("uuid", "uuid"):
        log.add_difference("id.length-changed", where, old.id_length, new.id_length, "/x-job/id/length")
    log.add_difference("id.prefix-changed", where, old.id_prefix, new.id_prefix, "/x-job/id/prefix")
    for name in dict.fromkeys((*old.ids, *new.ids)):
        former, later = (ids[name].prefix if name in ids else None for ids in (old.ids, new.ids))
        log.add_difference("id.prefix-changed", f"a job's {name} id", former, later, f"/x-job/ids/{name}")
    log.add_difference("time.unit-changed", "moments", old.time, new.time, "/x-job/time")


def _media(log: ChangeLog) -> None:
    old, new = log.before.job.get("media", {}), log.after.job.get("media", {})
    for key in dict.fromkeys((*old, *new)):
        word = change_word(key, old, new)
        if word == "changed":
            word = "moved"
        at = pointer.write(("x-job", "media", key))
        log.add_difference(f"media.{word}", f"media {key}", old.get(key), new.get(key), at)


def _reasons(log: ChangeLog) -> None:
    old, new = (dict(_reason_texts(side)) for side in (log.before, log.after))
    for key in dict.fromkeys((*old, *new)):
        code = f"reason.{change_word(key, old, new)}"
        at = pointer.write(("x-job", "reasons", key))
        log.add_difference(code, f"reason {key}", old.get(key), new.get(key), at)


def _reason_texts(side: Side) -> Iterator[tuple[str, str]]:
    """Each reason's text, with its code, and with what it is the reason of, where it has them."""
    for name, text in side.contract.reasons.items():
        entry = side.job["reasons"][name]
        yield name, " ".join([text, *(f"({entry[key]})" for key in ("code", "when") if key in entry)])


def _models(log: ChangeLog) -> None:
    old, new = log.before.contract.models, log.after.contract.models
    for name in dict.fromkeys((*old, *new)):
        where, at = f"model {name}", pointer.write(("x-job", "models", name))
        if name not in new:
            log.add("model.removed", where, name, None, at)
        elif name not in old:
            log.add("model.added", where, None, name, at)
        else:
            _model(log, old[name], new[name], where, at)


def _model(log: ChangeLog, old: Model, new: Model, where: str, at: str) -> None:
    log.add_difference("text.changed", f"{where} (title)", old.title, new.title, f"{at}/title")
    log.add_difference("text.changed", f"{where} (about)", old.about, new.about, f"{at}/about")
    _clips(log, old.clips, new.clips, where, at)
    _images(log, where, f"{at}/images")
    _price(log, old, new, where, f"{at}/price")


def _clips(
    log: ChangeLog, old: Mapping[str, ClipDefaults], new: Mapping[str, ClipDefaults], where: str, at: str
) -> None:
    single = len(old) <= 1 and len(new) <= 1
    for mode in dict.fromkeys((*old, *new)):
        code = f"model.clip-{change_word(mode, old, new)}"
        place = where if single else f"{where}, mode {mode}"
        there = f"{at}/clip"
        if "clips" in log.after.node(at):
            there = at + pointer.write(("clips", mode))
        log.add_difference(code, place, _clip(old.get(mode)), _clip(new.get(mode)), there)


def _clip(clip: ClipDefaults | None) -> str | None:
    if clip is None:
        return None
    return f"{clip.height}p {clip.fps} fps, {clip.seconds:g} s, {clip.ratio}"


def _images(log: ChangeLog, where: str, at: str) -> None:
    old, new = ({} if side is pointer.ABSENT else side for side in (log.before.node(at), log.after.node(at)))
    for mode in dict.fromkeys((*old, *new)):
        code = f"model.images-{change_word(mode, old, new)}"
        sizes = _size(old.get(mode)), _size(new.get(mode))
        log.add_difference(code, f"{where}, mode {mode}", *sizes, at + pointer.write((mode,)))


def _size(image: Mapping[str, Any] | None) -> str | None:
    if image is None:
        return None
    return f"{image['height']}p, {image.get('ratio', 'any ratio')}"


def _price(log: ChangeLog, old: Model, new: Model, where: str, at: str) -> None:
    if old.price == new.price:
        return
    code = "model.price-changed"
    if old.price and new.price and old.price[1:] == new.price[1:]:
        code = "model.price-lowered"
        if new.price.amount > old.price.amount:
            code = "model.price-raised"
    log.add(code, where, _price_text(old.price), _price_text(new.price), at)


def _price_text(price: Price | None) -> str | None:
    return price and f"{price.amount:g} {price.unit} a {price.per}"


def _rules(log: ChangeLog) -> None:
    """Compare the modules of rules, with the overlays in force, because a module may read them."""
    old, new = _rules_text(log.before), _rules_text(log.after)
    log.add_difference("rules.changed", "rules across fields", old, new, "/x-job/rules")


def _rules_text(side: Side) -> str | None:
    if "rules" not in side.job:
        return None
    rules = str(side.job["rules"])
    if side.contract.overlays:
        rules += f" with {', '.join(side.contract.overlays)}"
    return rules


def _texts(log: ChangeLog) -> None:
    old, new = log.before, log.after
    for key in ("provider", "title", "sources", "profiles"):
        log.add_difference("text.changed", key, old.job.get(key), new.job.get(key), f"/x-job/{key}")
    for key in ("title", "version", "description"):
        before, after = (side.contract.document.get("info", {}).get(key) for side in (old, new))
        log.add_difference("text.changed", f"info {key}", before, after, f"/info/{key}")
