"""What JSON Schema cannot say, one module a provider, named by `x-job.rules`.

A rule module has `check(body, overlays)`: the submitted body, the names of the overlays in
force, and every rule the body breaks.
"""
