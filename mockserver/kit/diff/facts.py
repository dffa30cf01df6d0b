"""What a contract says of itself and of every job: addresses, ids, moments, models, media, reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.contract import pointer
from mockserver.contract.model import ClipDefaults, Model
from mockserver.kit.diff.book import ChangeLog


def compare(book: ChangeLog) -> None:
    """Note every difference in the facts that belong to no single operation."""
    _servers(book)
    _identity(book)
    _mapping(book, "media", "media.added", "media.removed", "media.moved")
    _reasons(book)
    _models(book)
    _rules(book)
    _texts(book)


def _servers(book: ChangeLog) -> None:
    old, new = (
        {entry["url"]: index for index, entry in enumerate(side.contract.document.get("servers", ()))}
        for side in (book.before, book.after)
    )
    for url in dict.fromkeys((*old, *new)):
        if url not in new:
            book.note("server.removed", "base URL", url, None, f"/servers/{old[url]}", "/servers")
        elif url not in old:
            book.note("server.added", "base URL", None, url, "/servers", f"/servers/{new[url]}")


def _identity(book: ChangeLog) -> None:
    old, new = book.before.contract, book.after.contract
    where = "a job's id"
    book.unlike("id.kind-changed", where, old.id_kind, new.id_kind, "/x-job/id/kind")
    if (old.id_kind, new.id_kind) != ("uuid", "uuid"):
        book.unlike("id.length-changed", where, old.id_length, new.id_length, "/x-job/id/length")
    book.unlike("id.prefix-changed", where, old.id_prefix, new.id_prefix, "/x-job/id/prefix")
    book.unlike("time.unit-changed", "moments", old.time, new.time, "/x-job/time")


def _mapping(book: ChangeLog, name: str, added: str, removed: str, changed: str) -> None:
    """A mapping of x-job from names to plain values."""
    old, new = (side.job.get(name, {}) for side in (book.before, book.after))
    for key in dict.fromkeys((*old, *new)):
        code = removed if key not in new else added if key not in old else changed
        book.unlike(code, f"{name} {key}", old.get(key), new.get(key), pointer.write(("x-job", name, key)))


def _reasons(book: ChangeLog) -> None:
    old, new = book.before.contract.reasons, book.after.contract.reasons
    for key in dict.fromkeys((*old, *new)):
        code = "removed" if key not in new else "added" if key not in old else "changed"
        at = pointer.write(("x-job", "reasons", key))
        book.unlike(f"reason.{code}", f"reason {key}", old.get(key), new.get(key), at)


def _models(book: ChangeLog) -> None:
    old, new = book.before.contract.models, book.after.contract.models
    for name in dict.fromkeys((*old, *new)):
        where, at = f"model {name}", pointer.write(("x-job", "models", name))
        if name not in new:
            book.note("model.removed", where, name, None, at)
        elif name not in old:
            book.note("model.added", where, None, name, at)
        else:
            _model(book, old[name], new[name], where, at)


def _model(book: ChangeLog, old: Model, new: Model, where: str, at: str) -> None:
    book.unlike("text.changed", f"{where} (title)", old.title, new.title, f"{at}/title")
    book.unlike("text.changed", f"{where} (about)", old.about, new.about, f"{at}/about")
    _clips(book, old.clips, new.clips, where, at)
    _price(book, old, new, where, f"{at}/price")


def _clips(
    book: ChangeLog, old: Mapping[str, ClipDefaults], new: Mapping[str, ClipDefaults], where: str, at: str
) -> None:
    for mode in dict.fromkeys((*old, *new)):
        code = "removed" if mode not in new else "added" if mode not in old else "changed"
        several = len(old) > 1 or len(new) > 1
        there = at + pointer.write(("clips", mode) if "clips" in book.after.node(at) else ("clip",))
        before, after = (_clip(side[mode]) if mode in side else None for side in (old, new))
        book.unlike(f"model.clip-{code}", f"{where}, mode {mode}" if several else where, before, after, there)


def _clip(clip: ClipDefaults) -> str:
    return f"{clip.height}p {clip.fps} fps, {clip.seconds:g} s, {clip.ratio}"


def _price(book: ChangeLog, old: Model, new: Model, where: str, at: str) -> None:
    if old.price == new.price:
        return
    code = "changed"
    if old.price and new.price and old.price[1:] == new.price[1:]:
        code = "raised" if new.price.amount > old.price.amount else "lowered"
    before, after = (
        price and f"{price.amount:g} {price.unit} a {price.per}" for price in (old.price, new.price)
    )
    book.note(f"model.price-{code}", where, before, after, at)


def _rules(book: ChangeLog) -> None:
    """The module, and, as a module may read them, the overlays in force."""
    old, new = (_reading(side.job, side.contract.overlays) for side in (book.before, book.after))
    book.unlike("rules.changed", "rules across fields", old, new, "/x-job/rules")


def _reading(job: Mapping[str, Any], overlays: tuple[str, ...]) -> str | None:
    if "rules" not in job:
        return None
    return f"{job['rules']} with {', '.join(overlays)}" if overlays else str(job["rules"])


def _texts(book: ChangeLog) -> None:
    old, new = book.before, book.after
    for key in ("provider", "title", "sources", "profiles"):
        book.unlike("text.changed", key, old.job.get(key), new.job.get(key), f"/x-job/{key}")
    for key in ("title", "version", "description"):
        before, after = (side.contract.document.get("info", {}).get(key) for side in (old, new))
        book.unlike("text.changed", f"info {key}", before, after, f"/info/{key}")
