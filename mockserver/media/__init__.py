"""Floor 1. Clips and thumbnails that show the request, and the size of a picture from its header.

A clip is a pure function of its `VideoSpec`. Knows no HTTP, no contract and no store.
May import the standard library, Pillow, imageio-ffmpeg (for sound), and `errors` and `settings` of ours;
Pillow and imageio-ffmpeg only inside functions, because every start of the server imports this room.
"""
