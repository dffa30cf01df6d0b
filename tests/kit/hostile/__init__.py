"""The kit against a hostile other side: endpoints, recordings and clients that want it to end badly."""
