"""What the control plane does to jobs and clocks, why a job is where it is, and scenarios.

May import the rest of `engine` but for the pipeline; `control` turns it into HTTP.
"""
