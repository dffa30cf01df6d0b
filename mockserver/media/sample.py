"""A sample picture to submit: a dusk over hills, drawn as lines of colour."""

from __future__ import annotations

import io
import math


def sample_picture(width: int, height: int) -> bytes:
    """A PNG of that size in pixels, always the same bytes for the same size."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(picture)
    for y in range(height):
        share = y / height
        draw.line(
            [(0, y), (width, y)],
            fill=(round(30 + 200 * share), round(40 + 90 * share), round(110 - 30 * share)),
        )
    radius = height // 9
    sun = (width * 2 // 3, height // 2)
    draw.ellipse([sun[0] - radius, sun[1] - radius, sun[0] + radius, sun[1] + radius], fill=(255, 214, 140))
    for layer, colour in enumerate([(70, 50, 90), (45, 35, 70), (22, 20, 45)]):
        base, swing = height * (62 + 11 * layer) // 100, height // (12 + 4 * layer)
        ridge = [
            (x, base - swing * math.sin(x / width * (5 + 3 * layer) + layer * 2))
            for x in range(0, width + 8, 8)
        ]
        draw.polygon([*ridge, (width + 8, height), (0, height)], fill=colour)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
