"""Loads a provider's folder as a Contract, or raises a ContractError that says where and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract import pointer, source
from mockserver.contract.bundled import Bundled
from mockserver.contract.extension import check_part
from mockserver.contract.formats import Measure
from mockserver.contract.lifecycle import StateWord, default_path
from mockserver.contract.media_places import MediaPlaces
from mockserver.contract.model import ClipDefaults, Contract, Model, Price
from mockserver.contract.operations import Operations
from mockserver.contract.other_ids import OtherId
from mockserver.contract.shared_bodies import with_bodies
from mockserver.errors import ContractError
from mockserver.terms import ENDED


def load_contract(
    folder: Path, *, measure: Measure, profile: str = "documented", overlays: Sequence[str] = ()
) -> Contract:
    """Read, check and compile the contract in `folder` as `profile` reads it, plus `overlays`.

    `measure` reads a picture's header. Raises ContractError at the first thing that is wrong.
    """
    return compile_contract(source.read_source(folder), measure=measure, profile=profile, overlays=overlays)


def compile_contract(
    files: source.Source,
    *,
    measure: Measure,
    profile: str = "documented",
    overlays: Sequence[str] = (),
    sound: bool = False,
) -> Contract:
    """`load_contract` for files that are already read.

    Files that are known to be `sound` are checked only if they fail to compile, and their validators are
    compiled at their first use. This saves half of the time of a start.
    """
    if sound:
        with suppress(Exception):
            return _compiled(files, (*_overlays_of(files, profile), *overlays), measure, profile, sound=True)
    chosen = (*profile_overlays(files, profile), *overlays)
    for name in files.overlays():
        check_part(files.files[f"overlays/{name}.json"], "overlay", f"overlays/{name}.json", "")
    return _compiled(files, chosen, measure, profile, sound=False)


def _compiled(
    files: source.Source, overlays: tuple[str, ...], measure: Measure, profile: str, *, sound: bool
) -> Contract:
    overlaid, _ = with_bodies(source.apply_overlays(files, overlays))
    if sound:
        document = source.bundle(overlaid, sound=True)
    else:
        document = _checked_document(overlaid)
    return _Compiler(Bundled(overlaid, document, overlays, measure, sound=sound), profile).contract()


def _checked_document(overlaid: source.Source) -> dict[str, Any]:
    """The bundled document, after checking that it has the shape that the compiler expects."""
    from mockserver.contract import shape

    shape.check(overlaid)
    document = source.bundle(overlaid, shape.check_image)
    check_part(document["x-job"], "document", source.DOCUMENT, "/x-job")
    return document


def _overlays_of(files: source.Source, profile: str) -> tuple[str, ...]:
    return tuple(files.files[source.DOCUMENT]["x-job"]["profiles"][profile])


def profile_overlays(files: source.Source, profile: str) -> tuple[str, ...]:
    """The overlays of a profile. Raises ContractError for a profile that the contract lacks."""
    document = files.files[source.DOCUMENT]
    if not isinstance(document.get("x-job"), dict):
        raise ContractError("x-job is missing: it describes the states of a job", file=source.DOCUMENT)
    check_part(document["x-job"], "document", source.DOCUMENT, "/x-job")
    profiles = document["x-job"]["profiles"]
    if profile not in profiles:
        known = ", ".join(profiles)
        raise ContractError(
            f"has no profile {profile!r}; profiles: {known}", file=source.DOCUMENT, pointer="/x-job/profiles"
        )
    return _overlays_of(files, profile)


class _Compiler:
    """Turns one bundled document into a Contract."""

    def __init__(self, bundled: Bundled, profile: str) -> None:
        self.bundled = bundled
        self.document = bundled.document
        self.job = bundled.job
        self.profile = profile

    def contract(self) -> Contract:
        job = self.job
        states, operations = self.states(), Operations(self.bundled)
        return Contract(
            provider=self.bundled.files.served_as or job["provider"],
            title=job["title"],
            profile=self.profile,
            overlays=self.bundled.overlays,
            document=self.document,
            prefixes=self.prefixes(),
            operations=operations.operations(),
            states=states,
            words={word: state.named for word, state in states.items() if state.named},
            default_path=default_path(states),
            models={name: self.model(name, entry) for name, entry in job["models"].items()},
            media=MediaPlaces(job["media"]),
            reasons={name: entry["text"] for name, entry in job.get("reasons", {}).items()},
            id_kind=job["id"]["kind"],
            id_length=job["id"].get("length", 21),
            id_prefix=job["id"].get("prefix", ""),
            ids=self.ids(),
            codes=_codes(job.get("reasons", {})),
            measure=self.bundled.measure,
            time=job["time"],
            sources=job["sources"],
            profiles={name: tuple(entry) for name, entry in job["profiles"].items()},
            unknown_path=operations.answers.unknown_path(),
            parallel_per_model=job.get("parallel") == "model",
            masks_reason=_masks_reason(job.get("reasons", {})),
        )

    def ids(self) -> dict[str, OtherId]:
        """The further ids of a job, by name."""
        own = self.job["id"]
        ids = {
            name: OtherId(name, entry.get("prefix", ""), own["kind"], own.get("prefix", ""))
            for name, entry in self.job.get("ids", {}).items()
        }
        for name in ids.keys() & {"id", "alias"}:
            raise self.bundled.error(f"{name!r} is a name of the job's own", f"/x-job/ids/{name}")
        return ids

    def prefixes(self) -> tuple[str, ...]:
        servers = self.document.get("servers") or [{"url": "/"}]
        below = self.bundled.files.below
        paths = [below + urlsplit(server["url"]).path.rstrip("/") for server in servers]
        return tuple(dict.fromkeys(paths))

    def states(self) -> dict[str, StateWord]:
        states = {
            word: StateWord(
                word,
                entry["phase"],
                tuple(entry["next"]),
                round(entry.get("seconds", 0) * 1000),
                entry["x-provenance"],
                entry.get("links", False),
                entry.get("word", ""),
            )
            for word, entry in self.job["states"].items()
        }
        for state in states.values():
            self._check_successors(state, states)
        if default_path(states)[-1].phase != "succeeded":
            raise self.bundled.error(
                "the path by the first entries of `next` does not end in success", "/x-job/states"
            )
        if not any(state.phase == "failed" for state in states.values()):
            raise self.bundled.error("no state has the phase failed", "/x-job/states")
        return states

    def _check_successors(self, state: StateWord, states: Mapping[str, StateWord]) -> None:
        at = f"/x-job/states{pointer.write((state.word,))}/next"
        for word in state.next:
            if word not in states:
                raise self.bundled.error(f"{word!r} is not one of the states {', '.join(states)}", at)
        if state.phase in ENDED and state.next:
            raise self.bundled.error(f"{state.word!r}: an ended state has no successor", at)
        if state.phase not in ENDED and not state.next:
            raise self.bundled.error(f"{state.word!r}: a state that has not ended needs a successor", at)

    def model(self, name: str, entry: dict[str, Any]) -> Model:
        clips = entry.get("clips", {})
        if "clip" in entry:
            clips = {"default": entry["clip"]}
        return Model(
            id=name,
            title=entry.get("title", name),
            about=entry.get("about", ""),
            payload=source.resolve(self.document, entry["payload"]),
            clips={
                mode: ClipDefaults(
                    clip["height"], clip["fps"], clip.get("seconds", 5.0), clip.get("ratio", "16:9")
                )
                for mode, clip in clips.items()
            },
            provenance=entry["x-provenance"],
            price=_price(entry.get("price")),
            images={
                mode: ClipDefaults(image["height"], 1, 0.0, image.get("ratio", "16:9"))
                for mode, image in entry.get("images", {}).items()
            },
        )


def _codes(reasons: Mapping[str, Any]) -> dict[str, str | int]:
    """The codes of reasons by their texts; the default one's is that of the empty text too."""
    coded = {entry["text"]: entry["code"] for entry in reversed([*reasons.values()]) if "code" in entry}
    default = reasons.get("default", {})
    return {**coded, **({"": default["code"]} if "code" in default else {})}


def _masks_reason(reasons: Mapping[str, Any]) -> str:
    return next((entry["text"] for entry in reasons.values() if entry.get("when") == "masks-differ"), "")


def _price(entry: Mapping[str, Any] | None) -> Price | None:
    if entry is None:
        return None
    return Price(entry["amount"], entry["unit"], entry["per"])
