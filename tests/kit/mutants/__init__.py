"""Our own contracts, each made wrong in one way: what a server does that keeps to them."""
