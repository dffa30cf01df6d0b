"""Judges of servers and clients: strategies, checks, machines, traces, reports, all from the contracts.

Beside the floors. May import `contract`, `control_client`, `media.picture` (to measure a header),
`settings` and `errors`; it reaches every server by URL and starts ours as a process. Importing it
imports nothing.
"""
