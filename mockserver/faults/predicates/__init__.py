"""What a rule can ask of a request. One file each; may import `faults` only."""
