"""Traffic read by a contract: exchanges, the calls they are, the histories of jobs.

May import `contract` only; every judge of the kit stands on it.
"""
