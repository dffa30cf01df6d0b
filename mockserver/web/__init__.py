"""The providers' side of the server, as plain ASGI: no framework between a request and its answer.

Floor 4. May import `engine`, `media`, `stores.base`, `jobs`, `contract`, `settings` and `errors`;
never sees `control`.
"""
