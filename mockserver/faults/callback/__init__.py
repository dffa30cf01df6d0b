"""Faults that act on a job's callbacks. One file each; may import `faults` only."""
