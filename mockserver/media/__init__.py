"""Floor 1. Clips and thumbnails that show the request, and the size of a picture from its header.

A clip is a pure function of its `VideoSpec`. Knows no HTTP, no contract and no store.
May import the standard library, Pillow, imageio-ffmpeg (for sound and plain clips), what the extra `scripts`
installs, and leaves of ours as `errors` and `extras`; the libraries only inside functions, because every
start of the server imports this room.
"""
