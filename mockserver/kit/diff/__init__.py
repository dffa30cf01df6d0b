"""What changed between two contracts, for a client that was written against the first."""
