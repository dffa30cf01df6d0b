"""The typed client of the control plane: its calls, its claims, and clients for both kinds of code.

    with ControlClient("http://127.0.0.1:8787", token, key="my-test-key") as mock:
        mock.freeze()
        mock.add_rule("too-many", when={"role": "submit"}, times=1)
        ...
        mock.jump()

Imports nothing of ours. What stands in `__all__` is public and stable.
"""

from mockserver.control_client.client import AsyncControlClient, ControlClient, ControlError, Json

__all__ = ["AsyncControlClient", "ControlClient", "ControlError", "Json"]
