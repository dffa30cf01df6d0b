"""Every provider, the invented one too, does what its goldens and its pages' rows say, over a real socket."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from mockserver.settings import Settings
from tests.providers.golden import FIXTURES, FOLDERS, ID_AT, Golden, Player, Row, goldens, key_headers, rows
from tests.serving import Running, running_app

Serve = Callable[[Golden | Row], Running]
GOLDENS = [golden for provider in FOLDERS for golden in goldens(provider)]
ROWS = [row for provider in FOLDERS for row in rows(provider)]
PAGE_ROWS = {
    "S1": ("model payload.prompt payload.image payload.duration payload.negative_prompt payload.cfg_scale"),
    "S2": "prompt image duration negative_prompt cfg.scale",
    "S3": (
        "model tail_image_url image_url ratio aspect_ratio prompt duration negative_prompt cfg_scale "
        "generation_id"
    ),
    "S4": (
        "model payload.prompt payload.negative_prompt payload.duration payload.aspect_ratio payload.cfg_scale"
    ),
    "S5": (
        "Content-Type Authorization model_name image image_tail prompt negative_prompt voice_list "
        "voice_list.voice_id sound cfg_scale mode static_mask multi_shot shot_type multi_prompt "
        "multi_prompt.index multi_prompt.prompt multi_prompt.duration dynamic_masks dynamic_masks.mask "
        "dynamic_masks.trajectories camera_control camera_control.type camera_control.config duration "
        "watermark_info watermark_info.enabled callback_url external_task_id"
    ),
    "K1 multi-image2video": (
        "model_name image_list image_list.image prompt negative_prompt mode duration aspect_ratio "
        "watermark_info callback_url external_task_id"
    ),
    "A1 text-to-video": (
        "model prompt aspect_ratio ratio duration negative_prompt cfg_scale camera_control "
        "advanced_camera_control advanced_camera_control.movement_type "
        "advanced_camera_control.movement_value provider"
    ),
    "K2 omni-video": (
        "model_name multi_shot shot_type prompt multi_prompt multi_prompt.index multi_prompt.prompt "
        "multi_prompt.duration image_list image_list.image_url image_list.type element_list video_list "
        "video_list.video_url video_list.refer_type video_list.keep_original_sound sound mode aspect_ratio "
        "duration watermark_info callback_url external_task_id"
    ),
    "K10 lip-sync": (
        "input input.video_id input.video_url input.mode input.text input.voice_id input.voice_language "
        "input.voice_speed input.audio_type input.audio_file input.audio_url callback_url"
    ),
    "K9 face-recog": "video_id video_url",
    "K9 lip-sync": (
        "session_id face_choose face_choose.face_id face_choose.audio_id face_choose.sound_file "
        "face_choose.sound_start_time face_choose.sound_end_time face_choose.sound_insert_time "
        "face_choose.sound_volume face_choose.original_audio_volume watermark_info external_task_id "
        "callback_url"
    ),
    "K2 motion-control": (
        "model_name prompt image_url video_url keep_original_sound character_orientation mode element_list "
        "watermark_info callback_url external_task_id"
    ),
    "K9 image-generation": (
        "model_name prompt negative_prompt image image_reference image_fidelity human_fidelity element_list "
        "resolution n aspect_ratio watermark_info callback_url external_task_id"
    ),
    "K9 video-effects": (
        "effect_scene input input.image input.images input.model_name input.mode input.duration callback_url "
        "external_task_id"
    ),
    "M1 kling-v1.6-pro": (
        "input.prompt input.negative_prompt input.aspect_ratio input.start_image input.end_image "
        "input.reference_images input.cfg_scale input.duration"
    ),
    "M2 kling-v2.0": (
        "input.prompt input.negative_prompt input.aspect_ratio input.start_image input.cfg_scale "
        "input.duration"
    ),
    "M3 video-01": "input.prompt input.first_frame_image input.subject_reference input.prompt_optimizer",
    "M4 veo-2": "input.prompt input.image input.aspect_ratio input.duration input.seed",
    "S1 createVideo": "prompt model seconds size input_reference",
    "S1 Veo API parameters": (
        "prompt negativePrompt image lastFrame referenceImages aspectRatio resolution durationSeconds "
        "personGeneration seed"
    ),
    "V1 generate_videos": "number_of_videos enhance_prompt duration_seconds image",
    "V2 KlingVideoV16ProImageToVideoInput": (
        "prompt image_url tail_image_url duration aspect_ratio negative_prompt cfg_scale"
    ),
    "M2 kling-video-v2-master": "prompt image_url duration negative_prompt cfg_scale",
    "V2 KlingVideoV15ProTextToVideoInput": "prompt duration aspect_ratio negative_prompt cfg_scale",
    "V2 MinimaxVideo01Input": "prompt prompt_optimizer",
    "V2 Veo31Input": (
        "prompt duration aspect_ratio resolution negative_prompt generate_audio auto_fix safety_tolerance "
        "seed"
    ),
    "S2 submit": "fal_max_queue_length X-Fal-Request-Start-Timeout X-Fal-Request-Timeout",
    "V1 predictions.create": "version input stream webhook webhook_events_filter",
}
"""The parameter tables of the documentation pages, row by row, as their pages spell them."""


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """A server for each profile and set of overlays, started when first needed."""
    with ExitStack() as stack:
        running: dict[tuple[str, str, tuple[str, ...]], Running] = {}

        def start(played: Golden | Row) -> Running:
            key = played.provider, played.profile, played.overlays
            if key not in running:
                settings = Settings(
                    providers=(played.provider,),
                    profile=played.profile,
                    overlays=played.overlays,
                    contracts=(FIXTURES / "orbit",),
                )
                running[key] = stack.enter_context(running_app(settings))
            return running[key]

        yield start


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: f"{golden.provider}-{golden.name}")
def test_golden(golden: Golden, serve: Serve) -> None:
    server = serve(golden)
    with server.client(None) as client:
        headers = key_headers(golden.provider, f"key-of-{golden.provider}-{golden.name}")
        Player(client, server.clock, headers).play(golden)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row(row: Row, serve: Serve) -> None:
    server = serve(row)
    with server.client(None) as client:
        player = Player(client, server.clock, key_headers(row.provider, "key-of-rows"))
        if row.before is not None:
            player.keep(row.before, player.send(row.before["request"]))
        if "{id}" in str(row.request):
            player.captured["id"] = _submitted_id(player, row)
        answer = player.send(row.request)
    if row.says is None:
        assert answer.is_success, answer.text
        return
    assert answer.status_code == (row.status or 400), answer.text
    for words in row.says:
        assert words in answer.text


def _submitted_id(player: Player, row: Row) -> str:
    body = player.send(row.base).json()
    for part in ID_AT[row.provider].strip("/").split("/"):
        body = body[part]
    return str(body)


@pytest.mark.parametrize("page", PAGE_ROWS)
def test_every_row_of_the_page_has_an_accepted_and_a_refused_example(page: str) -> None:
    verdicts: dict[str, set[bool]] = defaultdict(set)
    for row in ROWS:
        if row.page == page:
            verdicts[row.row].add(row.says is None)
    missing = {row: verdicts[row] for row in PAGE_ROWS[page].split() if verdicts[row] != {True, False}}
    assert not missing, f"{page}: rows without an accepted (True) and a refused (False) example: {missing}"


@pytest.mark.parametrize("provider", ["gmicloud", "aimlapi", "kkiai"])
def test_what_public_clients_send_has_an_answer_in_every_profile(provider: str) -> None:
    clients = {golden.profile: golden for golden in goldens(provider) if golden.name.startswith("clients-")}
    sent = {profile: [step["request"] for step in golden.steps] for profile, golden in clients.items()}

    assert sent.keys() == {"documented", "vendor", "observed"}
    assert sent["documented"] == sent["vendor"] == sent["observed"]
