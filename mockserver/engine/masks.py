"""Whether the masks of a submit fit together and to its picture."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from mockserver.contract.formats import PictureHeader, measured
from mockserver.contract.media_places import MediaPlaces
from mockserver.contract.model import Contract
from mockserver.contract.pointer import ABSENT
from mockserver.engine.request_context import RequestContext
from mockserver.stores.base import LARGE


async def differ(context: RequestContext) -> bool:
    """Whether the contract has jobs fail whose masks differ, and those of this submit do.

    A mask or picture that is a link is never fetched, and so fits.
    """
    contract, media = context.contract, context.operation.media
    if not contract.masks_reason or not {"moving", "still"} & media.keys():
        return False
    if len(context.request.body) > LARGE:
        return await asyncio.to_thread(_differ, contract, media, context.body)
    return _differ(contract, media, context.body)


def _differ(contract: Contract, media: MediaPlaces, body: Any) -> bool:
    headers = (measured(text, contract.measure) for text in _masks(media, body))
    masks = [header for header in headers if header is not None]
    if len({(mask.width, mask.height) for mask in masks}) > 1:
        return True
    picture = measured(media.value(body, "first"), contract.measure)
    return bool(masks) and picture is not None and not _alike(masks[0], picture)


def _masks(media: MediaPlaces, body: Any) -> Iterator[Any]:
    yield media.value(body, "still")
    moving = media.value(body, "moving")
    if moving is not ABSENT and isinstance(moving, list):
        yield from (part.get("mask") for part in moving if isinstance(part, dict))


def _alike(mask: PictureHeader, picture: PictureHeader) -> bool:
    """Whether the mask's ratio is the picture's, but for what is lost where sides are rounded to pixels."""
    difference = abs(mask.width * picture.height - mask.height * picture.width)
    return difference <= max(picture.width, picture.height)
