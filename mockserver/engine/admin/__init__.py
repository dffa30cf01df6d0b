"""What the control plane does with jobs, clocks, explanations and scenarios.

May import the rest of `engine` but for the pipeline; `control` turns it into HTTP.
"""
