"""Faults that act on a clip or thumbnail that is fetched. One file each; may import `faults` only."""
