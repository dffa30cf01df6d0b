"""Checks: one file a family, each check a rule about one more call in view of the history before it.

Every module of this folder with a function marked `@check` is found by its being here.
"""
