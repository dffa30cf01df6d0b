"""langchain-aimlapi: knows a prompt and no picture, sends `n` and `response_format`, and gives a link."""

import sys
import urllib.request
from importlib import import_module

clip, base_url = sys.argv[1:]
langchain = import_module("langchain_aimlapi")

model = langchain.AimlapiVideoModel(
    model="kling-video/v1/standard/text-to-video", provider="kling", base_url=base_url
)
(url,) = model.generate_videos("A paper boat on a pond", poll_interval=0.2)
print("submit\npoll", flush=True)

urllib.request.urlretrieve(url, clip)
print("clip", flush=True)
