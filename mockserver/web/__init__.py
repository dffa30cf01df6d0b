"""The providers' routes and media as plain ASGI: no framework between a request and its answer.

Floor 4. May import `engine`, `faults.seams`, `settings` and `errors`; never sees `control`.
"""
