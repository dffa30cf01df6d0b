"""Traffic read by a contract: exchanges, the calls that they are, the histories of jobs.

May import `contract`, `media.picture` and `terms`; every check and judge of the kit stands on it.
"""
