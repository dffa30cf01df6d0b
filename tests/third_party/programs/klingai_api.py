"""klingai-api: a session signs its token when it is entered, so that each poll brings one of its own."""

import sys
import time
import urllib.request
from importlib import import_module

clip, base = sys.argv[1:]
api = import_module("api")
api.API.base = base

with api.KlingAiAPI() as kling:
    task = kling.text2video("A paper boat on a pond", model_name=api.Text2VideoModel.kling_v2_6)
print("submit", flush=True)

status = ""
while status not in ("succeed", "failed"):
    time.sleep(1.1)
    with api.KlingAiAPI() as kling:
        read = kling.get_text2video(task["data"]["task_id"])
    status = read["data"]["task_status"]
assert status == "succeed", read
print("poll", flush=True)

with api.KlingAiAPI() as kling:
    listed = kling.list_text2video()
assert [job["task_id"] for job in listed["data"]] == [task["data"]["task_id"]], listed
print("list", flush=True)

urllib.request.urlretrieve(read["data"]["task_result"]["videos"][0]["url"], clip)
print("clip", flush=True)
