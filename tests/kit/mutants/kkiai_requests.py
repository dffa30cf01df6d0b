"""kkiai's contract with one rule of requests changed each."""

from __future__ import annotations

from typing import Final

from tests.kit.mutants.edit import OPEN, at, drop, put
from tests.kit.mutants.kkiai import ASKED, IMAGE, LIST, SUBMIT, mutant

REQUESTS: Final = (
    *(
        mutant(
            f"{name}-not-required",
            f"{name} may be left out",
            put(
                ASKED,
                "/required",
                [one for one in ("model_name", "image", "mode", "duration") if one != name],
            ),
        )
        for name in ("image", "mode", "duration")
    ),
    mutant("mode-more", "a further mode is taken", put(ASKED, "/properties/mode/enum", ["std", "pro", "4k"])),
    mutant("duration-any", "any length is taken", drop(ASKED, "/properties/duration/enum")),
    mutant(
        "duration-text-alone",
        "a length has to be text",
        put(
            ASKED,
            "/properties/duration",
            {
                "type": "string",
                "enum": ["5", "10"],
                "x-provenance": "DOCUMENTED S5 Body Parameters: duration",
            },
        ),
    ),
    mutant("prompt-longer", "a prompt may be longer", put(ASKED, "/properties/prompt/maxLength", 2600)),
    mutant(
        "guidance-everywhere",
        "cfg_scale is taken by every model",
        put(
            ASKED,
            "/$defs/guidance/then/properties/cfg_scale",
            {"x-provenance": "DOCUMENTED S5 Body Parameters: cfg_scale"},
        ),
    ),
    mutant(
        "sound-everywhere",
        "sound is taken by every model",
        put(ASKED, "/$defs/sound/else/properties/sound/enum", ["on", "off", ""]),
    ),
    mutant(
        "sound-not-empty", "an empty sound is refused", put(ASKED, "/properties/sound/enum", ["on", "off"])
    ),
    mutant("masks-more", "more masks are taken", put(ASKED, "/properties/dynamic_masks/maxItems", 7)),
    mutant(
        "path-of-one",
        "a path of one point is taken",
        put(ASKED, "/properties/dynamic_masks/items/properties/trajectories/minItems", 1),
    ),
    mutant(
        "camera-further",
        "the camera goes further",
        put(ASKED, "/properties/camera_control/properties/config/properties/zoom/maximum", 20),
    ),
    mutant(
        "shot-without-index",
        "a shot needs no number",
        put(ASKED, "/properties/multi_prompt/items/required", ["prompt", "duration"]),
    ),
    mutant("picture-smaller", "a smaller picture is taken", put(ASKED, f"{IMAGE}/minSide", 100)),
    mutant(
        "picture-data-uri",
        "a picture in a data URI is taken",
        put(ASKED, f"{IMAGE}/forms", ["url", "base64", "data-uri"]),
    ),
    mutant(
        "tail-not-empty",
        "an empty last frame is refused",
        put(ASKED, "/properties/image_tail/x-image/empty", False),
    ),
    mutant(
        "callback-any",
        "a callback URL may be anything",
        drop(ASKED, "/properties/callback_url/then/pattern"),
        assumed=True,
    ),
    mutant("size-more", "a larger page is taken", at(f"{LIST}/parameters/1/schema/maximum", 501)),
    mutant("number-nought", "a page of number 0 is taken", at(f"{LIST}/parameters/0/schema/minimum", 0)),
    mutant(
        "model-forgotten",
        "the newest model is refused",
        drop(OPEN, "/x-job/models/kling-v3"),
        drop(ASKED, "/properties/model_name/enum/8"),
        put(ASKED, "/$defs/sound/if/properties/model_name/enum", ["kling-v2-6"]),
        drop(OPEN, f"{SUBMIT}/requestBody/content/application~1json/examples/shots"),
    ),
)
