"""Running cases: the runner, one case's run, the client's process, the proxy and the clock.

May import the rest of the kit's rooms below it, `conform.case`, `conform.evidence`, `conform.task` and
`conform.judges`; knows nothing of reports.
"""
