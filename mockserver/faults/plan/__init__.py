"""Faults that change a job's plan when it is submitted. One file each; may import `faults` only."""
