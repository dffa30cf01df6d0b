"""The way through: a request becomes a response, in one pipeline that fits a screen.

Floor 3. May import `contract`, `jobs`, `stores.base`, `faults`, `media.spec`, `settings` and
`errors`. Knows no web framework.
"""
