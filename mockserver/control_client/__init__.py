"""The typed client of the control plane, for synchronous and asynchronous code.

    with ControlClient("http://127.0.0.1:8787", token, key="my-test-key") as mock:
        mock.freeze()
        mock.add_rule("too-many", when={"role": "submit"}, times=1)
        ...
        mock.jump()

Stable are the names in `__all__`, the verbs of the clients, and the keys of the answers (`answers`): new
keys may come, none goes. Imports nothing of ours.
"""

from mockserver.control_client.client import AsyncControlClient, ControlClient, ControlError, Json

__all__ = ["AsyncControlClient", "ControlClient", "ControlError", "Json"]
